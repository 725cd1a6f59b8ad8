"""The last day to pay, by the statuses that an invoice had."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from include.domain.configuration import Recipient
from include.domain.payment_terms import PUBLIC_BODY_DAYS, StatusSince, pay_by, steps, with_newest
from tests.factories import BODY

BEGAN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def after(days: int) -> dt.date:
    return BEGAN.date() + dt.timedelta(days=days)


def last_day(*statuses: tuple[int, str], days: int = PUBLIC_BODY_DAYS) -> dt.date | None:
    """Each status with the number of days after BEGAN."""
    return pay_by([StatusSince(status=code, at=BEGAN + dt.timedelta(days=day)) for day, code in statuses], days)


@pytest.mark.parametrize("days", [PUBLIC_BODY_DAYS, 50, 60, 20])
def test_the_term_of_the_body_is_counted_from_the_day_it_was_told(days: int) -> None:
    assert last_day((-3, "DEPOSEE"), (0, "MISE_A_DISPOSITION"), (5, "MANDATEE"), days=days) == after(days)


@pytest.mark.parametrize("days", [0, 61, 90])
def test_no_body_has_more_than_the_law_gives_any(days: int) -> None:
    assert PUBLIC_BODY_DAYS == 30
    with pytest.raises(ValidationError):
        Recipient(siret=BODY, payment_days=days)


def test_the_deposit_begins_nothing() -> None:
    assert last_day((0, "DEPOSEE"), (1, "EN_COURS_ACHEMINEMENT")) is None


def test_days_are_those_of_paris() -> None:
    late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    assert pay_by([StatusSince(status="MISE_A_DISPOSITION", at=late)]) == dt.date(2026, 12, 21)


def test_nothing_runs_while_it_is_suspended() -> None:
    assert last_day((0, "MISE_A_DISPOSITION"), (10, "SUSPENDUE")) is None


@pytest.mark.parametrize(
    ("term", "suspended", "resumed", "left"),
    [(30, 10, 15, 30), (60, 10, 15, 50), (60, 30, 31, 30), (50, 19, 40, 31), (30, 40, 60, 30)],
)
def test_afterwards_what_was_left_runs_and_thirty_days_at_least(
    term: int, suspended: int, resumed: int, left: int
) -> None:
    found = last_day((0, "MISE_A_DISPOSITION"), (suspended, "SUSPENDUE"), (resumed, "COMPLETEE"), days=term)
    assert found == after(resumed + left)


def test_a_suspension_told_twice_is_one() -> None:
    assert last_day((0, "MISE_A_DISPOSITION"), (5, "SUSPENDUE"), (6, "SUSPENDUE")) is None
    assert last_day((0, "MISE_A_DISPOSITION"), (5, "SUSPENDUE"), (6, "SUSPENDUE"), (9, "COMPLETEE")) == after(39)


def test_made_available_again_after_a_suspension_begins_no_second_term() -> None:
    assert last_day((0, "MISE_A_DISPOSITION"), (5, "SUSPENDUE"), (9, "MISE_A_DISPOSITION"), days=60) == after(9 + 55)


def test_what_was_suspended_before_anybody_was_told_has_no_term() -> None:
    assert last_day((0, "SUSPENDUE"), (3, "COMPLETEE")) is None


@pytest.mark.parametrize("given_back", ["A_RECYCLER", "REJETEE"])
def test_what_was_given_back_begins_anew_with_who_gets_it(given_back: str) -> None:
    assert last_day((0, "MISE_A_DISPOSITION"), (5, given_back)) is None
    assert last_day((0, "MISE_A_DISPOSITION"), (5, given_back), (8, "MISE_A_DISPOSITION")) == after(38)


def test_each_step_says_what_happened_and_when() -> None:
    told = ((0, "MISE_A_DISPOSITION"), (10, "SUSPENDUE"), (15, "COMPLETEE"), (20, "A_RECYCLER"))
    found = steps([StatusSince(status=code, at=BEGAN + dt.timedelta(days=day)) for day, code in told], 60)
    assert [(one.kind.value, (one.day - BEGAN.date()).days, one.days) for one in found] == [
        ("available", 0, 60),
        ("suspended", 10, None),
        ("resumed", 15, 50),
        ("given_back", 20, None),
    ]
    assert [one.last_day for one in found] == [after(60), None, after(65), None]


def test_the_newest_status_counts_where_the_history_lacks_it() -> None:
    known = (StatusSince(status="DEPOSEE", at=BEGAN),)
    later = BEGAN + dt.timedelta(days=1)
    assert with_newest(known, "MISE_A_DISPOSITION", later)[-1].at == later
    assert with_newest(known, "DEPOSEE", BEGAN) == known
    assert with_newest(known, None, None) == known
