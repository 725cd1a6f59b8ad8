"""What is too old to be kept (port `RetentionStore`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.database import Database
from include.adapters.storage.tables import (
    deliveries,
    delivery_events,
    events,
    invoices,
    readings,
    remote_readings,
    tracked_statuses,
)
from include.domain.lifecycle import State

_SETTLED = (State.SUBMITTED, State.CLOSED, State.DISCARDED)
_AGENT = ("agent_first_name", "agent_last_name", "agent_mail", "agent_phone")


class SqlRetention:
    """`RetentionStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agents(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`."""
        named = sa.or_(*(tracked_statuses.c[name].is_not(None) for name in _AGENT))
        old = sa.and_(tracked_statuses.c.at < before, named)
        with self._database.write() as connection:
            if apply:
                changed = connection.execute(tracked_statuses.update().where(old).values(dict.fromkeys(_AGENT)))
                return changed.rowcount
            return _count(connection, tracked_statuses, old)

    def readings(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`; what the platform read of the same contents goes along."""
        needed = sa.select(invoices.c.content_sha256).where(
            invoices.c.content_sha256.is_not(None), invoices.c.state.not_in(_SETTLED)
        )
        old = sa.and_(readings.c.read_at < before, readings.c.content_sha256.not_in(needed))
        theirs = sa.and_(remote_readings.c.read_at < before, remote_readings.c.content_sha256.not_in(needed))
        with self._database.write() as connection:
            found = _count(connection, readings, old) + _count(connection, remote_readings, theirs)
            if apply:
                connection.execute(readings.delete().where(old))
                connection.execute(remote_readings.delete().where(theirs))
            return found

    def events(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`."""
        waiting = (
            sa.select(delivery_events.c.event_id)
            .join(deliveries, deliveries.c.id == delivery_events.c.delivery_id)
            .where(deliveries.c.state == "due")
        )
        old = sa.and_(events.c.at < before, events.c.distributed, events.c.id.not_in(waiting))
        with self._database.write() as connection:
            found = _count(connection, events, old)
            if apply:
                ids = sa.select(events.c.id).where(old)
                connection.execute(delivery_events.delete().where(delivery_events.c.event_id.in_(ids)))
                connection.execute(events.delete().where(old))
                told = sa.select(delivery_events.c.delivery_id)
                connection.execute(deliveries.delete().where(deliveries.c.id.not_in(told), deliveries.c.state != "due"))
            return found


def _count(connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0
