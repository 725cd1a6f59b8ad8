"""What counts as a difference between our invoices and the platform's list, and what does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from include.domain.lifecycle import State
from include.domain.reconciliation import FindingKind, Horizon, Pair, There, differences
from tests.catalogues import table

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
HORIZON = Horizon(first_sent_on=dt.date(2026, 11, 1), retrieved_at=NOON)
THERE = There(status="MANDATEE", total=Decimal("1200.00"), deposited_on=dt.date(2026, 11, 10))
SAME = Pair(
    invoice_id=1,
    state=State.SUBMITTED,
    status="MANDATEE",
    sent_at=NOON - dt.timedelta(days=10),
    total=Decimal(1200),
    there=THERE,
)


def kinds(pair: Pair, horizon: Horizon = HORIZON) -> list[str]:
    return [one.kind for one in differences(pair, horizon)]


def test_two_sides_that_say_the_same_differ_in_nothing() -> None:
    assert kinds(SAME) == []
    assert kinds(replace(SAME, there=replace(THERE, total=Decimal("-1200.0")))) == [], "the sign of a credit note"


def test_what_was_sent_and_never_shown_is_missed_once_the_platform_had_its_time() -> None:
    gone = replace(SAME, there=None)
    assert kinds(gone) == ["missing_there"]
    assert kinds(replace(gone, sent_at=NOON - dt.timedelta(hours=23))) == []
    assert kinds(gone, replace(HORIZON, retrieved_at=None)) == [], "never retrieved to the end"


def test_what_others_sent_counts_from_our_first_invoice_on() -> None:
    foreign = replace(SAME, sent_at=None, total=None)
    assert kinds(foreign) == ["missing_here"]
    assert kinds(replace(foreign, there=replace(THERE, deposited_on=dt.date(2026, 10, 31)))) == []
    assert kinds(foreign, Horizon(first_sent_on=None, retrieved_at=NOON)) == []
    assert kinds(replace(foreign, adopted=True)) == [], "ours, though our database lost the sending"
    assert kinds(replace(foreign, adopted=True, status="DEPOSEE")) == ["status_differs"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "DEPOSEE"},
        {"there": replace(THERE, status="SUSPENDUE"), "status": "SUSPENDUE"},
        {"state": State.REFUSED},
        {"there": replace(THERE, status="REJETEE", rejection_handled=True), "status": "REJETEE"},
    ],
)
def test_another_status_or_a_state_that_does_not_follow_from_it_is_told(changes: dict[str, object]) -> None:
    assert kinds(replace(SAME, **changes)) == ["status_differs"]  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [State.CORRECTING, State.CORRECTION_UNKNOWN])
def test_a_correction_under_way_is_no_difference(state: State) -> None:
    assert kinds(replace(SAME, state=state, status="A_RECYCLER")) == []


def test_another_amount_is_told_with_both() -> None:
    [one] = differences(replace(SAME, there=replace(THERE, total=Decimal("1200.01"))), HORIZON)
    assert (one.kind, one.ours, one.theirs) == ("amount_differs", "1200.00", "1200.01")


def test_each_kind_has_a_name_and_says_what_to_do() -> None:
    kinds, cures = table("difference"), table("difference.todo")
    assert set(kinds) == set(cures) == set(FindingKind)
    assert all(len(text) > 60 for texts in cures.values() for text in texts)
