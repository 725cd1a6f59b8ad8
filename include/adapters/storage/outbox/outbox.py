"""Events and the digests that tell them (port `Outbox`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.core.tables import AnyRow, deliveries, delivery_events, events
from include.adapters.storage.core.told_events import told_events
from include.application.ports.outbox import Delivery
from include.domain.errors import StaleError
from include.domain.notification import Digest, Event, EventKind, NewEvent

_DUE, _MAILED, _FAILED, _DASHBOARD = "due", "mailed", "failed", "dashboard"
_CHUNK = 500


class SqlOutbox:
    """`Outbox` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def undistributed(self, *, after: int, limit: int) -> Sequence[Event]:
        """See `Outbox`."""
        query = sa.select(events).where(~events.c.distributed, events.c.id > after).order_by(events.c.id).limit(limit)
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def told(self, kind: EventKind, *, since: dt.datetime) -> Sequence[Event]:
        """See `Outbox`."""
        query = sa.select(events).where(events.c.distributed, events.c.kind == kind, events.c.at > since)
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query.order_by(events.c.id))]

    def distribute(self, digests: Sequence[Digest], event_ids: Sequence[int], *, now: dt.datetime) -> None:
        """See `Outbox`."""
        with self._database.write() as connection:
            for start in range(0, len(event_ids), _CHUNK):
                chunk = event_ids[start : start + _CHUNK]
                told = events.update().where(events.c.id.in_(chunk), ~events.c.distributed).values(distributed=True)
                if connection.execute(told).rowcount != len(chunk):
                    raise StaleError("events_taken")
            for digest in digests:
                delivery_id = connection.scalar(
                    deliveries.insert()
                    .values(
                        message_id=digest.message_id,
                        recipient=digest.user,
                        kind=digest.kind,
                        count=digest.count,
                        state=_DUE if digest.mailed else _DASHBOARD,
                        next_try=now,
                        tries=0,
                    )
                    .returning(deliveries.c.id)
                )
                rows = [{"delivery_id": delivery_id, "event_id": event_id} for event_id in digest.event_ids]
                connection.execute(delivery_events.insert(), rows)
                told_now = [{"recipient": digest.user, "event_id": event_id} for event_id in digest.event_ids]
                connection.execute(told_events.insert(), told_now)

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """See `Outbox`."""
        query = (
            sa.select(deliveries)
            .where(deliveries.c.state == _DUE, deliveries.c.next_try <= now, _free(now))
            .order_by(deliveries.c.next_try, deliveries.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def events_of(self, delivery_id: int, *, limit: int) -> Sequence[Event]:
        """See `Outbox`."""
        query = (
            sa.select(events)
            .join(delivery_events, delivery_events.c.event_id == events.c.id)
            .where(delivery_events.c.delivery_id == delivery_id)
            .order_by(events.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def claim(self, delivery_id: int, *, owner: str, until: dt.datetime, now: dt.datetime) -> bool:
        """See `Outbox`."""
        query = (
            deliveries.update()
            .where(deliveries.c.id == delivery_id, deliveries.c.state == _DUE, deliveries.c.next_try <= now, _free(now))
            .values(owner=owner, lease_until=until)
        )
        with self._database.write() as connection:
            return connection.execute(query).rowcount == 1

    def mailed(self, delivery_id: int, *, now: dt.datetime) -> None:
        """See `Outbox`."""
        query = deliveries.update().where(deliveries.c.id == delivery_id)
        with self._database.write() as connection:
            connection.execute(query.values(state=_MAILED, closed_at=now, owner=None, lease_until=None))

    def failed(
        self, delivery_id: int, *, owner: str, reason: str, now: dt.datetime, alert: NewEvent | None = None
    ) -> None:
        """See `Outbox`."""
        self._give_back(delivery_id, owner, {"state": _FAILED, "closed_at": now, "note": reason}, alert)

    def postponed(
        self, delivery_id: int, *, owner: str, next_try: dt.datetime, reason: str, alert: NewEvent | None = None
    ) -> None:
        """See `Outbox`."""
        values = {"next_try": next_try, "note": reason, "tries": deliveries.c.tries + 1}
        self._give_back(delivery_id, owner, values, alert)

    def mark_read(self, user: str, event_ids: Sequence[int] | None, *, now: dt.datetime) -> None:
        """See `Outbox`."""
        unread = told_events.c.recipient == user, told_events.c.read_at.is_(None)
        marked = told_events.update().where(*unread).values(read_at=now)
        with self._database.write() as connection:
            if event_ids is None:
                connection.execute(marked)
                return
            for start in range(0, len(event_ids), _CHUNK):
                connection.execute(marked.where(told_events.c.event_id.in_(event_ids[start : start + _CHUNK])))

    def _give_back(self, delivery_id: int, owner: str, values: dict[str, Any], alert: NewEvent | None) -> None:
        mine = deliveries.c.id == delivery_id, deliveries.c.state == _DUE, deliveries.c.owner == owner
        with self._database.write() as connection:
            query = deliveries.update().where(*mine).values(owner=None, lease_until=None, **values)
            if connection.execute(query).rowcount == 1 and alert is not None:
                announce(connection, alert)


def _free(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.or_(deliveries.c.owner.is_(None), deliveries.c.lease_until <= now)


def _event(row: AnyRow) -> Event:
    return Event(
        id=row.id,
        kind=EventKind(row.kind),
        at=row.at,
        provider_key=row.provider_key,
        invoice_id=row.invoice_id,
        facts=row.facts,
        once=row.once,
    )


def _delivery(row: AnyRow) -> Delivery:
    return Delivery(
        id=row.id,
        user=row.recipient,
        kind=EventKind(row.kind),
        message_id=row.message_id,
        count=row._mapping["count"],
        tries=row.tries,
    )
