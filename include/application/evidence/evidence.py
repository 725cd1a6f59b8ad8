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
from typing import Any

from include.application.evidence.pack import Entry, Pack, build
from include.application.ports.evidence import (
    AttemptProof,
    Content,
    EvidenceStore,
    SearchProof,
    Sending,
    Summary,
    SummaryPage,
)
from include.application.ports.files import Files
from include.application.ports.invoice_views import InvoiceViews
from include.application.views.filters import provider_name
from include.application.views.json_rows import invoice_detail
from include.domain.causes import cause
from include.domain.configuration import Configuration
from include.domain.rights import Viewer
from include.domain.submission import RemoteInvoice
from include.domain.transitions.mapping import Edit
from include.texts import Language


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The use case; `fingerprint` finds the platform's fingerprint of a deposit in its raw answer.

    All of it is in French, whoever asks: so are the public bodies and courts that may have to read it, and the same
    facts give the same head.
    """

    views: InvoiceViews
    store: EvidenceStore
    files: Files
    configuration: Configuration
    page: SummaryPage
    fingerprint: Callable[[str], str | None]

    def pack(self, reference: str, *, viewer: Viewer) -> tuple[int, Pack] | None:
        """Our id and the pack; None for an invoice that does not exist or that this person does not see.

        ContentMissingError when something that was sent is not in the content store any more.
        """
        detail = self.views.detail(viewer, reference)
        if detail is None:
            return None
        shown = invoice_detail(detail, self.configuration, LANGUAGE)
        facts = self.store.facts(detail.row.id)
        contents = list(self._contents(facts.attempts))
        sendings = [self._sending(number, attempt) for number, attempt in enumerate(facts.attempts, start=1)]
        provider = provider_name(self.configuration, detail.row.provider_key)
        summary = Summary(invoice=detail, provider=provider, facts=facts, sendings=sendings, contents=contents)
        entries = [
            Entry(name="resume.html", content=self.page(summary, LANGUAGE).encode()),
            _json("invoice.json", {name: value for name, value in shown.items() if name not in _APART}),
            _json(
                "document.json", {"document": facts.document, "edits": {n: _in_json(e) for n, e in facts.edits.items()}}
            ),
            _json("moves.json", shown["moves"]),
            _json("searches.json", [_search(search) for search in facts.searches]),
            _json("platform_history.json", {"remote": shown["remote"], "history": shown["history"]}),
        ]
        for sending in sendings:
            entries += _of_attempt(sending)
        entries += [Entry(name=content.name, content=self.files.get(content.sha256)) for content in contents]
        about = {name: shown[name] for name in ("id", "chorus_id", "invoice_number", "provider")}
        return detail.row.id, build(about, entries)

    def _sending(self, number: int, attempt: AttemptProof) -> Sending:
        answer = attempt.answer
        return Sending(number=number, attempt=attempt, fingerprint=self.fingerprint(answer) if answer else None)

    def _contents(self, attempts: Sequence[AttemptProof]) -> Iterator[Content]:
        """Each content once, however often it was sent."""
        seen: set[str] = set()
        for attempt in attempts:
            for role, name, sha256 in _named(attempt.submission):
                if sha256 not in seen:
                    seen.add(sha256)
                    folder = "facture" if role == _MAIN else "pieces-jointes"
                    yield Content(name=f"{folder}/{len(seen):02d}-{_safe(name)}", shown_as=name, sha256=sha256)


_MAIN = "main"
LANGUAGE: Language = "fr"
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


def _search(search: SearchProof) -> dict[str, Any]:
    """A search with what it decided in words."""
    found = [_in_json(one) for one in search.found]
    return {**vars(search), "found": found, "decided": cause(search.decided).text(LANGUAGE)}


def _in_json(value: Edit | RemoteInvoice) -> dict[str, Any]:
    """An edit or a found invoice as our database holds it, where the zone of a moment is a Z."""
    return {
        name: one.isoformat().replace("+00:00", "Z") if isinstance(one, dt.datetime) else one
        for name, one in vars(value).items()
    }


def _of_attempt(sending: Sending) -> Iterator[Entry]:
    folder, attempt = f"envois/{sending.number:02d}", sending.attempt
    kept = {name: value for name, value in vars(attempt).items() if name not in ("body", "answer", "submission")}
    kept["note"] = attempt.note and attempt.note.text(LANGUAGE)
    yield _json(f"{folder}/attempt.json", {**kept, "fingerprint": sending.fingerprint})
    yield _json(f"{folder}/values.json", attempt.submission)
    yield Entry(name=f"{folder}/payload.json", content=attempt.body.encode())
    if attempt.answer is not None:
        yield Entry(name=f"{folder}/answer.txt", content=attempt.answer.encode())


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
