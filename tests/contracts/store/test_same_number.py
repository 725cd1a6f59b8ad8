"""What the store says of two unsent invoices with one number (docs/reference/exactly-once.md 1.1)."""

from __future__ import annotations

import pytest

from include.application.ports.ledger import SameNumber, SendWork
from include.domain.errors import StaleError
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.transitions.submission import number_used_twice
from tests.contracts.store.worlds import World, ready
from tests.factories import a_submission
from tests.fakes.clock import START

OTHER_TOTAL = "2400.00"


def rival(world: World, work: SendWork) -> int | None:
    found = world.ledger.rival(work)
    return None if found is None else found.invoice_id


def two(world: World) -> tuple[SendWork, SendWork]:
    first = ready(world, "F-1", b"a")
    return first, ready(world, " f- 1", b"b", path="Factures/b.pdf", total_incl_tax=OTHER_TOTAL)


def hold(world: World, work: SendWork) -> None:
    """As the sender does before its claim."""
    other = world.ledger.rival(work)
    assert other is not None
    reason = number_used_twice(work.draft, other.invoice_id, document=other.document, total=other.total)
    assert world.ledger.not_sendable(work, (reason,), now=START)


def claim(world: World, work: SendWork, number: str) -> None:
    submission = a_submission(number, main_sha256=work.content_sha256)
    world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)


def due(world: World) -> list[int]:
    return [work.row_version.invoice_id for work in world.assessments.to_assess(1, limit=9)]


def test_each_is_told_of_the_other_by_name_and_total(world: World) -> None:
    first, second = two(world)
    other = SameNumber(invoice_id=second.row_version.invoice_id, document="b.pdf", total=OTHER_TOTAL)
    assert world.ledger.rival(first) == other
    assert rival(world, second) == first.row_version.invoice_id


@pytest.mark.parametrize(
    ("number", "values"),
    [
        ("F-2", {"total_incl_tax": OTHER_TOTAL}),
        ("F-1", {}),
        ("F-1", {"total_incl_tax": OTHER_TOTAL, "supplier_siret": "12345678200051"}),
    ],
    ids=["another number", "the same total", "another supplier"],
)
def test_others_are_no_rivals(world: World, number: str, values: dict[str, str]) -> None:
    first = ready(world, "F-1", b"a")
    ready(world, number, b"b", path="Factures/b.pdf", **values)
    assert rival(world, first) is None


@pytest.mark.parametrize("state", sorted(set(State) - {State.READY, State.TO_COMPLETE}))
def test_what_was_sent_or_put_aside_is_no_rival(world: World, state: State) -> None:
    first, second = two(world)
    world.set(second.row_version.invoice_id, state=state)
    assert rival(world, first) is None


def test_one_that_got_a_rival_since_we_looked_is_not_claimed(world: World) -> None:
    first, second = two(world)
    for work, number in ((first, "F-1"), (second, "f-1")):
        with pytest.raises(StaleError):
            claim(world, work, number)
        assert world.held(work.row_version.invoice_id).state is State.READY
    world.assessments.shelve(second.row_version.invoice_id, State.DISCARDED, reason="copy", actor="p", now=START)
    claim(world, first, "F-1")
    assert world.held(first.row_version.invoice_id).state is State.SUBMITTING


def test_one_that_waits_for_a_choice_is_assessed_again_once_the_other_is_out_of_the_way(world: World) -> None:
    first, second = two(world)
    hold(world, first)
    assert rival(world, second) == first.row_version.invoice_id, "waiting for a choice, it is one of the two still"
    hold(world, second)
    assert due(world) == []
    world.assessments.shelve(second.row_version.invoice_id, State.DISCARDED, reason="copy", actor="p", now=START)
    assert due(world) == [first.row_version.invoice_id]


def test_one_that_waits_for_something_else_is_left_alone(world: World) -> None:
    first, second = two(world)
    assert world.ledger.not_sendable(first, (Reason(code="attachment_missing"),), now=START)
    world.assessments.shelve(second.row_version.invoice_id, State.DISCARDED, reason="copy", actor="p", now=START)
    assert due(world) == []
