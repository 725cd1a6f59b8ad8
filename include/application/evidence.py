"""The evidence of one invoice: what exactly was sent, what the platform answered, who did what (`invoices evidence`).

Contents come from the content store, which verifies each against the digest that was stored when it was sent.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from include.application.evidence_pack import Entry, Pack, build
from include.application.evidence_page import Content, Sending, summary
from include.application.listing import show_invoice
from include.application.ports import Files
from include.application.storage_ports import Listings
from include.domain.configuration import Configuration


@dataclass(frozen=True, kw_only=True)
class EvidenceFacts:
    """What the listings do not show: document, edits, attempts with body and values sent, answers to searches."""

    document: Mapping[str, Any] | None
    edits: Mapping[str, Any]
    attempts: Sequence[Mapping[str, Any]]
    searches: Sequence[Mapping[str, Any]]


class EvidenceStore(Protocol):
    """What the pack asks of the store."""

    def facts(self, invoice_id: int) -> EvidenceFacts:
        """Everything of this invoice, attempts and searches oldest first."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The use case; `fingerprint` finds the platform's fingerprint of a deposit in its raw answer."""

    listings: Listings
    store: EvidenceStore
    files: Files
    configuration: Configuration
    fingerprint: Callable[[str], str | None]

    def pack(self, reference: str, *, user: str | None = None) -> tuple[int, Pack] | None:
        """Our id and the pack; None for an invoice that does not exist or that this user does not see.

        ContentMissingError when something that was sent is not in the content store any more.
        """
        shown = show_invoice(self.listings, self.configuration, reference, language="fr", user=user)
        if shown is None:
            return None
        facts = self.store.facts(shown["id"])
        contents = list(self._contents(facts.attempts))
        sendings = [self._sending(number, attempt) for number, attempt in enumerate(facts.attempts, start=1)]
        page = summary(shown, facts.document, facts.edits, sendings, facts.searches, contents)
        entries = [
            Entry(name="resume.html", content=page.encode()),
            _json("invoice.json", {name: value for name, value in shown.items() if name not in _APART}),
            _json("document.json", {"document": facts.document, "edits": facts.edits}),
            _json("moves.json", shown["moves"]),
            _json("searches.json", facts.searches),
            _json("platform_history.json", {"remote": shown["remote"], "history": shown["history"]}),
        ]
        for sending in sendings:
            entries += _of_attempt(sending)
        entries += [Entry(name=content.name, content=self.files.get(content.sha256)) for content in contents]
        about = {name: shown[name] for name in ("id", "chorus_id", "invoice_number", "provider")}
        return shown["id"], build(about, entries)

    def _sending(self, number: int, attempt: Mapping[str, Any]) -> Sending:
        answer = attempt["answer"]
        return Sending(number=number, facts=attempt, fingerprint=self.fingerprint(answer) if answer else None)

    def _contents(self, attempts: Sequence[Mapping[str, Any]]) -> Iterator[Content]:
        """Each content once, however often it was sent."""
        seen: set[str] = set()
        for attempt in attempts:
            for role, name, sha256 in _named(attempt["submission"]):
                if sha256 not in seen:
                    seen.add(sha256)
                    folder = "facture" if role == _MAIN else "pieces-jointes"
                    yield Content(name=f"{folder}/{len(seen):02d}-{_safe(name)}", shown_as=name, sha256=sha256)


_MAIN = "main"
_APART = frozenset({"moves", "history", "remote", "attempts"})


def _named(sent: Any) -> Iterator[tuple[str, str, str]]:
    """Role, name and digest of every content in the values of an attempt, whatever kind of attempt it is."""
    if isinstance(sent, Mapping):
        if sent.get("main_sha256"):
            yield _MAIN, str(sent.get("main_name") or "facture.pdf"), sent["main_sha256"]
        if sent.get("sha256"):
            yield "attachment", str(sent.get("name") or "piece"), sent["sha256"]
        for value in sent.values():
            yield from _named(value)
    elif isinstance(sent, (list, tuple)):
        for value in sent:
            yield from _named(value)


def _of_attempt(sending: Sending) -> Iterator[Entry]:
    folder, facts = f"envois/{sending.number:02d}", sending.facts
    kept = {name: value for name, value in facts.items() if name not in ("body", "answer", "submission")}
    yield _json(f"{folder}/attempt.json", {**kept, "fingerprint": sending.fingerprint})
    yield _json(f"{folder}/values.json", facts["submission"])
    yield Entry(name=f"{folder}/payload.json", content=facts["body"].encode())
    if facts["answer"] is not None:
        yield Entry(name=f"{folder}/answer.txt", content=facts["answer"].encode())


def _json(name: str, value: Any) -> Entry:
    return Entry(name=name, content=json.dumps(value, ensure_ascii=False, indent=1, default=_plain).encode())


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def _safe(name: str) -> str:
    """A file name that leads nowhere: names come from portals."""
    return re.sub(r"[^\w.,() -]", "_", name).lstrip(". ")[-100:] or "piece"
