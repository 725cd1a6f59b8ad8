"""The draft of an invoice: values by field name, each with where it came from."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from include.domain.codes import InvoiceType
from include.domain.fields import Candidate, Source, Value, VatRow, as_json, as_text
from include.domain.fields.registry import FIELDS
from include.domain.reasons import Reason

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
    """Place in the order of trust: the smaller, the more trusted; text and OCR are one page.

    Source: docs/adr/0006-order-of-values.md.
    """
    return _RANKS[source]


@dataclass(frozen=True, kw_only=True)
class FieldValue:
    """The candidate chosen for one field, and those that were not chosen.

    Its `text` is what it was read from; of a metadata its name and value, of a computed amount the computation.
    """

    chosen: Candidate
    others: tuple[Candidate, ...] = ()

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> FieldValue:
        """The first candidate, with the rest kept beside it."""
        return cls(chosen=candidates[0], others=tuple(candidates[1:]))

    @property
    def value(self) -> Value:
        """The chosen value."""
        return self.chosen.value

    @property
    def source(self) -> Source:
        """Where it came from."""
        return self.chosen.source

    @property
    def text(self) -> str | None:
        """What it was read from."""
        return self.chosen.text

    @property
    def confidence(self) -> float:
        """How sure it is."""
        return self.chosen.confidence

    @property
    def amount(self) -> Decimal:
        """The value of an amount field; TypeError for another."""
        return self.chosen.amount

    def reworded(self, value: Value, text: str | None = None) -> FieldValue:
        """The same choice in another form: a wording by what it means, an amount without its sign."""
        chosen = dataclasses.replace(self.chosen, value=value, text=text or self.text)
        return dataclasses.replace(self, chosen=chosen)

    def replaced(self, value: Value, source: Source, text: str, confidence: float | None = None) -> FieldValue:
        """Another value in its place; this one moves to the others."""
        sure = self.confidence if confidence is None else confidence
        instead = Candidate(value=value, source=source, text=text, confidence=sure)
        return FieldValue(chosen=instead, others=(self.chosen, *self.others))


def evidence_params(name: str, found: Candidate) -> dict[str, str]:
    """A value and where it was read, as parameters `name`, `name_source` and `name_place` of a reason.

    The place is the metadata with what stands in it, or the number of the page; rows of VAT are JSON.
    """
    value = json.dumps(as_json(found.value)) if isinstance(found.value, tuple) else as_text(found.value)
    place = found.text if found.source is Source.METADATA else found.page
    return {
        name: value,
        f"{name}_source": found.source,
        **({} if place in (None, "") else {f"{name}_place": str(place)}),
    }


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
    `learned_lines` are the lines to learn if it is sent so. `signed` is that of the reading.
    """

    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    learned_lines: tuple[LearnedLine, ...] = ()
    signed: bool | None = None

    def value(self, name: str) -> Value | None:
        """The value of a field, or None."""
        found = self.fields.get(name)
        return None if found is None else found.value

    def text(self, name: str) -> str | None:
        """The value of a field that holds a text; TypeError for another kind."""
        value = self.value(name)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} is no text")
        return value

    def shown(self, name: str) -> str | None:
        """The value of any field as text: for people, and for columns that hold text."""
        value = self.value(name)
        return None if value is None else as_text(value)

    def amount(self, name: str) -> Decimal | None:
        """The value of an amount field; TypeError for another."""
        found = self.fields.get(name)
        return None if found is None else found.amount

    def date(self, name: str) -> dt.date | None:
        """The value of a date field; TypeError for another."""
        value = self.value(name)
        if value is not None and not isinstance(value, dt.date):
            raise TypeError(f"{name} is no date")
        return value

    def vat_rows(self) -> tuple[VatRow, ...]:
        """The rows of the VAT recapitulation; none is an empty tuple."""
        value = self.value("vat")
        return value if isinstance(value, tuple) else ()

    def without_texts(self) -> Draft:
        """The values and their sources alone: no words of the page, no candidates, no findings that quote them."""
        bare = {
            name: FieldValue(chosen=dataclasses.replace(one.chosen, box=None, text=None))
            for name, one in self.fields.items()
        }
        return Draft(fields=bare, signed=self.signed)

    def with_field(self, name: str, value: FieldValue) -> Draft:
        """The same draft with one field set."""
        return dataclasses.replace(self, fields={**self.fields, name: value})


_EMPTY_IN_DIGEST = frozenset(
    {
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
    }
)
"""Fields that stored digests hold as null where they are empty. One that was declared later is left out instead: else
every refused invoice would look changed after an upgrade, and be sent again."""


def sent_digest(
    draft: Draft, provider_key: str | None, attachments: Sequence[str] = (), types: Mapping[str, str] | None = None
) -> str:
    """Digest of the values that would go out, so that a refused invoice returns only when they differ.

    Only values count, not where they came from; of the type only what the wire tells apart.

    Source: docs/reference/exactly-once.md 7.
    """
    facts = {
        "provider": provider_key,
        "attachments": [[name, (types or {}).get(name)] for name in sorted(attachments)],
        "credit_note": draft.text("type") == InvoiceType.CREDIT_NOTE,
        **{
            field.name: _stored(draft.value(field.name))
            for field in FIELDS
            if field.sent and field.name != "type" and (field.name in draft.fields or field.name in _EMPTY_IN_DIGEST)
        },
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _stored(value: Value | None) -> Any:
    """The value as digests have always held it: rows of VAT as lists of texts."""
    if value is None:
        return None
    return [row.as_texts() for row in value] if isinstance(value, tuple) else as_text(value)
