"""Readings, associations and drafts in a line, for the tests of mapping and completeness."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from include.domain.configuration import Association, Recipient
from include.domain.fields import Candidate, Source, Value, VatRow, vat_row
from include.domain.mapping import Draft, FieldValue, complete_draft, map_invoice
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from tests.factories import portal_document, typed

RULE = "Facture client"
Given = Value | Candidate | list[Candidate]


def candidate(value: Value, source: Source = Source.TEXT, **evidence: Any) -> Candidate:
    if source in (Source.TEXT, Source.OCR):
        evidence.setdefault("page", 1)
    return Candidate(value=value, source=source, **evidence)


def facturx(value: Value) -> Candidate:
    return candidate(value, Source.FACTURX)


def read(**fields: Given) -> Reading:
    """What was read; a bare value stands on page 1."""
    found: dict[str, tuple[Candidate, ...]] = {}
    for name, given in fields.items():
        candidates = given if isinstance(given, list) else [given]
        found[name] = tuple(_typed(name, c if isinstance(c, Candidate) else candidate(c)) for c in candidates)
    return Reading(kind=DocumentKind.DIGITAL, fields=found)


def _typed(name: str, found: Candidate) -> Candidate:
    return dataclasses.replace(found, value=typed(name, found.value))


def draft_of(
    reading: Reading | Reason | None = None,
    *,
    metadata: Mapping[str, tuple[str, ...] | str] | None = None,
    edits: Mapping[str, Any] | None = None,
    recipients: tuple[Recipient, ...] = (),
    association: Mapping[str, str] | None = None,
) -> Draft:
    """The draft of a document whose metadata carry the names of fields, unless `association` says otherwise."""
    given = {name: (values,) if isinstance(values, str) else values for name, values in (metadata or {}).items()}
    fields = dict(association) if association is not None else {name: name for name in given}
    return map_invoice(
        reading if reading is not None else read(),
        document=portal_document(metadata=given),
        association=Association(classification_rule=RULE, fields=fields) if fields else None,
        edits=edits,
        recipients=recipients,
    )


def settled(
    reading: Reading | None = None,
    *,
    metadata: Mapping[str, tuple[str, ...] | str] | None = None,
    edits: Mapping[str, Any] | None = None,
) -> Draft:
    """The draft with its amounts in line, without a provider."""
    return complete_draft(draft_of(reading, metadata=metadata, edits=edits), None)


def field(value: Value, source: Source = Source.TEXT, **evidence: Any) -> FieldValue:
    return FieldValue(chosen=candidate(value, source, **evidence))


def rows(*parts: tuple[str, str, str]) -> tuple[VatRow, ...]:
    return tuple(vat_row(*part) for part in parts)


def amounts(draft: Draft) -> tuple[str | None, str | None, str | None, str | None]:
    """Total without tax, tax, total with tax, amount due."""
    excl, tax, incl, due = (
        draft.shown(name) for name in ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due")
    )
    return excl, tax, incl, due


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.code for reason in reasons]
