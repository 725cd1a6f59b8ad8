"""Would the invoice go out by itself, and would anything in it be wrong? The river's own rules, without its database.

The supplier is configured, the directory knows whatever body was read and demands nothing: what stops an invoice here
is only what the reading itself says about its values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from include.domain.completeness import Case, Findings, judge
from include.domain.configuration import Attachments, Provider
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.fields import Reading
from include.domain.mapping import Draft, complete_draft, map_invoice
from tests.accuracy import SENT, plain
from tests.factories import portal_document

NOW = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)


def draft_and_findings(reading: Reading, truth: Mapping[str, Any]) -> tuple[Draft, Findings]:
    """The draft of a document of a configured supplier, and the verdict on it."""
    siret = truth["fields"]["supplier_siret"] or "33254021516357"
    provider = Provider.model_validate(
        {"name": "P", "siret": siret, "environment": "simulator", "connection": "c", "automatic_submission": True}
    )
    draft = complete_draft(map_invoice(reading, document=portal_document()), provider)
    recipient = draft.text("recipient_siret")
    services = tuple(
        DirectoryService(code=code, name=code, active=True) for code in [draft.text("service_code")] if code
    )
    entry = recipient and DirectoryEntry(
        siret=recipient, structure_id=1, name="B", active=True, fetched_at=NOW, services=services
    )
    case = Case(
        draft=draft,
        provider=provider,
        document=portal_document(),
        reading=reading,
        today=NOW.date(),
        entry=entry or None,
    )
    return draft, judge(case, Attachments())


def is_ready(findings: Findings) -> bool:
    """Whether nothing keeps the invoice back."""
    return not findings.reasons


def wrong_if_sent(draft: Draft, truth: Mapping[str, Any]) -> list[str]:
    """The fields that would go out wrong; what the page does not print is not held against what follows from it."""
    wrong = []
    for name in sorted(SENT):
        held = plain(name, truth["fields"][name])
        held = plain(name, truth["implied"].get(name)) if held is None else held
        sent = plain(name, draft.value(name))
        if held != sent and not (name == "supplier_siret" and held is None):
            wrong.append(name)
    return wrong
