"""A worker killed at every step of the path: the platform holds each invoice once, and our row says so."""

from __future__ import annotations

import pytest

from include.domain.lifecycle import State
from tests.e2e.exactly_once.conftest import Field, eventually
from tests.e2e.exactly_once.control import SUBMIT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize(
    "step",
    [
        "before-upload",
        "uploaded-id-not-stored",
        "upload-id-stored",
        "before-claim",
        "keys-reserved",
        "claim-not-committed",
        "claimed",
        "before-post",
        "answered",
        "answer-not-stored",
        "answer-not-committed",
        "answer-stored",
    ],
)
def test_killed_on_the_way_of_an_invoice(field: Field, step: str) -> None:
    invoice_ids = field.add_many(["F-1", "F-2"])
    field.worker(step).wait_until_killed()
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


@pytest.mark.parametrize("step", ["claimed", "answer-not-stored"])
@pytest.mark.parametrize("second", ["lapse-not-committed", "lapse-stored"])
def test_killed_again_while_the_lapsed_lease_is_noticed(field: Field, step: str, second: str) -> None:
    invoice_ids = field.add_many(["F-1"])
    field.worker(step).wait_until_killed()
    field.let_the_leases_run_out()
    field.worker(second).wait_until_killed()
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


def test_killed_in_the_post_before_the_platform_took_it(field: Field) -> None:
    invoice_ids = field.add_many(["F-1"])
    before = field.platform.calls(SUBMIT)
    field.platform.fail(SUBMIT, "slow", seconds=3)
    worker = field.worker()
    worker.works_until(lambda: field.platform.call("GET", "faults")["items"][0]["fired"] == 1, "the POST has arrived")
    worker.kill()
    assert field.platform.held() == {}, "not taken yet, and no longer ours to stop"
    eventually(lambda: field.platform.calls(SUBMIT) > before, "the platform took it after the sender's death")
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


def test_killed_in_the_post_after_the_platform_took_it(field: Field) -> None:
    invoice_ids = field.add_many(["F-1"])
    field.platform.fail(SUBMIT, "slow_after_accept", seconds=3)
    worker = field.worker()
    worker.works_until(lambda: "F-1" in field.platform.held(), "taken")
    worker.kill()
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


@pytest.mark.parametrize("step", ["never-left-not-stored", "never-left-stored", "cut-not-stored", "cut-stored"])
@pytest.mark.parametrize("taken", [False, True])
def test_killed_while_storing_that_it_was_not_taken_or_that_nobody_knows(field: Field, step: str, taken: bool) -> None:
    invoice_ids = field.add_many(["F-1"])
    if step.startswith("never-left"):
        field.platform.fail(SUBMIT, "rate_limited")
    else:
        field.platform.fail(SUBMIT, "drop_after_accept" if taken else "drop_before")
    field.worker(step).wait_until_killed()
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


@pytest.mark.parametrize("step", ["before-rival", "rival-seen", "hold-not-committed", "held"])
def test_killed_between_two_of_one_number_neither_goes_until_a_person_chose(field: Field, step: str) -> None:
    first, second = field.add("F-1"), field.add("f-1", content=b"%PDF-1.7 other", path="Factures/other.pdf")
    other = {"total_excl_tax": "2000.00", "total_tax": "400.00", "total_incl_tax": "2400.00"}
    rows = {"vat": [{"rate": "20.00", "base": "2000.00", "amount": "400.00"}]}
    field.store.assessments.edit(second, {**other, **rows}, actor="person", now=field.clock.now())
    calls = field.platform.calls(SUBMIT)
    field.worker(step).wait_until_killed()
    field.passes_until_nothing_moves()
    assert field.states() == {first: State.TO_COMPLETE, second: State.TO_COMPLETE}
    assert field.platform.calls(SUBMIT) == calls
    field.store.assessments.shelve(first, State.DISCARDED, reason="replaced", actor="person", now=field.clock.now())
    field.passes_until_nothing_moves()
    assert field.states() == {first: State.DISCARDED, second: State.SUBMITTED}
    field.each_exactly_once([second])
