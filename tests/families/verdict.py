"""Would the invoice go out by itself, and would anything in it be wrong? The product's own rules, without its database.

The supplier is configured; the directory knows whatever body was read, with the service that the truth names and
whatever was surely read, and demands nothing: what stops an invoice here is only what the reading itself says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from include.domain.completeness import ValidationInput, ValidationResult, validate
from include.domain.configuration import Attachments, Provider
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.fields import as_json
from include.domain.mapping import (
    Draft,
    complete_draft,
    map_invoice,
    with_directory_service,
    with_service_of_address,
)
from include.domain.reading import Reading
from tests.accuracy import SENT, plain
from tests.factories import portal_document

NOW = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)


def draft_and_findings(
    reading: Reading, truth: Mapping[str, Any], bodies: Mapping[str, DirectoryEntry] | None = None
) -> tuple[Draft, ValidationResult]:
    """The draft of a document of a configured supplier, and the verdict on it; `bodies`: those of the directory."""
    siret = truth["fields"]["supplier_siret"] or "33254021516357"
    provider = Provider.model_validate(
        {"name": "P", "siret": siret, "environment": "simulator", "connection": "c", "automatic_submission": True}
    )
    draft = complete_draft(map_invoice(reading, document=portal_document()), provider)
    recipient = draft.text("recipient_siret")
    read = draft.fields.get("service_code")
    surely = {read.value} if read and read.confidence >= provider.asked_confidence("service_code") else set()
    codes = sorted(str(code) for code in {truth["fields"]["service_code"], *surely} if code)
    services = tuple(DirectoryService(code=code, name=code, active=True) for code in codes)
    made = DirectoryEntry(
        siret=recipient or "", structure_id=1, name="B", active=True, fetched_at=NOW, services=services
    )
    entry = (made if bodies is None else bodies.get(recipient)) if recipient else None
    draft = with_service_of_address(with_directory_service(draft, entry), reading, entry)
    case = ValidationInput(
        draft=draft,
        provider=provider,
        document=portal_document(),
        reading=reading,
        today=NOW.date(),
        entry=entry,
    )
    return draft, validate(case, Attachments())


def is_ready(findings: ValidationResult) -> bool:
    """Whether nothing keeps the invoice back."""
    return not findings.reasons


WORKED_OUT = frozenset({"total_excl_tax", "total_tax", "amount_due", "vat"})
"""What need not be held against a page that prints nothing of it: it follows from the rest."""

COMPARED = SENT | WORKED_OUT | {"contract_number"}


def wrong_if_sent(draft: Draft, truth: Mapping[str, Any]) -> list[str]:
    """The fields that would go out wrong; what the page does not print is not held against what follows from it."""
    wrong = []
    for name in sorted(COMPARED):
        held = plain(name, truth["fields"][name])
        held = plain(name, truth["implied"].get(name)) if held is None else held
        sent = plain(name, as_json(draft.value(name)))
        if held != sent and not (held is None and name in WORKED_OUT | {"supplier_siret"}):
            wrong.append(name)
    return wrong
