"""The draft of an invoice: values by field name, each with where it came from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from include.domain.codes import InvoiceType
from include.domain.fields import Candidate, Source, Value, VatRow
from include.domain.reasons import Reason
from include.domain.text import Box

_RANKS = {
    Source.PERSON: 0,
    Source.METADATA: 1,
    Source.FACTURX: 2,
    Source.TEXT: 3,
    Source.OCR: 3,
    Source.REMOTE: 4,
    Source.DEFAULT: 5,
}


def rank(source: Source) -> int:
    """Place in the order of trust (design decision 6): the smaller, the more trusted; text and OCR are one page."""
    return _RANKS[source]


@dataclass(frozen=True, kw_only=True)
class FieldValue:
    """The value chosen for one field, its evidence, and the candidates that were not chosen.

    `text` is what it was read from; of a metadata its name and value, of a computed amount the computation.
    `remembered`: so many earlier invoices of the same layout had the value in this place.
    """

    value: Value
    source: Source
    page: int | None = None
    box: Box | None = None
    text: str | None = None
    confidence: float = 1.0
    others: tuple[Candidate, ...] = ()
    remembered: int = 0

    @classmethod
    def chosen(cls, candidates: Sequence[Candidate]) -> FieldValue:
        """The first candidate, with the rest kept beside it."""
        first = candidates[0]
        return cls(
            value=first.value,
            source=first.source,
            page=first.page,
            box=first.box,
            text=first.text,
            confidence=first.confidence,
            remembered=first.remembered,
            others=tuple(candidates[1:]),
        )

    def as_candidate(self) -> Candidate:
        """The value alone, as one candidate among others."""
        return Candidate(
            value=self.value,
            source=self.source,
            page=self.page,
            box=self.box,
            text=self.text,
            confidence=self.confidence,
            remembered=self.remembered,
        )

    def replaced(self, value: Value, source: Source, text: str, confidence: float | None = None) -> FieldValue:
        """Another value in its place; this one moves to the others."""
        return FieldValue(
            value=value,
            source=source,
            text=text,
            confidence=self.confidence if confidence is None else confidence,
            others=(self.as_candidate(), *self.others),
        )


def origin(found: FieldValue | Candidate) -> str:
    """Where a value stands, in words that need no translation: metadata by name, `Factur-X`, `page 1`."""
    if found.source is Source.METADATA and found.text:
        return found.text
    if found.source is Source.FACTURX:
        return "Factur-X"
    if found.source is Source.REMOTE:
        return "Chorus Pro"
    if found.source in (Source.TEXT, Source.OCR):
        where = "PDF" if found.page is None else f"page {found.page}"
        return f"{where}, OCR" if found.source is Source.OCR else where
    return ""


def described(found: FieldValue | Candidate) -> str:
    """The value with its origin, for a reason: `1800.00 (montant: 1 800,00)`."""
    where = origin(found)
    return f"{found.value} ({where})" if where else str(found.value)


@dataclass(frozen=True, kw_only=True)
class LearnedLine:
    """A wording as printed, and what an invoice that carried it was sent to: a body, or a service of it."""

    wording: str
    siret: str
    service_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An invoice as it would be sent, and what the mapping itself found wrong with it.

    `reasons` are metadata that could not be converted, unknown wordings, amounts nobody can settle; `warnings` are
    conflicts between sources, amounts that were computed and wordings that were understood by a learned line.
    `lessons` are the lines to learn if it is sent so.
    """

    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    lessons: tuple[LearnedLine, ...] = ()

    def value(self, name: str) -> Value | None:
        """The value of a field, or None."""
        found = self.fields.get(name)
        return None if found is None else found.value

    def text(self, name: str) -> str | None:
        """The value of a field that is not the VAT table."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def amount(self, name: str) -> Decimal | None:
        """The value of an amount field."""
        text = self.text(name)
        return None if text is None else Decimal(text)

    def vat_rows(self) -> tuple[VatRow, ...]:
        """The rows of the VAT recapitulation; none is an empty tuple."""
        value = self.value("vat")
        return value if isinstance(value, tuple) else ()

    def without_texts(self) -> Draft:
        """The values and their sources alone: no words of the page, no candidates, no findings that quote them."""
        bare = {name: dataclasses.replace(one, box=None, text=None, others=()) for name, one in self.fields.items()}
        return Draft(fields=bare)

    def with_field(self, name: str, value: FieldValue) -> Draft:
        """The same draft with one field set."""
        return dataclasses.replace(self, fields={**self.fields, name: value})


_SENT_FIELDS = (
    "invoice_number",
    "issue_date",
    "currency",
    "supplier_siret",
    "recipient_siret",
    "service_code",
    "engagement_number",
    "contract_number",
    "original_invoice_number",
    "invoicing_framework",
    "vat_type",
    "vat_exemption_reason",
    "payment_mode",
    "bank_details",
    "total_excl_tax",
    "total_tax",
    "total_incl_tax",
    "discount",
    "discount_reason",
    "amount_due",
    "vat",
    "comment",
)


def sent_digest(
    draft: Draft, provider_key: str | None, attachments: Sequence[str] = (), types: Mapping[str, str] | None = None
) -> str:
    """Digest of the values that would go out, so that a refused invoice returns only when they differ (exactly-once 7).

    Only values count, not where they came from; of the type only what the wire tells apart.
    """
    facts = {
        "provider": provider_key,
        "attachments": [[name, (types or {}).get(name)] for name in sorted(attachments)],
        "credit_note": draft.text("type") == InvoiceType.CREDIT_NOTE,
        **{name: draft.value(name) for name in _SENT_FIELDS},
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
