"""An invoice as its author knows it, and its truth: what the printed page says, in the keys that reading uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded to two decimals as on invoices."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Supplier:
    """Who sends the invoice."""

    name: str
    address: tuple[str, ...]
    siret: str
    vat_number: str
    register: str
    phone: str
    iban: str
    bic: str


@dataclass(frozen=True, kw_only=True)
class Body:
    """Who receives it; without `print_siret` only the wording tells."""

    name: str
    department: str
    address: tuple[str, ...]
    siret: str
    print_siret: bool = True


@dataclass(frozen=True, kw_only=True)
class Line:
    """One article."""

    label: str
    quantity: Decimal
    unit_price: Decimal
    rate: Decimal

    @property
    def amount(self) -> Decimal:
        """Without tax."""
        return cents(self.quantity * self.unit_price)


@dataclass(frozen=True, kw_only=True)
class Tax:
    """One row of the VAT recapitulation."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """Everything that is printed; amounts are positive, for credit notes too."""

    number: str
    type: Literal["invoice", "credit_note"] = "invoice"
    issue_date: dt.date
    due_date: dt.date
    supplier: Supplier
    body: Body
    lines: tuple[Line, ...]
    service_code: str | None = None
    engagement_number: str | None = None
    contract_number: str | None = None
    original_number: str | None = None

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """By rate, the highest first."""
        rates = sorted({line.rate for line in self.lines}, reverse=True)
        bases = {rate: sum((line.amount for line in self.lines if line.rate == rate), Decimal()) for rate in rates}
        return tuple(Tax(rate=rate, base=base, amount=cents(base * rate / 100)) for rate, base in bases.items())

    @property
    def total_excl_tax(self) -> Decimal:
        """Sum of the lines."""
        return sum((tax.base for tax in self.taxes), Decimal())

    @property
    def total_tax(self) -> Decimal:
        """Sum of the VAT rows."""
        return sum((tax.amount for tax in self.taxes), Decimal())

    @property
    def total_incl_tax(self) -> Decimal:
        """What is to be paid."""
        return self.total_excl_tax + self.total_tax


def truth(invoice: Invoice, *, file: str, kind: str, quality: str, layout: str, vat_rows: bool) -> Mapping[str, Any]:
    """What a perfect reader finds; `vat_rows`: the layout prints rate, base and amount of each row.

    Rows that are not printed whole follow by arithmetic: they are `implied`.
    """
    rows = [{"rate": str(cents(tax.rate)), "base": str(tax.base), "amount": str(tax.amount)} for tax in invoice.taxes]
    return {
        "file": file,
        "kind": kind,
        "quality": quality,
        "layout": layout,
        "pages": 1,
        "fields": {
            "invoice_number": invoice.number,
            "issue_date": invoice.issue_date.isoformat(),
            "type": invoice.type,
            "currency": "EUR",
            "supplier_siret": invoice.supplier.siret,
            "recipient_siret": invoice.body.siret if invoice.body.print_siret else None,
            "recipient_name": invoice.body.name,
            "service_code": invoice.service_code,
            "engagement_number": invoice.engagement_number,
            "contract_number": invoice.contract_number,
            "total_excl_tax": str(invoice.total_excl_tax),
            "total_tax": str(invoice.total_tax),
            "total_incl_tax": str(invoice.total_incl_tax),
            "amount_due": str(invoice.total_incl_tax),
            "iban": invoice.supplier.iban,
            "due_date": invoice.due_date.isoformat(),
            "vat": rows if vat_rows else [],
        },
        "implied": {} if vat_rows else {"vat": rows},
    }
