"""What both invoice vocabularies (CII and UBL) give, and how it becomes candidates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.adapters.text.xml import meaning
from include.adapters.text.xml.codes import TYPES
from include.adapters.text.xml.meaning import Payment, TaxRow
from include.domain.codes import InvoiceType
from include.domain.fields import Candidate, Source, Value, VatRow, as_text
from include.domain.reasons import Reason
from include.domain.values import cents, compact, fold, normalise_siret, parse_date

SIRET_SCHEME = "0009"
SIREN_SCHEME = "0002"
ROUTING_SCHEME = "0224"
"""Of the buyer: the code by which his platform tells his services apart."""

_SIREN = 9
"""Fewest signs of a number that tells firms apart."""

_CENTS = Decimal("0.02")


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

    def routing_code(self) -> str | None:
        """The service under which the party takes its invoices; None where none or several are named."""
        named = {value.strip() for given, value in self.ids if given == ROUTING_SCHEME and value.strip()}
        return named.pop() if len(named) == 1 else None

    def is_same_as(self, other: Party) -> bool:
        """Whether one of the numbers is the other's too, as far as the shorter one goes; without numbers the name."""
        mine, theirs = self._numbers(), other._numbers()
        if mine and theirs:
            return any(one.startswith(two) or two.startswith(one) for one in mine for two in theirs)
        return fold(self.name or "") == fold(other.name or "")

    def _numbers(self) -> set[str]:
        return {
            compact(value) for given, value in self.ids if given != ROUTING_SCHEME and len(compact(value)) >= _SIREN
        }


@dataclass(frozen=True, kw_only=True)
class InvoiceXml:
    """The parts of an embedded invoice that the connector uses, still in the XML's own spelling.

    `by_term` are the fields that `terms.py` knows, by name.
    """

    number: str | None
    type_code: str | None
    credit_note: bool = False
    issue_date: str | None
    due_date: str | None
    currency: str | None
    seller: Party
    buyer: Party
    by_term: Mapping[str, Value | None]
    total_excl_tax: Decimal | None
    total_tax: Decimal | None
    total_incl_tax: Decimal | None
    amount_due: Decimal | None
    prepaid: Decimal | None = None
    rounding: Decimal | None = None
    iban: str | None
    vat: Sequence[TaxRow]
    vat_point: str | None = None
    process: str | None = None
    payments: Sequence[Payment] = ()
    payee: Party | None = None

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
            **self.by_term,
            "service_code": self.buyer.routing_code() or self.by_term.get("service_code"),
            "total_excl_tax": self._amount(self.total_excl_tax),
            "total_tax": self._amount(self._tax()),
            "total_incl_tax": self._amount(self.total_incl_tax),
            "amount_due": self._amount(self._due() if self.amount_due is None else self.amount_due),
            "iban": "".join(self.iban.split()).upper() if self.iban else None,
            "vat": self._vat() or None,
            "vat_type": meaning.vat_type(self.vat, self.vat_point),
            "payment_mode": meaning.payment_mode(self.payments),
            "invoicing_framework": meaning.framework(self.process),
        }
        said = {"vat_type": meaning.exemption_words(self.vat)}
        return {
            name: Candidate(value=value, source=Source.FACTURX, text=said.get(name) or _shown(value))
            for name, value in values.items()
            if value is not None and value != ""
        }

    def _type(self) -> str | None:
        """A plain invoice over a negative total is a credit note: some programs write one so."""
        code = meaning.plain_type(self.type_code)
        kind = TYPES.get(code, InvoiceType.INVOICE)
        if self.credit_note:
            return InvoiceType.CREDIT_NOTE
        if kind is not InvoiceType.CORRECTED_INVOICE and self._is_below_zero():
            return InvoiceType.CREDIT_NOTE
        return kind if code else None

    def _is_below_zero(self) -> bool:
        return self.total_incl_tax is not None and self.total_incl_tax < 0

    def _sign(self) -> int:
        """Credit notes are positive here. What stands against the sign of their total stays below zero."""
        return -1 if self._type() == InvoiceType.CREDIT_NOTE and self._is_below_zero() else 1

    def _amount(self, value: Decimal | None) -> Decimal | None:
        return None if value is None else cents(value * self._sign())

    def _due(self) -> Decimal | None:
        """What is left of the total (rule BR-CO-16); None where nothing is said to be paid."""
        if self.prepaid is None or self.total_incl_tax is None:
            return None
        return self.total_incl_tax - self.prepaid + (self.rounding or Decimal(0))

    def reasons(self) -> Iterator[Reason]:
        """What the data say that no value holds, and that a person has to decide on."""
        yield from meaning.type_reasons(self.type_code)
        yield from meaning.framework_reasons(self.process)
        yield from meaning.payment_reasons(self.payments)
        yield from meaning.vat_reasons(self.vat)
        left = self._due()
        if left is not None and self.amount_due is not None and abs(left - self.amount_due) > _CENTS:
            params = {"due": as_text(cents(self.amount_due)), "left": as_text(cents(left))}
            yield Reason(code="prepaid_disagrees", field="amount_due", params=params)
        if self.payee is not None and not self.payee.is_same_as(self.seller):
            params = {"words": (self.payee.name or "BG-10")[:60]}
            yield Reason(code="says_other_payee", field="bank_details", params=params)

    def _tax(self) -> Decimal | None:
        if self.total_tax is not None or self.total_incl_tax is None or self.total_excl_tax is None:
            return self.total_tax
        return self.total_incl_tax - self.total_excl_tax

    def _vat(self) -> tuple[VatRow, ...]:
        """The rows that have a base and an amount; an exempt row often leaves its rate out."""
        return tuple(
            VatRow(
                rate=cents(row.rate or Decimal(0)),
                base=cents(row.base * self._sign()),
                amount=cents(row.amount * self._sign()),
            )
            for row in self.vat
            if row.base is not None and row.amount is not None
        )


def _date(value: str | None) -> dt.date | None:
    return parse_date(value) if value else None


def _shown(value: Value) -> str:
    return "; ".join(" ".join(row.as_texts()) for row in value) if isinstance(value, tuple) else as_text(value)
