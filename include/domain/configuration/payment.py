"""How long bodies have to pay, and what late payment costs them: what the law leaves to be said by somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from include.domain.configuration.base import Expects, Item, RuleError, Section, wrong
from include.texts import Text


class BodyKind(StrEnum):
    """Kinds of public bodies whose terms the law tells apart."""

    STATE_OR_LOCAL = "state_or_local"
    HEALTH_ESTABLISHMENT = "health_establishment"
    PUBLIC_UNDERTAKING = "public_undertaking"


TERMS: Mapping[BodyKind, int] = {
    BodyKind.STATE_OR_LOCAL: 30,
    BodyKind.HEALTH_ESTABLISHMENT: 50,
    BodyKind.PUBLIC_UNDERTAKING: 60,
}
"""Most days to pay (docs/reference/payment-terms.md)."""


def _half_year(day: dt.date) -> dt.date:
    if (day.month, day.day) not in ((1, 1), (7, 1)):
        raise RuleError(Text("fault.no_half_year", {"value": day.isoformat()}))
    return day


HalfYear = Annotated[dt.date, AfterValidator(_half_year), Expects("half_year")]


class ReferenceRate(Item):
    """The European Central Bank's rate for main refinancing operations, as it was on the first day of a half-year."""

    identified_by: ClassVar[tuple[str, ...]] = ("since",)

    since: HalfYear = Field(
        description="First day of the half-year, 1 January or 1 July.",
        examples=["2025-07-01"],
        json_schema_extra=wrong("The rate counts for another half-year."),
    )
    percent: float = Field(
        ge=0,
        le=50,
        description="The rate in percent, without the eight points of the law.",
        examples=[2.15],
        json_schema_extra=wrong("Late interest is estimated too high or too low; nothing that is sent depends on it."),
    )


class LatePayment(Section):
    """What late interest is reckoned with; an invoice whose half-year has no rate shows that instead of interest."""

    rates: tuple[ReferenceRate, ...] = Field(
        default=(), description="One line for each half-year in which late interest began."
    )

    def reference(self, half_year: dt.date) -> Decimal | None:
        """Percent; None where the table lacks the half-year that begins on this day."""
        # the number as it is written, not as the machine holds it
        return next((Decimal(str(rate.percent)) for rate in self.rates if rate.since == half_year), None)
