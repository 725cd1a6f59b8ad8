"""A value found for a field, with its evidence and confidence.

Inside, a value is what it means: a `Decimal`, a `date`, a text, or rows of VAT. It becomes text in the codec that
stores it, and at the edges (JSON, the wire, sentences for people), by `as_text` and back by `from_text`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from include.domain.fields.claims import Claim, believed, measured
from include.domain.fields.registry import BY_NAME, Kind
from include.domain.text import Box
from include.domain.values import canonical_amount


class Source(StrEnum):
    """Where a value came from; the order of trust is that of docs/adr/0006-order-of-values.md."""

    PERSON = "person"
    METADATA = "metadata"
    FACTURX = "facturx"
    TEXT = "text"
    OCR = "ocr"
    REMOTE = "remote"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class VatRow:
    """One row of the VAT recapitulation: rate in percent, base and amount in euros, each with two decimals."""

    rate: Decimal
    base: Decimal
    amount: Decimal

    def as_texts(self) -> tuple[str, str, str]:
        """Rate, base and amount as text with two decimals."""
        return canonical_amount(self.rate), canonical_amount(self.base), canonical_amount(self.amount)

    def as_json(self) -> dict[str, str]:
        """The row as JSON shows it: `{"rate", "base", "amount"}`."""
        return dict(zip(("rate", "base", "amount"), self.as_texts(), strict=True))


Value = str | Decimal | dt.date | tuple[VatRow, ...]
"""A field's value: amounts in cents (positive, credit notes too), dates, SIRET and IBAN bare, `type` one of
InvoiceType, `vat` rows; everything else as printed."""


def as_text(value: Value) -> str:
    """The value as text: amounts `1800.00`, dates `2026-11-18`, rows `20.00 % : 850.00 : 170.00` with `; ` between."""
    match value:
        case Decimal():
            return canonical_amount(value)
        case dt.date():
            return value.isoformat()
        case tuple():
            return "; ".join("{} % : {} : {}".format(*row.as_texts()) for row in value)
    return value


def as_json(value: Value) -> str | list[dict[str, str]]:
    """The value as JSON shows it: text, or a list of VAT rows."""
    return [row.as_json() for row in value] if isinstance(value, tuple) else as_text(value)


def from_text(name: str, stored: Any) -> Value:
    """The value of a field from its text, or of `vat` from rows of three texts. ValueError for anything else."""
    kind = BY_NAME[name].kind if name in BY_NAME else Kind.TEXT
    if kind is Kind.VAT:
        return tuple(vat_row(*row) for row in stored)
    if kind is Kind.AMOUNT:
        return Decimal(stored)
    return dt.date.fromisoformat(stored) if kind is Kind.DATE else str(stored)


def vat_row(rate: str, base: str, amount: str) -> VatRow:
    """A row of VAT from its texts."""
    return VatRow(Decimal(rate), Decimal(base), Decimal(amount))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One value for one field with its evidence: page (from 1), box, the text it was read from, confidence 0 to 1.

    `claims`: what speaks for it or against it, as far as that made its confidence. `remembered`:
    the number of earlier invoices of the same layout that had the value in this place; 0: none.
    """

    value: Value
    source: Source
    page: int | None = None
    box: Box | None = None
    text: str | None = None
    confidence: float = 1.0
    remembered: int = 0
    claims: tuple[Claim, ...] = ()

    def but(self, *claims: Claim) -> Candidate:
        """The same value, of which more is claimed."""
        sure = round(min(max(believed(self.confidence, *claims), 0.0), 1.0), 3)
        return replace(self, confidence=sure, claims=(*self.claims, *claims))

    def measured(self) -> Candidate:
        """The same value as sure as was measured, once no rule has anything to say of it any more."""
        return replace(self, confidence=round(measured(self.confidence, self.claims), 3))

    @property
    def amount(self) -> Decimal:
        """The value of an amount field; TypeError for another."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"{self.value!r} is no amount")
        return self.value
