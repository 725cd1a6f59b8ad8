"""What a body owes that pays late: interest, and a lump sum for recovering the money. An estimate, never a claim.

Source: docs/reference/payment-terms.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from include.domain.configuration.base import PARIS
from include.domain.configuration.payment import LatePayment
from include.domain.payment_terms import NOT_OVERDUE

PAID = "MISE_EN_PAIEMENT"
LUMP_SUM = Decimal("40.00")
"""Euros, once for each invoice."""

POINTS = Decimal(8)
"""Percentage points above the European Central Bank's rate."""

DAYS_OF_YEAR = 365
"""In leap years too."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class LateDebt:
    """What is owed for paying late, in euros. `days`: from `first_day` to `until`, both included.

    `until`: the day on which the platform said that it is paid (`paid`), else today. `half_year`: first day of the one
    in which interest began; `reference`: the European Central Bank's percent on that day, None where nobody told it.
    """

    amount: Decimal
    first_day: dt.date
    until: dt.date
    paid: bool
    half_year: dt.date
    reference: Decimal | None
    lump_sum: Decimal = LUMP_SUM

    @property
    def days(self) -> int:
        """Days of interest."""
        return (self.until - self.first_day).days + 1

    @property
    def percent(self) -> Decimal | None:
        """The rate of the interest, one for the whole time."""
        return None if self.reference is None else self.reference + POINTS

    @property
    def interest(self) -> Decimal | None:
        """Rounded once, at the end, to the nearest cent, half a cent up; None without a rate."""
        if self.percent is None:
            return None
        exact = self.amount * self.percent * self.days / (100 * DAYS_OF_YEAR)
        return exact.quantize(_CENT, ROUND_HALF_UP)

    @property
    def total(self) -> Decimal | None:
        """Interest and lump sum."""
        return None if self.interest is None else self.interest + self.lump_sum


def late_debt(
    last_day: dt.date | None,
    *,
    status: str | None,
    status_at: dt.datetime | None,
    amount: Decimal | None,
    rates: LatePayment,
    today: dt.date,
) -> LateDebt | None:
    """What is owed for an invoice whose last day to pay is this one; None where nothing is, or its amount is not known.

    `amount`: what is to be paid, in euros including tax; that of a credit note is not.
    """
    until = _until(status, status_at, today)
    if last_day is None or until is None or until <= last_day or amount is None or amount <= 0:
        return None
    first_day = last_day + dt.timedelta(days=1)
    half_year = dt.date(first_day.year, 1 if first_day.month < 7 else 7, 1)
    return LateDebt(
        amount=amount,
        first_day=first_day,
        until=until,
        paid=status == PAID,
        half_year=half_year,
        reference=rates.reference(half_year),
    )


def _until(status: str | None, status_at: dt.datetime | None, today: dt.date) -> dt.date | None:
    """None for what is given back, or ended without being paid."""
    if status == PAID:
        return None if status_at is None else status_at.astimezone(PARIS).date()
    return None if status in NOT_OVERDUE else today
