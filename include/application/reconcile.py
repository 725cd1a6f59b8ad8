"""Every night: our invoices held against the platform's list; each difference is stored, and told once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from include.application.ports import Clock
from include.application.reconcile_port import Compared, Findings
from include.application.table_port import Column, Kind
from include.domain.configuration import Configuration, Provider
from include.domain.notification import EventKind, NewEvent, label
from include.domain.reasons import Language
from include.domain.reconciliation import FindingKind, differences
from include.domain.wordings.notification import STATUSES
from include.domain.wordings.reconciliation import COLUMNS, CURES, KINDS

logger = logging.getLogger(__name__)

_KINDS = {"invoice_id": Kind.ID, "chorus_id": Kind.ID, "first_seen_at": Kind.TIME}


def columns(language: Language) -> list[Column]:
    """What the comparison is as a file, with headings in this language."""
    return [
        Column(name=name, heading=label(COLUMNS, name, language), kind=_KINDS.get(name, Kind.TEXT)) for name in COLUMNS
    ]


def in_words(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A row of `list_findings` for people: kind, statuses and amounts as they are written in this language."""

    def said(value: str | None) -> str | None:
        if value is None:
            return None
        if row["kind"] == FindingKind.AMOUNT_DIFFERS:
            return value.replace(".", ",") if language == "fr" else value
        return label(STATUSES, value, language)

    return {
        **row,
        "kind": label(KINDS, row["kind"], language),
        "ours": said(row["ours"]),
        "theirs": said(row["theirs"]),
    }


def reconcile(provider: Provider, findings: Findings, clock: Clock) -> Compared:
    """Compares the store with what the last retrieval brought; asks the platform nothing."""
    now = clock.now()
    horizon = findings.horizon(provider.key)
    found = [one for pair in findings.pairs(provider.key) for one in differences(pair, horizon)]
    compared = findings.store(provider.key, found, now=now)
    if compared.fresh:
        counts = Counter(one.kind for one in compared.fresh)
        shown = ", ".join(
            f"{KINDS[kind][0]} / {KINDS[kind][1]}: {counts[kind]}" for kind in FindingKind if counts[kind]
        )
        facts = {"code": "reconciliation", "provider": provider.name, "count": str(len(compared.fresh)), "kinds": shown}
        once = f"reconciliation:{provider.key}:{now.isoformat()}"
        findings.tell(NewEvent(kind=EventKind.ALERT, at=now, provider_key=provider.key, facts=facts, once=once))
    logger.info("Provider %s: %s differences, %s of them new", provider.key, compared.open, len(compared.fresh))
    return compared


def reconcilable(configuration: Configuration) -> list[Provider]:
    """Those whose list is retrieved: Local mode, retired ones too."""
    everybody = (*configuration.providers, *configuration.retired_providers)
    return [provider for provider in everybody if provider.loading == "local"]


def list_findings(findings: Findings, providers: Sequence[Provider], language: Language) -> list[dict[str, Any]]:
    """What stands now, each with what to do."""
    names = {provider.key: provider.name for provider in providers}
    at = 0 if language == "fr" else 1
    rows = findings.standing(sorted(names))
    return [{**row, "provider": names[row.pop("provider_key")], "todo": CURES[row["kind"]][at]} for row in rows]
