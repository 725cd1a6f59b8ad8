"""What both invoice vocabularies (CII and UBL) give, and how it becomes candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.domain.codes import InvoiceType
from include.domain.fields import Candidate, Source, Value, VatRow
from include.domain.values import canonical_amount, normalise_siret, parse_date

SIRET_SCHEME = "0009"
SIREN_SCHEME = "0002"

_CREDIT_NOTES = frozenset({"81", "83", "261", "262", "308", "381", "396", "420", "458", "502", "503", "532"})
_CORRECTED = frozenset({"384", "471", "472", "473"})
_DOWN_PAYMENTS = frozenset({"386", "500"})
"""UNTDID 1001, as EN 16931 and the French CTC profile use it; all others (380, 389 self-billed, 393 factored ...) are
invoices."""


@dataclass(frozen=True, kw_only=True)
class Party:
    """A seller or buyer: its name and every (scheme, id) it carries."""

    name: str | None
    ids: Sequence[tuple[str, str]]

    def siret(self) -> str | None:
        """14 digits under the SIRET scheme, else under the SIREN scheme (which many misuse), else under none."""
        for scheme in (SIRET_SCHEME, SIREN_SCHEME, ""):
            for given, value in self.ids:
                if given == scheme and (siret := normalise_siret(value)):
                    return siret
        return None


@dataclass(frozen=True, kw_only=True)
class TaxRow:
    """One VAT subtotal."""

    rate: Decimal | None
    base: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, kw_only=True)
class InvoiceXml:
    """The parts of an embedded invoice that the connector uses, still in the XML's own spelling."""

    number: str | None
    type_code: str | None
    credit_note: bool = False
    issue_date: str | None
    due_date: str | None
    currency: str | None
    seller: Party
    buyer: Party
    service_code: str | None
    engagement_number: str | None
    contract_number: str | None
    total_excl_tax: Decimal | None
    total_tax: Decimal | None
    total_incl_tax: Decimal | None
    amount_due: Decimal | None
    iban: str | None
    vat: Sequence[TaxRow]

    def candidates(self) -> dict[str, Candidate]:
        """One candidate for each field that the XML fills."""
        values: dict[str, Value | None] = {
            "invoice_number": self.number,
            "issue_date": _date(self.issue_date),
            "due_date": _date(self.due_date),
            "type": self._type(),
            "currency": self.currency.upper() if self.currency else None,
            "supplier_siret": self.seller.siret(),
            "recipient_siret": self.buyer.siret(),
            "recipient_name": self.buyer.name,
            "service_code": self.service_code,
            "engagement_number": self.engagement_number,
            "contract_number": self.contract_number,
            "total_excl_tax": _amount(self.total_excl_tax),
            "total_tax": _amount(self._tax()),
            "total_incl_tax": _amount(self.total_incl_tax),
            "amount_due": _amount(self.amount_due),
            "iban": "".join(self.iban.split()).upper() if self.iban else None,
            "vat": self._vat() or None,
        }
        return {
            name: Candidate(value=value, source=Source.FACTURX, text=_shown(value))
            for name, value in values.items()
            if value
        }

    def _type(self) -> str | None:
        """A plain invoice over a negative total is a credit note: some programs write one so."""
        code = (self.type_code or "").lstrip("0")
        if self.credit_note or code in _CREDIT_NOTES:
            return InvoiceType.CREDIT_NOTE
        if code in _CORRECTED:
            return InvoiceType.CORRECTED_INVOICE
        if self.total_incl_tax is not None and self.total_incl_tax < 0:
            return InvoiceType.CREDIT_NOTE
        if code in _DOWN_PAYMENTS:
            return InvoiceType.DOWN_PAYMENT
        return InvoiceType.INVOICE if code else None

    def _tax(self) -> Decimal | None:
        if self.total_tax is not None or self.total_incl_tax is None or self.total_excl_tax is None:
            return self.total_tax
        return self.total_incl_tax - self.total_excl_tax

    def _vat(self) -> tuple[VatRow, ...]:
        """The rows that have a base and an amount; an exempt row often leaves its rate out."""
        return tuple(
            VatRow(
                rate=canonical_amount(row.rate or Decimal(0)),
                base=canonical_amount(abs(row.base)),
                amount=canonical_amount(abs(row.amount)),
            )
            for row in self.vat
            if row.base is not None and row.amount is not None
        )


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else canonical_amount(abs(value))


def _date(value: str | None) -> str | None:
    day = parse_date(value) if value else None
    return day.isoformat() if day else None


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else "; ".join(" ".join(row) for row in value)
