"""Invoices asked live, for providers in Remote mode: rows as in the listings, and what to say when nobody answers.

An answer is kept for seconds, so that a page that is drawn and drawn again asks once. When the platform does not
answer, what it said last is shown, and it is said that this is old.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.application.ports.chorus import Chorus, RemoteQuery
from include.application.ports.clock import Clock
from include.application.ports.invoice_views import InvoiceFilter, InvoiceViews, LiveRow, Origin
from include.application.ports.paging import MOST_ROWS, PageRequest
from include.application.ports.providers import Providers
from include.application.ports.tracking import KnownInvoice, Tracking
from include.application.providers.circuit_breaker import logged_in, open_circuit
from include.domain.codes import REMOTE_STATUSES, remote_status
from include.domain.configuration import Provider
from include.domain.configuration.base import PARIS
from include.domain.errors import ConfigurationError, ConnectorError, InputError, LoginRefusedError, RemoteError
from include.domain.lifecycle import State
from include.domain.reasons import Language
from include.domain.rights import Viewer
from include.domain.submission import RemoteInvoice
from include.domain.tracking import Account, state_of
from include.texts import translate

logger = logging.getLogger(__name__)

CACHE_SECONDS = 15.0
LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class LiveQuestion:
    """What is asked: the newest `limit` invoices of a provider that fit, for whom, and in whose language."""

    provider: Provider
    viewer: Viewer
    language: Language
    query: RemoteQuery = field(default_factory=RemoteQuery)
    limit: int = LIMIT


@dataclass(frozen=True, kw_only=True)
class LiveAnswer:
    """Rows, newest deposit first.

    Not `available`: the platform did not answer, `rows` are what it said last, and `last_seen` tells when (None:
    never). `more`: there are more than the limit. `notes` are sentences for the reader.
    """

    rows: tuple[LiveRow, ...]
    available: bool
    asked_at: dt.datetime
    last_seen: dt.datetime | None = None
    more: bool = False
    notes: tuple[str, ...] = ()
    failure: ConnectorError | None = None


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
    views: InvoiceViews
    providers: Providers
    chorus: Chorus
    clock: Clock
    _kept: dict[tuple[str, RemoteQuery, int], _Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, asked: LiveQuestion) -> LiveAnswer:
        """The newest invoices that fit; nothing of a provider that this person may not use.

        InputError for a status outside the platform's list, which it would refuse.
        """
        provider, viewer, wanted = asked.provider, asked.viewer, asked.query
        if wanted.status is not None and wanted.status not in REMOTE_STATUSES:
            raise InputError("no_such_status", name=wanted.status, allowed=", ".join(sorted(REMOTE_STATUSES)))
        if not viewer.everything and provider.key not in viewer.provider_keys:
            return LiveAnswer(rows=(), available=True, asked_at=self.clock.now())
        unfiltered = viewer.labels and provider.key in viewer.unfiltered
        notes = (translate("live.labels", asked.language),) if unfiltered else ()
        try:
            kept = self._asked(asked)
        except (RemoteError, ConfigurationError) as error:
            return self._not_available(asked, error, notes)
        rows = self._seen(self._rows(provider, kept.rows), viewer, provider)
        return LiveAnswer(rows=rows, available=True, asked_at=kept.asked_at, more=kept.more, notes=notes)

    def unanswered(self, asked: LiveQuestion) -> LiveAnswer:
        """What `look` says when the platform does not answer, for whoever waits for it no longer."""
        return self._not_available(asked, RemoteError("no_answer_in_time"), ())

    def _asked(self, asked: LiveQuestion) -> _Kept:
        question = (asked.provider.key, asked.query, asked.limit)
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None and self.clock.monotonic() < kept.until:
                return kept
        fresh = self._ask(asked.provider, asked.query, asked.limit)
        with self._lock:
            self._kept = {key: one for key, one in self._kept.items() if one.until > self.clock.monotonic()}
            self._kept[question] = fresh
        return fresh

    def _ask(self, provider: Provider, query: RemoteQuery, limit: int) -> _Kept:
        try:
            gateway = logged_in(provider, self.providers, self.chorus, self.clock)
            if gateway is None:
                health = self.providers.health(provider.key)
                raise LoginRefusedError(health.reason or "login_refused", half=health.half or "account")
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

    def _rows(self, provider: Provider, found: Sequence[RemoteInvoice]) -> tuple[LiveRow, ...]:
        environment = self.chorus.effective_environment(provider)
        account = Account(provider_key=provider.key, environment=environment, siret=provider.siret)
        ours = self.tracking.known(account, [row.chorus_id for row in found])
        return tuple(_row(provider, row, ours.get(row.chorus_id)) for row in found)

    def _seen(self, rows: tuple[LiveRow, ...], who: Viewer, provider: Provider) -> tuple[LiveRow, ...]:
        """In Local mode label rights hold here too; what our store does not know carries no label."""
        if who.labels is None or provider.key in who.unfiltered:
            return rows
        ids = tuple(row.id for row in rows if row.id is not None)
        seen = {row.id for row in self.views.rows(who, InvoiceFilter(ids=ids))}
        return tuple(row for row in rows if row.id in seen)

    def _stored(self, asked: LiveQuestion) -> tuple[LiveRow, ...]:
        """What the platform said last, newest deposit first."""
        query = asked.query
        wanted = InvoiceFilter(
            provider_key=asked.provider.key,
            text=query.number,
            statuses=(query.status,) if query.status is not None else (),
            deposited_from=query.deposited_from,
            deposited_to=query.deposited_to,
        )
        request = PageRequest(sort="-deposited", limit=min(asked.limit, MOST_ROWS))
        known = [row for row in self.views.page(asked.viewer, wanted, request).items if row.chorus_id is not None]
        named = [row for row in known if query.number is None or row.invoice_number == query.number]
        return tuple(LiveRow(**vars(row)) for row in named)

    def _not_available(self, asked: LiveQuestion, error: ConnectorError, notes: tuple[str, ...]) -> LiveAnswer:
        provider, language = asked.provider, asked.language
        logger.warning("Provider %s: no live answer: %s", provider.key, error)
        last = self.tracking.record(provider.key).last_good_at or self.providers.health(provider.key).last_success_at
        when = last or translate("live.never", language)
        sentence = translate("live.not_available", language, provider=provider.name, cause=error.headline, when=when)
        return LiveAnswer(
            rows=self._stored(asked),
            available=False,
            asked_at=self.clock.now(),
            last_seen=last,
            notes=(sentence, *notes),
            failure=error,
        )


def _row(provider: Provider, row: RemoteInvoice, ours: KnownInvoice | None) -> LiveRow:
    """The platform's own values; our id, document and state where we have it."""
    state = ours.state if ours else state_of(row.status, rejection_handled=row.rejection_handled) or State.SUBMITTED
    document_id = ours.document_id if ours else None
    deposited = row.deposited_on
    return LiveRow(
        id=ours.id if ours else None,
        document_id=document_id,
        version=ours.version if ours else None,
        chorus_id=row.chorus_id,
        provider_key=provider.key,
        invoice_number=row.number,
        state=state,
        status=remote_status(row.status),
        status_at=row.status_at,
        deposited_at=dt.datetime.combine(deposited, dt.time(), tzinfo=PARIS) if deposited else None,
        recipient_siret=row.recipient_siret,
        recipient_name=row.recipient_name,
        total_incl_tax=None if row.total_incl_tax is None else abs(row.total_incl_tax),
        reasons=(),
        comment=row.status_comment,
        # the answer of a search does not say since when the recipient has it
        pay_by=None,
        origin=Origin.FOREIGN if document_id is None else Origin.CONNECTOR,
        issue_date=row.issue_date,
        credit_note=row.credit_note,
    )
