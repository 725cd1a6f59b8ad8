"""What the coded terms of an embedded invoice make of it: values that are sent, or reasons why it waits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.adapters.text.xml import codes
from include.domain.codes import InvoicingFramework, PaymentMode, VatType
from include.domain.extraction.fields.payment import modes_named
from include.domain.reasons import Reason
from include.domain.values import fold

_PROCESS = re.compile(r"[A-Z][0-9]{1,2}")
"""A code of BT-23; profiles write addresses there too, which say nothing of the invoice."""

_FRANCHISE = re.compile(r"\b293 ?b\b|\bfranchise\b")


@dataclass(frozen=True, kw_only=True)
class TaxRow:
    """One VAT subtotal: its amounts, its category (BT-118) and why nothing is due (BT-120, BT-121)."""

    rate: Decimal | None
    base: Decimal | None
    amount: Decimal | None
    category: str | None = None
    exemption: str | None = None
    exemption_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One means of payment: its code (BT-81), its text (BT-82), and whether a debited account or mandate is named."""

    code: str | None
    text: str | None
    debited: bool = False

    def mode(self) -> PaymentMode | None:
        """As the platform calls it; None where nothing is said, or something that nobody knows."""
        if not self.says_nothing():
            return codes.PAYMENT_MODES.get(self._code())
        named = modes_named(fold(self.text or ""))
        return named.pop() if len(named) == 1 else (PaymentMode.PRELEVEMENT if self.debited else None)

    def says_nothing(self) -> bool:
        """Whether its code leaves the question open."""
        return not self._code() or self._code() in codes.PAYMENT_UNSAID

    def is_unclear(self) -> bool:
        """A code that nobody here knows, or a debited account beside another means."""
        known = self.says_nothing() or self._code() in codes.PAYMENT_MODES
        return not known or (self.debited and self.mode() is not PaymentMode.PRELEVEMENT)

    def _code(self) -> str:
        return (self.code or "").strip().upper().lstrip("0")


def plain_type(code: str | None) -> str:
    """The code of BT-3 without leading zeros."""
    return (code or "").strip().lstrip("0")


def type_reasons(code: str | None) -> Iterator[Reason]:
    """What keeps a document of this type (BT-3) from going out by itself."""
    plain = plain_type(code)
    if plain in codes.PRO_FORMA:
        yield Reason(code="not_an_invoice", params={"words": f"BT-3 = {plain}"})
    elif plain and (plain not in codes.TYPES or plain in codes.SELF_BILLED):
        yield Reason(code="type_code_held", field="type", params={"type_code": plain})
    if plain in codes.FACTORED:
        yield Reason(code="says_other_payee", field="bank_details", params={"words": f"BT-3 = {plain}"})


def framework(process: str | None) -> InvoicingFramework | None:
    """The framework that BT-23 names."""
    return codes.FRAMEWORKS.get((process or "").strip().upper())


def framework_reasons(process: str | None) -> Iterator[Reason]:
    """A code of BT-23 that stands for no framework which the connector sends."""
    plain = (process or "").strip().upper()
    if _PROCESS.fullmatch(plain) and plain not in codes.FRAMEWORKS:
        yield Reason(code="process_code_held", field="invoicing_framework", params={"process": plain})


def payment_mode(payments: Sequence[Payment]) -> PaymentMode | None:
    """The one mode of payment that is named; None for none and for several."""
    modes = {mode for payment in payments if (mode := payment.mode()) is not None}
    return modes.pop() if len(modes) == 1 else None


def payment_reasons(payments: Sequence[Payment]) -> Iterator[Reason]:
    """Means of payment that nobody here knows, or several different ones."""
    modes = {payment.mode() for payment in payments if payment.mode() is not None}
    if len(modes) > 1 or any(payment.is_unclear() for payment in payments):
        named = ", ".join(payment.code or payment.text or "-" for payment in payments)
        yield Reason(code="payment_code_held", field="payment_mode", params={"means": named[:60]})


def vat_type(rows: Sequence[TaxRow], point: str | None) -> VatType | None:
    """The VAT regime: without VAT by the categories, else by when the tax is due (BT-8)."""
    if not _all_untaxed(rows):
        return codes.VAT_POINTS.get((point or "").strip())
    kinds = {_without_vat(row) for row in rows}
    if kinds <= {VatType.SANS_TVA}:
        return VatType.SANS_TVA
    return VatType.EXONERATION if None not in kinds else None


def vat_reasons(rows: Sequence[TaxRow]) -> Iterator[Reason]:
    """Categories of VAT that stand for no regime of the platform."""
    unknown = {row.category or "-" for row in rows if _category(row) not in {"", *codes.TAXED, *codes.WITHOUT_VAT}}
    if unknown:
        named = ", ".join(sorted(unknown))
        yield Reason(code="vat_category_held", field="vat_type", params={"category": named[:60]})


def exemption_words(rows: Sequence[TaxRow]) -> str:
    """Why no VAT is asked for, in the words and codes of the data (BT-120, BT-121)."""
    parts = [part.strip() for row in rows for part in (row.exemption, row.exemption_code) if part and part.strip()]
    return ", ".join(dict.fromkeys(parts))


def _all_untaxed(rows: Sequence[TaxRow]) -> bool:
    return bool(rows) and all(_category(row) and _category(row) not in codes.TAXED and not row.amount for row in rows)


def _without_vat(row: TaxRow) -> VatType | None:
    small = (row.exemption_code or "").strip().upper() in codes.FRANCHISE or _FRANCHISE.search(
        fold(row.exemption or "")
    )
    found = codes.WITHOUT_VAT.get(_category(row))
    return VatType.SANS_TVA if found is VatType.EXONERATION and small else found


def _category(row: TaxRow) -> str:
    return (row.category or "").strip().upper()
