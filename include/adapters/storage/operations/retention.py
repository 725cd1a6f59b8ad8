"""What is too old to be kept (port `RetentionStore`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import (
    AnyRow,
    deliveries,
    delivery_events,
    documents,
    events,
    invoices,
    readings,
    remote_invoices,
    remote_readings,
    tracked_statuses,
)
from include.adapters.storage.core.told_events import told_events
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.tracking import Agent

_ENDED = (State.SUBMITTED, State.CLOSED, State.DISCARDED)
_AGENT = ("first_name", "last_name", "mail", "phone")
_NAMES = tuple(tracked_statuses.c[f"agent_{name}"] for name in _AGENT)
_AT_ONCE = 500


class SqlRetention:
    """`RetentionStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agents(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`; an entry without a time is as old as what we know of its invoice."""
        ours = sa.select(invoices.c.changed_at).where(invoices.c.id == tracked_statuses.c.invoice_id)
        since = sa.func.coalesce(tracked_statuses.c.at, ours.scalar_subquery())
        old = sa.and_(since < before, sa.or_(*(name.is_not(None) for name in _NAMES)))
        with self._database.write() as connection:
            if not apply:
                return _count(connection, tracked_statuses, old)
            _clear_comments(connection, old)
            changed = connection.execute(tracked_statuses.update().where(old).values(dict.fromkeys(_NAMES)))
            return changed.rowcount

    def texts(self, *, before: dt.datetime, apply: bool) -> int:
        """See `RetentionStore`; what the platform read of the same contents goes along."""
        needed = sa.select(invoices.c.content_sha256).where(
            invoices.c.content_sha256.is_not(None), invoices.c.state.not_in(_ENDED)
        )
        old = sa.and_(readings.c.read_at < before, readings.c.content_sha256.not_in(needed))
        theirs = sa.and_(remote_readings.c.read_at < before, remote_readings.c.content_sha256.not_in(needed))
        with self._database.write() as connection:
            found = _count(connection, readings, old) + _count(connection, remote_readings, theirs)
            if apply:
                connection.execute(readings.delete().where(old))
                connection.execute(remote_readings.delete().where(theirs))
        return found + self._drafts(before, apply)

    def _drafts(self, before: dt.datetime, apply: bool) -> int:
        """Invoices with words of the page beside their values, or in their reasons and warnings."""
        seen = sa.select(documents.c.id).where(documents.c.first_seen_at < before)
        quoting = sa.or_(
            sa.cast(invoices.c.draft, sa.Text).like('%"text": "%'),
            *(sa.cast(column, sa.Text).like("%{%") for column in (invoices.c.reasons, invoices.c.warnings)),
        )
        old = sa.and_(invoices.c.state.in_(_ENDED), invoices.c.document_id.in_(seen), quoting)
        if not apply:
            with self._database.read() as connection:
                return _count(connection, invoices, old)
        return sum(self._bare(rows) for rows in self._portions(old))

    def _portions(self, condition: sa.ColumnElement[bool]) -> Iterator[list[AnyRow]]:
        """The drafts, some at a time, so that other writers get their turn."""
        query = sa.select(invoices.c.id, invoices.c.version, invoices.c.draft).order_by(invoices.c.id).limit(_AT_ONCE)
        after = 0
        while True:
            with self._database.read() as connection:
                rows = list(connection.execute(query.where(condition, invoices.c.id > after)))
            if not rows:
                return
            yield rows
            after = rows[-1].id

    def _bare(self, rows: list[AnyRow]) -> int:
        """An invoice that moved meanwhile keeps what it has until the next time."""
        done = 0
        with self._database.write() as connection:
            for row in rows:
                bare = dump(Draft, load(Draft, row.draft).without_texts()) if row.draft else None
                same = sa.and_(invoices.c.id == row.id, invoices.c.version == row.version)
                stripped = invoices.update().where(same).values(draft=bare, reasons=None, warnings=None)
                done += connection.execute(stripped).rowcount
                list_again(connection, [row.id])
        return done

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
                connection.execute(told_events.delete().where(told_events.c.event_id.in_(ids)))
                connection.execute(events.delete().where(old))
                told = sa.select(delivery_events.c.delivery_id)
                connection.execute(deliveries.delete().where(deliveries.c.id.not_in(told), deliveries.c.state != "due"))
            return found


def _clear_comments(connection: Connection, old: sa.ColumnElement[bool]) -> None:
    """Comments stay, without the people whose names go; the newest one stands beside the invoice too."""
    entries = tracked_statuses.c
    query = sa.select(entries.id, entries.invoice_id, entries.comment, *_NAMES)
    for row in connection.execute(query.where(old, entries.comment.is_not(None))).all():
        agent = Agent(**{name: row._mapping[f"agent_{name}"] for name in _AGENT})
        told = agent.removed_from(row.comment)
        if told != row.comment:
            connection.execute(tracked_statuses.update().where(entries.id == row.id).values(comment=told))
            shown = sa.and_(
                remote_invoices.c.invoice_id == row.invoice_id, remote_invoices.c.status_comment == row.comment
            )
            connection.execute(remote_invoices.update().where(shown).values(status_comment=told))


def _count(connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0
