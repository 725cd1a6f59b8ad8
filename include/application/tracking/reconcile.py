"""Every night: our invoices held against the platform's list; each difference is stored, and told once."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.reconciliation import Compared, Findings, StandingDifference
from include.application.ports.spreadsheets import Column, Kind
from include.application.progress import Progress, Step
from include.domain.configuration import Configuration, Provider
from include.domain.internal_errors import Item
from include.domain.notification import EventKind, NewEvent
from include.domain.reconciliation import Difference, FindingKind, differences
from include.texts import Language, label, show_amount, translate

logger = logging.getLogger(__name__)

COLUMNS = (
    "provider",
    "kind",
    "invoice_id",
    "chorus_id",
    "invoice_number",
    "ours",
    "theirs",
    "first_seen_at",
    "todo",
)
_AMOUNTS = FindingKind.AMOUNT_DIFFERS
_KINDS = {"invoice_id": Kind.ID, "chorus_id": Kind.ID, "first_seen_at": Kind.TIME}


def columns(language: Language) -> list[Column]:
    """What the comparison is as a file, with headings in this language."""
    return [
        Column(name=name, heading=translate(f"difference.column.{name}", language), kind=_KINDS.get(name, Kind.TEXT))
        for name in COLUMNS
    ]


@dataclass(frozen=True)
class ListedDifference:
    """A difference that stands, with the name of its provider."""

    provider: str
    difference: StandingDifference

    def row(self, language: Language) -> dict[str, object]:
        """The promised columns for programs; only what to do is said in this language."""
        found = self.difference
        told = {name: getattr(found, name) for name in COLUMNS if name not in ("provider", "todo")}
        return {"provider": self.provider, **told, "todo": translate(f"difference.todo.{found.kind}", language)}

    def row_in_words(self, language: Language) -> dict[str, object]:
        """The same for people: kind, statuses and amounts too."""
        found = self.difference

        def said(value: str | None) -> str | None:
            if value is None:
                return None
            return show_amount(value, language) if found.kind is _AMOUNTS else label("status", value, language)

        words = {"kind": translate(f"difference.{found.kind}", language)}
        return {**self.row(language), **words, "ours": said(found.ours), "theirs": said(found.theirs)}


def reconcile(provider: Provider, findings: Findings, clock: Clock, internal_errors: InternalErrors) -> Compared:
    """Compares the store with what the last retrieval brought; asks the platform nothing."""
    now = clock.now()
    horizon = findings.horizon(provider.key)
    isolation = Isolation("reconcile", internal_errors, clock)
    progress = Progress(Step.RECONCILE, clock)
    found: list[Difference] = []
    for pair in findings.pairs(provider.key):
        with isolation.confined(Item("invoice", pair.invoice_id)):
            found += differences(pair, horizon)
        progress.advance()
    compared = findings.store(provider.key, found, now=now)
    if compared.fresh:
        counts = Counter(one.kind for one in compared.fresh)
        kinds = json.dumps({kind.value: counts[kind] for kind in FindingKind if counts[kind]})
        facts = {"code": "reconciliation", "provider": provider.name, "count": str(len(compared.fresh)), "kinds": kinds}
        once = f"reconciliation:{provider.key}:{now.isoformat()}"
        findings.tell(NewEvent(kind=EventKind.ALERT, at=now, provider_key=provider.key, facts=facts, once=once))
    logger.info("Provider %s: %s differences, %s of them new", provider.key, compared.open, len(compared.fresh))
    return dataclasses.replace(compared, failures=isolation.failures)


def reconcilable(configuration: Configuration) -> list[Provider]:
    """Providers whose list is retrieved: Local mode, retired ones too."""
    everybody = (*configuration.providers, *configuration.retired_providers)
    return [provider for provider in everybody if provider.loading == "local"]


def list_findings(findings: Findings, providers: Sequence[Provider]) -> list[ListedDifference]:
    """What stands now, by provider."""
    names = {provider.key: provider.name for provider in providers}
    return [ListedDifference(names[one.provider_key], one) for one in findings.standing(sorted(names))]
