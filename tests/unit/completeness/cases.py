"""A complete invoice, and what it takes to break it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from include.domain.completeness import ValidationInput, ValidationResult, validate
from include.domain.configuration import Attachments, Provider
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.fields import Source, Value
from include.domain.mapping import Draft
from tests.factories import ARRIVED, BODY, complete_draft, configuration, portal_document, reading, typed
from tests.unit.mapping.drafts import field

TODAY = dt.date(2026, 11, 20)


def provider(**changes: Any) -> Provider:
    base = configuration().providers[0].model_dump()
    return Provider.model_validate({**base, **changes})


def entry(*services: DirectoryService, **demands: Any) -> DirectoryEntry:
    values = {"structure_id": 1, "name": "COMMUNE DE TEST", "active": True, "fetched_at": ARRIVED, **demands}
    return DirectoryEntry(siret=BODY, services=services, **values)


def draft(drop: tuple[str, ...] = (), source: Source = Source.TEXT, **values: Value) -> Draft:
    """The complete draft without some fields, and with others."""
    fields = {name: found for name, found in complete_draft().fields.items() if name not in drop}
    fields |= {name: field(typed(name, value), source) for name, value in values.items()}
    return Draft(fields=fields)


def case(given: Draft | None = None, **changes: Any) -> ValidationInput:
    values: dict[str, Any] = {
        "draft": given if given is not None else draft(),
        "provider": provider(),
        "document": portal_document(),
        "reading": reading(),
        "today": TODAY,
        "entry": entry(),
    }
    return ValidationInput(**{**values, **changes})


def found(given: ValidationInput | Draft, settings: Attachments | None = None) -> ValidationResult:
    whole = given if isinstance(given, ValidationInput) else case(given)
    return validate(whole, settings or Attachments())


def reasons(given: ValidationInput | Draft, settings: Attachments | None = None) -> list[tuple[str, str | None]]:
    """Code and field of every reason; each can be said in both languages."""
    result = found(given, settings)
    for reason in (*result.reasons, *result.warnings):
        for language in ("fr", "en"):
            assert "{" not in reason.message(language)  # type: ignore[arg-type]
    return [(reason.code, reason.field) for reason in result.reasons]


def with_reading_warnings(*codes: str) -> Any:
    return dataclasses.replace(reading(), warnings=codes)
