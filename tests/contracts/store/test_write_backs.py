"""What the store promises about what was written into the portal (port `WriteBacks`)."""

from __future__ import annotations

import datetime as dt

import pytest

from include.domain.lifecycle import State
from include.domain.notification import TOLD_STATES
from tests.contracts.store.worlds import World
from tests.fakes.clock import START

NAMED = "state in etat"
Due = list[tuple[str, str, int | None]]


def due(world: World, targets: str = NAMED, limit: int = 9) -> Due:
    found = world.write_backs.to_write_back(targets, TOLD_STATES, limit=limit)
    return [(work.portal_id, str(work.state), work.chorus_id) for work in found]


def write(world: World) -> None:
    for work in world.write_backs.to_write_back(NAMED, TOLD_STATES, limit=9):
        world.write_backs.written_back(work)


def a_ready_one(world: World, number: str = "A") -> int:
    invoice_id = world.invoice(number).row_version.invoice_id
    world.set(invoice_id, state=State.READY)
    return invoice_id


def test_what_changed_since_it_was_written_is_due(world: World) -> None:
    invoice_id = a_ready_one(world)
    assert due(world) == [("Factures/A.pdf", "ready", None)]
    write(world)
    assert due(world) == []
    world.set(invoice_id, state=State.SUBMITTED, chorus_id=7)
    assert due(world) == [("Factures/A.pdf", "submitted", 7)]


def test_other_metadata_have_all_written_again(world: World) -> None:
    a_ready_one(world)
    write(world)
    assert due(world, "state in other") == [("Factures/A.pdf", "ready", None)]


@pytest.mark.parametrize("state", [State.DETECTED, State.MATCHED, State.READ, State.SUBMITTING])
def test_a_state_that_passes_by_itself_is_not_written(world: World, state: State) -> None:
    world.set(a_ready_one(world), state=state)
    assert due(world) == []


def test_an_ignored_document_is_written_only_if_it_was_an_invoice_before(world: World) -> None:
    invoice_id = a_ready_one(world)
    world.set(invoice_id, state=State.IGNORED)
    assert due(world) == []
    world.set(invoice_id, state=State.READY)
    write(world)
    world.set(invoice_id, state=State.IGNORED)
    assert due(world) == [("Factures/A.pdf", "ignored", None)]


def test_the_latest_change_comes_first(world: World) -> None:
    older = a_ready_one(world, "A")
    a_ready_one(world, "B")
    assert [portal_id for portal_id, _, _ in due(world)] == ["Factures/B.pdf", "Factures/A.pdf"]
    world.set(older, state=State.READY, changed_at=START + dt.timedelta(days=1))
    assert due(world, limit=1) == [("Factures/A.pdf", "ready", None)]


def test_remembering_takes_the_row_from_nobody(world: World) -> None:
    invoice_id = a_ready_one(world)
    before = world.held(invoice_id)
    write(world)
    assert world.held(invoice_id) == before


def test_a_change_between_looking_and_remembering_is_still_due(world: World) -> None:
    invoice_id = a_ready_one(world)
    [looked] = world.write_backs.to_write_back(NAMED, TOLD_STATES, limit=9)
    world.set(invoice_id, state=State.SUBMITTED, chorus_id=7)
    world.write_backs.written_back(looked)
    assert due(world) == [("Factures/A.pdf", "submitted", 7)]
