"""Invoices asked live, for providers in Remote mode: rows as in the listings, and what to say when nobody answers.

An answer is kept for seconds, so that a page that is drawn and drawn again asks once. When the platform does not
answer, what it said last is shown, and it is said that this is old.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.circuit import logged_in, open_circuit
from include.application.ports import Chorus, Clock, RemoteQuery
from include.application.storage_ports import Listings, Providers
from include.application.tracking_port import Account, Tracking
from include.domain.codes import REMOTE_STATUSES, remote_status
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConfigurationError, ConnectorError, InputError, LoginRefusedError, RemoteError
from include.domain.lifecycle import State
from include.domain.notification import PARIS
from include.domain.reasons import Language
from include.domain.rights import OWNER, Viewer, viewer
from include.domain.submission import RemoteInvoice
from include.domain.tracking import amount_text, state_of
from include.domain.wordings.live import NOTES

logger = logging.getLogger(__name__)

CACHE_SECONDS = 15.0
LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class LiveAnswer:
    """Rows in the shape of `chorus invoices list`, newest deposit first.

    Not `available`: the platform did not answer, `rows` are what it said last, and `last_seen` tells when (None:
    never). `more`: there are more than the limit. `notes` are sentences for the reader.
    """

    rows: list[dict[str, Any]]
    available: bool
    asked_at: dt.datetime
    last_seen: dt.datetime | None = None
    more: bool = False
    notes: tuple[str, ...] = ()
    trouble: ConnectorError | None = None


@dataclass(frozen=True, kw_only=True)
class _Kept:
    rows: tuple[RemoteInvoice, ...]
    more: bool
    asked_at: dt.datetime
    until: float


@dataclass
class LiveInvoices:
    """Asks the platform, at most once in CACHE_SECONDS for the same question. Safe for threads."""

    tracking: Tracking
    listings: Listings
    providers: Providers
    chorus: Chorus
    clock: Clock
    _kept: dict[tuple[str, RemoteQuery, int], _Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(
        self,
        provider: Provider,
        configuration: Configuration,
        *,
        language: Language,
        user: str | None = None,
        query: RemoteQuery | None = None,
        limit: int = LIMIT,
    ) -> LiveAnswer:
        """The newest `limit` invoices that fit; with `user`: nothing of a provider that person may not use.

        InputError for a status outside the platform's list, which it would refuse.
        """
        wanted = query or RemoteQuery()
        if wanted.status is not None and wanted.status not in REMOTE_STATUSES:
            raise InputError(
                f"{wanted.status!r} is no status of Chorus Pro.", todo="Allowed: " + ", ".join(sorted(REMOTE_STATUSES))
            )
        who = OWNER if user is None else viewer(configuration, user)
        if not who.everything and provider.key not in who.provider_keys:
            return LiveAnswer(rows=[], available=True, asked_at=self.clock.now())
        unfiltered = who.labels and provider.key in who.unfiltered
        notes = (NOTES["labels"][language == "en"],) if unfiltered else ()
        try:
            kept = self._asked(provider, wanted, limit)
        except (RemoteError, ConfigurationError) as error:
            answer = self._not_available(provider, wanted, limit, error, notes, language)
            return dataclasses.replace(answer, rows=self._seen(answer.rows, who, provider))
        rows = self._seen(self._rows(provider, kept.rows), who, provider)
        return LiveAnswer(rows=rows, available=True, asked_at=kept.asked_at, more=kept.more, notes=notes)

    def _asked(self, provider: Provider, query: RemoteQuery, limit: int) -> _Kept:
        question = (provider.key, query, limit)
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None and self.clock.monotonic() < kept.until:
                return kept
        fresh = self._ask(provider, query, limit)
        with self._lock:
            self._kept = {key: one for key, one in self._kept.items() if one.until > self.clock.monotonic()}
            self._kept[question] = fresh
        return fresh

    def _ask(self, provider: Provider, query: RemoteQuery, limit: int) -> _Kept:
        try:
            gateway = logged_in(provider, self.providers, self.chorus, self.clock)
            if gateway is None:
                health = self.providers.health(provider.key)
                raise LoginRefusedError(health.reason or "The login was refused.", half=health.half or "account")
            page = gateway.browse(query, page=1, page_size=limit)
        except LoginRefusedError as error:
            if self.providers.health(provider.key).open_since is None:
                open_circuit(provider, self.providers, self.clock, error)
            raise
        return _Kept(
            rows=page.rows[:limit],
            more=(page.total or 0) > limit,
            asked_at=self.clock.now(),
            until=self.clock.monotonic() + CACHE_SECONDS,
        )

    def _rows(self, provider: Provider, found: Sequence[RemoteInvoice]) -> list[dict[str, Any]]:
        environment = self.chorus.effective_environment(provider)
        account = Account(provider_key=provider.key, environment=environment, siret=provider.siret)
        ours = self.tracking.known(account, [row.chorus_id for row in found])
        return [_row(provider, row, ours.get(row.chorus_id, {})) for row in found]

    def _seen(self, rows: list[dict[str, Any]], who: Viewer, provider: Provider) -> list[dict[str, Any]]:
        """In Local mode label rights hold here too; what our store does not know carries no label."""
        if who.labels is None or provider.key in who.unfiltered:
            return rows
        ids = [row["id"] for row in rows if row["id"] is not None]
        seen = {row["id"] for row in self.listings.invoices(who, ids=ids)} if ids else set()
        return [row for row in rows if row["id"] in seen]

    def _not_available(
        self,
        provider: Provider,
        query: RemoteQuery,
        limit: int,
        error: ConnectorError,
        notes: tuple[str, ...],
        language: Language,
    ) -> LiveAnswer:
        logger.warning("Provider %s: no live answer: %s", provider.key, error)
        last = self.tracking.record(provider.key).last_good_at or self.providers.health(provider.key).last_success_at
        rows = self.tracking.stored_rows(provider.key, query, limit=limit)
        when = f"{last.astimezone(PARIS):%Y-%m-%d %H:%M}" if last else NOTES["never"][language == "en"]
        sentence = NOTES["not_available"][language == "en"].format(provider=provider.name, cause=error.what, when=when)
        shown = [{**row, "provider": provider.name} for row in rows]
        return LiveAnswer(
            rows=shown,
            available=False,
            asked_at=self.clock.now(),
            last_seen=last,
            notes=(sentence, *notes),
            trouble=error,
        )


def _row(provider: Provider, row: RemoteInvoice, ours: dict[str, Any]) -> dict[str, Any]:
    """The platform's own values; our id, document and state where we have it."""
    state = ours.get("state") or state_of(row.status, rejection_handled=row.rejection_handled) or State.SUBMITTED
    document_id = ours.get("document_id")
    return {
        "id": ours.get("id"),
        "document_id": document_id,
        "chorus_id": row.chorus_id,
        "invoice_number": row.number,
        "state": state,
        "status": remote_status(row.status),
        "status_at": row.status_at,
        "recipient_siret": row.recipient_siret,
        "total_incl_tax": amount_text(row.total_incl_tax, unsigned=True),
        "reasons": [],
        "origin": "connector" if document_id is not None else "foreign",
        "provider": provider.name,
    }
