"""The outbox in memory, and one that dies at the worst moment; rules: tests/contracts/store/test_outbox.py."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from include.application.ports.notification_views import NotificationRow
from include.application.ports.outbox import Delivery
from include.application.ports.paging import Page, PageRequest, page_of
from include.domain.errors import StaleError, StoreError
from include.domain.notification import Digest, Event, EventKind, NewEvent


@dataclass
class Row:
    """One delivery as stored."""

    digest: Digest
    state: str
    next_try: dt.datetime
    tries: int = 0
    owner: str | None = None
    lease_until: dt.datetime | None = None
    reason: str | None = None


class FakeOutbox:
    """Each method is one transaction: a lock around everything."""

    def __init__(self) -> None:
        self.events: dict[int, Event] = {}
        self.distributed: set[int] = set()
        self.rows: dict[int, Row] = {}
        self.read: dict[tuple[str, int], dt.datetime] = {}
        self._lock = threading.RLock()

    def add(self, event: NewEvent) -> int | None:
        """What the store does in the transaction that causes an event."""
        with self._lock:
            if event.once is not None and any(known.once == event.once for known in self.events.values()):
                return None
            new_id = len(self.events) + 1
            fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(NewEvent)}
            self.events[new_id] = Event(id=new_id, **fields)
            return new_id

    def moved(self, gone: int, into: int) -> None:
        """What was told of one invoice was told of another: both are the same one."""
        with self._lock:
            for event_id, event in self.events.items():
                if event.invoice_id == gone:
                    self.events[event_id] = dataclasses.replace(event, invoice_id=into)

    def undistributed(self, *, after: int, limit: int) -> Sequence[Event]:
        with self._lock:
            waiting = [e for e in self.events.values() if e.id > after and e.id not in self.distributed]
            return sorted(waiting, key=lambda event: event.id)[:limit]

    def told(self, kind: EventKind, *, since: dt.datetime) -> Sequence[Event]:
        with self._lock:
            told = [self.events[event_id] for event_id in sorted(self.distributed)]
            return [event for event in told if event.kind is kind and event.at > since]

    def distribute(self, digests: Sequence[Digest], event_ids: Sequence[int], *, now: dt.datetime) -> None:
        with self._lock:
            if self.distributed & set(event_ids):
                raise StaleError("an event was distributed meanwhile")
            self.distributed |= set(event_ids)
            for digest in digests:
                state = "due" if digest.mailed else "dashboard"
                self.rows[len(self.rows) + 1] = Row(digest, state, next_try=now)

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        with self._lock:
            ids = [row_id for row_id, row in self.rows.items() if self._free(row, now)]
            ids.sort(key=lambda row_id: (self.rows[row_id].next_try, row_id))
            return [self._delivery(row_id) for row_id in ids[:limit]]

    def events_of(self, delivery_id: int, *, limit: int) -> Sequence[Event]:
        with self._lock:
            return [self.events[event_id] for event_id in sorted(self.rows[delivery_id].digest.event_ids)[:limit]]

    def claim(self, delivery_id: int, *, owner: str, until: dt.datetime, now: dt.datetime) -> bool:
        with self._lock:
            row = self.rows[delivery_id]
            if not self._free(row, now):
                return False
            row.owner, row.lease_until = owner, until
            return True

    def mailed(self, delivery_id: int, *, now: dt.datetime) -> None:
        with self._lock:
            self.rows[delivery_id].state = "mailed"

    def failed(
        self, delivery_id: int, *, owner: str, reason: str, now: dt.datetime, alert: NewEvent | None = None
    ) -> None:
        with self._lock:
            row = self._owned(delivery_id, owner)
            if row is not None:
                row.state, row.reason = "failed", reason
                self._tell(alert)

    def postponed(
        self, delivery_id: int, *, owner: str, next_try: dt.datetime, reason: str, alert: NewEvent | None = None
    ) -> None:
        with self._lock:
            row = self._owned(delivery_id, owner)
            if row is not None:
                row.next_try, row.reason, row.tries = next_try, reason, row.tries + 1
                row.owner = row.lease_until = None
                self._tell(alert)

    def mark_read(self, user: str, event_ids: Sequence[int] | None, *, now: dt.datetime) -> None:
        with self._lock:
            for event_id in self.told_to(user):
                if event_ids is None or event_id in event_ids:
                    self.read.setdefault((user, event_id), now)

    def told_to(self, user: str) -> set[int]:
        """Ids of the events of this person's digests."""
        return {i for row in self.rows.values() if row.digest.user == user for i in row.digest.event_ids}

    def states(self) -> dict[str, list[str]]:
        """User -> states of that user's deliveries, in order; for the tests."""
        found: dict[str, list[str]] = {}
        for row in self.rows.values():
            found.setdefault(row.digest.user, []).append(row.state)
        return found

    def _tell(self, alert: NewEvent | None) -> None:
        if alert is not None:
            self.add(alert)

    def _owned(self, delivery_id: int, owner: str) -> Row | None:
        row = self.rows[delivery_id]
        return row if row.state == "due" and row.owner == owner else None

    def _free(self, row: Row, now: dt.datetime) -> bool:
        leased = row.lease_until is not None and row.lease_until > now
        return row.state == "due" and row.next_try <= now and not leased

    def _delivery(self, row_id: int) -> Delivery:
        row = self.rows[row_id]
        digest = row.digest
        return Delivery(
            id=row_id,
            user=digest.user,
            kind=digest.kind,
            message_id=digest.message_id,
            count=digest.count,
            tries=row.tries,
        )


class FakeNotificationViews:
    """The port NotificationViews over an outbox in memory, whose events belong to no document."""

    def __init__(self, outbox: FakeOutbox) -> None:
        self._outbox = outbox

    def page(self, user: str | None, request: PageRequest, *, unread: bool = False) -> Page[NotificationRow]:
        seen = set(self._outbox.events) if user is None else self._outbox.told_to(user)
        wanted = [i for i in sorted(seen) if not (unread and (user, i) in self._outbox.read)]
        page = page_of([SimpleNamespace(at=i) for i in wanted], request, {"at": int})
        rows = [
            NotificationRow(event=self._outbox.events[one.at], document_id=None, read_at=self._read_at(user, one.at))
            for one in page.items
        ]
        return Page(items=tuple(rows), after=page.after, before=page.before)

    def _read_at(self, user: str | None, event_id: int) -> dt.datetime | None:
        return None if user is None else self._outbox.read.get((user, event_id))

    def unread(self, user: str) -> int:
        return len([i for i in self._outbox.told_to(user) if (user, i) not in self._outbox.read])


class OutboxDiesBeforeCommit(FakeOutbox):
    """The process ends between the server's acceptance and our commit, as often as `deaths` says."""

    def __init__(self, deaths: int = 1) -> None:
        super().__init__()
        self.deaths = deaths

    def mailed(self, delivery_id: int, *, now: dt.datetime) -> None:
        if self.deaths:
            self.deaths -= 1
            raise StoreError("the database went away")
        super().mailed(delivery_id, now=now)
