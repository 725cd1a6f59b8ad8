"""How long a public body has to pay: from the day on which it was told that the invoice is there.

The dates are an estimate, for nobody tells the supplier on which day the money leaves.

Source: docs/reference/payment-terms.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from include.domain.configuration.base import PARIS
from include.domain.configuration.payment import TERMS, BodyKind
from include.domain.tracking import FINAL, MADE_AVAILABLE, REJECTED, RETURNED, SUSPENDED, TO_RECYCLE

PUBLIC_BODY_DAYS = TERMS[BodyKind.STATE_OR_LOCAL]
"""State, local authorities and their establishments; of a body of which the configuration says nothing else."""

AFTER_INTERRUPTION_DAYS = 30
"""At least so many days are left once an interruption ends."""

NOT_OVERDUE = FINAL | RETURNED
"""Statuses of what is paid, ended, or given back: while it is given back no term runs."""


@dataclass(frozen=True, kw_only=True)
class StatusSince:
    """A status of the platform, and when it began."""

    status: str
    at: dt.datetime


class StepKind(StrEnum):
    """What happened to the term."""

    AVAILABLE = "available"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    GIVEN_BACK = "given_back"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One day (Paris) that changed the term: `days` are those of the term that began, None where none did."""

    kind: StepKind
    day: dt.date
    days: int | None = None

    @property
    def last_day(self) -> dt.date | None:
        """The last day to pay, from here on; None while no term runs."""
        return None if self.days is None else self.day + dt.timedelta(days=self.days)


def with_newest(statuses: Iterable[StatusSince], status: str | None, at: dt.datetime | None) -> tuple[StatusSince, ...]:
    """The history, and the newest status where the history lacks it."""
    known = tuple(statuses)
    if status is None or at is None or any(one.at >= at for one in known):
        return known
    return (*known, StatusSince(status=status, at=at))


def steps(statuses: Iterable[StatusSince], days: int = PUBLIC_BODY_DAYS) -> Sequence[Step]:
    """What began and stopped the term, by the statuses that an invoice had, oldest first; `days`: the body's term."""
    return tuple(_steps(statuses, days))


def _steps(statuses: Iterable[StatusSince], days: int) -> Iterator[Step]:
    """While it is suspended no term runs; once it was given back the one it is sent to next has a term of its own."""
    last: dt.date | None = None
    left: int | None = None
    for one in statuses:
        day = one.at.astimezone(PARIS).date()
        if one.status == SUSPENDED:
            if last is not None:
                yield Step(kind=StepKind.SUSPENDED, day=day)
                left, last = max(AFTER_INTERRUPTION_DAYS, (last - day).days), None
        elif one.status in (TO_RECYCLE, REJECTED):
            if last is not None or left is not None:
                yield Step(kind=StepKind.GIVEN_BACK, day=day)
            last = left = None
        elif left is not None or (one.status == MADE_AVAILABLE and last is None):
            kind = StepKind.AVAILABLE if left is None else StepKind.RESUMED
            step = Step(kind=kind, day=day, days=days if left is None else left)
            yield step
            last, left = step.last_day, None


def pay_by(statuses: Iterable[StatusSince], days: int = PUBLIC_BODY_DAYS) -> dt.date | None:
    """The last day (Paris) to pay; None before the invoice was made available, while it is suspended or given back."""
    found = steps(statuses, days)
    return found[-1].last_day if found else None


def days_late(last_day: dt.date | None, status: str | None, today: dt.date) -> int | None:
    """Days since an invoice should have been paid; None while no term runs, 0 while nothing is late."""
    if last_day is None:
        return None
    return 0 if status in NOT_OVERDUE else max(0, (today - last_day).days)
