"""What the store promises about items that met an error of this program (port `InternalErrors`)."""

from __future__ import annotations

import dataclasses

from include.domain.internal_errors import Item
from include.domain.lifecycle import State
from include.domain.transitions.internal_error import InternalFault
from tests.contracts.store.worlds import World, ready
from tests.fakes.clock import START


def codes(world: World, invoice_id: int) -> list[str]:
    return [reason.code for reason in world.value(invoice_id, "reasons") or ()]


def test_the_reason_stands_with_the_invoice_and_is_told_once_however_often_it_comes(world: World) -> None:
    work = ready(world, "F-1")
    invoice_id = work.row_version.invoice_id
    fault = InternalFault(stage="submit", reference="ab12", item=Item("invoice", 1), row_version=work.row_version)
    world.internal_errors.record(fault, now=START)
    assert codes(world, invoice_id) == ["internal_error"]
    assert world.held(invoice_id).state is work.row_version.state
    world.internal_errors.record(dataclasses.replace(fault, row_version=world.held(invoice_id)), now=START)
    assert codes(world, invoice_id) == ["internal_error"]
    assert world.told().count(("alert", "internal_error")) == 1


def test_what_nobody_could_assess_is_incomplete_and_assessed_again(world: World) -> None:
    work = world.invoice("F-1")
    fault = InternalFault(stage="map", reference="ab12", item=Item("invoice", 1), row_version=work.row_version)
    world.internal_errors.record(fault, now=START)
    assert world.held(work.row_version.invoice_id).state is State.TO_COMPLETE
    assert [one.row_version.invoice_id for one in world.assessments.to_assess(1, limit=9)] == [
        work.row_version.invoice_id
    ]


def test_an_invoice_that_somebody_wrote_meanwhile_is_left_as_it_is_and_it_is_told_all_the_same(world: World) -> None:
    work = world.invoice("F-1")
    gone = dataclasses.replace(work.row_version, version=work.row_version.version + 7)
    fault = InternalFault(stage="map", reference="ab12", item=Item("invoice", 1), row_version=gone)
    world.internal_errors.record(fault, now=START)
    assert world.held(work.row_version.invoice_id) == work.row_version
    assert ("alert", "internal_error") in world.told()


def test_what_concerns_no_invoice_is_told(world: World) -> None:
    world.internal_errors.record(
        InternalFault(stage="collect", reference="ab12", item=Item("document", "a.pdf")), now=START
    )
    assert world.told() == [("alert", "internal_error")]
