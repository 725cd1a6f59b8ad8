"""Retrieval on the real store and the fake platform: what the platform holds, what a run does, what is left."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.tables import events, invoices, moves, remote_invoices, tracked_statuses
from include.adapters.storage.store import Store
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.ledger import SendWork
from include.application.progress import Watch, unwatched
from include.application.tracking.retrieve_invoices import (
    RetrievalReport,
    Retrieving,
    retrieve_invoices,
    watch_statuses,
)
from include.domain.configuration import Configuration, Provider
from include.domain.notification import AddressBook, EventKind
from include.domain.submission import Taken
from tests.factories import PROVIDER_KEY, SUPPLIER, a_submission, configuration
from tests.fakes.chorus import FakeChorus, FakePlatform, HeldInvoice
from tests.fakes.clock import FakeClock

NOTIFIED = {"people": {"users": [{"name": "anna", "mail": "anna@imprimerie.example"}]}}


class TrackingBench:
    """One provider in Local mode that tells one person."""

    def __init__(self, store: Store, clock: FakeClock, make_ready: Callable[..., SendWork]) -> None:
        self.store = store
        self.clock = clock
        self.platform = FakePlatform(clock)
        self.chorus = FakeChorus(self.platform)
        self._make_ready = make_ready
        self.configuration = configuration(**NOTIFIED)
        [provider] = self.configuration.providers
        self.provider = provider.model_copy(
            update={"loading": "local", "notify": provider.notify.model_copy(update={"users": ("anna",)})}
        )
        self.configuration = self.configuration.model_copy(update={"providers": (self.provider,)})

    # -- what there is ---------------------------------------------------------------------------------------------

    def put(self, number: str, status: str = "DEPOSEE", *, siret: str = SUPPLIER, **changes: Any) -> HeldInvoice:
        """An invoice on the platform that this connector never sent."""
        held = self.platform.take(a_submission(number, supplier_siret=siret, **changes))
        if status != "DEPOSEE":
            held.move(status, self.clock.now())
        return held

    def claimed(self, number: str) -> Any:
        """An attempt that is about to be sent, and what it sends."""
        work = self._make_ready(number)
        submission = a_submission(number)
        revision, _ = self.store.configuration.current()
        return work, self.store.ledger.claim(
            work, submission, "body", owner="w", lease_seconds=900, revision=revision, now=self.clock.now()
        )

    def submitted(self, number: str) -> HeldInvoice:
        """An invoice of ours that the platform took."""
        _, attempt = self.claimed(number)
        held = self.platform.take(attempt.submission)
        taken = Taken(chorus_id=held.chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
        assert self.store.ledger.taken(attempt, taken, now=self.clock.now())
        return held

    # -- what runs -------------------------------------------------------------------------------------------------

    @property
    def retrieving(self) -> Retrieving:
        return retrieving(self.store, self.chorus, self.clock, self.configuration)

    def retrieve(
        self, *, since: dt.datetime | None = None, provider: Provider | None = None, watch: Watch = unwatched
    ) -> RetrievalReport:
        return retrieve_invoices(provider or self.provider, self.retrieving, since=since, watch=watch)

    def watch(self) -> RetrievalReport:
        return watch_statuses(self.provider.model_copy(update={"loading": "remote"}), self.retrieving)

    def loaded(self) -> None:
        """The first load is behind us, and a day has passed."""
        assert self.retrieve().complete
        self.clock.advance(days=2)

    # -- what is left ----------------------------------------------------------------------------------------------

    def rows(self, *columns: Any, of: str | None = None) -> list[tuple[Any, ...]]:
        query = sa.select(*columns).select_from(invoices).order_by(invoices.c.chorus_id)
        if of is not None:
            query = query.where(invoices.c.invoice_number == of)
        with self.store.database.read() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def standing(self) -> dict[str, tuple[str, str | None]]:
        """State and status by number."""
        found = self.rows(invoices.c.invoice_number, invoices.c.state, invoices.c.status)
        return {number: (state, status) for number, state, status in found}

    def events(self, kind: EventKind = EventKind.STATUS_CHANGED) -> list[dict[str, str]]:
        """Facts of the events of this kind, oldest first."""
        query = sa.select(events.c.facts).where(events.c.kind == kind).order_by(events.c.id)
        with self.store.database.read() as connection:
            return list(connection.scalars(query))

    def mailed(self) -> list[str]:
        """Numbers of invoices whose change of status somebody would be mailed."""
        book = AddressBook(self.configuration)
        found = self.store.outbox.undistributed(after=0, limit=100_000)
        return [
            event.facts["number"]
            for event in found
            if event.kind is EventKind.STATUS_CHANGED and any(to.mailed for to in book.addressees(event))
        ]

    def history(self, number: str) -> list[tuple[str, str | None]]:
        """Codes and comments of the stored history."""
        query = (
            sa.select(tracked_statuses.c.code, tracked_statuses.c.comment)
            .join(invoices, invoices.c.id == tracked_statuses.c.invoice_id)
            .where(invoices.c.invoice_number == number)
            .order_by(tracked_statuses.c.at, tracked_statuses.c.id)
        )
        with self.store.database.read() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def moves_made(self) -> Counter[tuple[str, str | None, str]]:
        query = sa.select(invoices.c.invoice_number, moves.c.before, moves.c.after).join(
            invoices, invoices.c.id == moves.c.invoice_id
        )
        with self.store.database.read() as connection:
            return Counter((number, before, after) for number, before, after in connection.execute(query))

    def everything(self) -> list[Any]:
        """See `contents`."""
        return contents(self.store)


def retrieving(store: Store, chorus: Chorus, clock: Clock, configuration: Configuration) -> Retrieving:
    """A retrieval on this store."""
    return Retrieving(
        tracking=store.tracking,
        corrections=store.corrections,
        providers=store.providers,
        directory=store.directory,
        chorus=chorus,
        internal_errors=store.internal_errors,
        clock=clock,
        configuration=configuration,
    )


def contents(store: Store) -> list[Any]:
    """All that two ways to the same knowledge must leave alike; times of our own work differ."""
    remote = [c for c in remote_invoices.c if c.name not in _OUR_TIMES]
    own = [c for c in invoices.c if c.name not in _OUR_TIMES]
    entries = [c for c in tracked_statuses.c if c.name not in ("id", "invoice_id")]
    told = sa.select(invoices.c.invoice_number, *entries).join(invoices, invoices.c.id == tracked_statuses.c.invoice_id)
    with store.database.read() as connection:
        return [
            sorted(map(repr, connection.execute(query)))
            for query in (sa.select(*own), sa.select(*remote), told, sa.select(events.c.facts, events.c.once))
        ]


_OUR_TIMES = frozenset({"id", "invoice_id", "version", "changed_at", "first_seen_at", "history_at"})

__all__ = ["PROVIDER_KEY", "TrackingBench", "contents", "retrieving"]
