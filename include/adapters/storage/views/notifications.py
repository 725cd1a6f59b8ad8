"""What people were told (port `NotificationViews`)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import AnyRow, events, invoices
from include.adapters.storage.core.told_events import told_events
from include.adapters.storage.views.paging import key_page
from include.application.ports.notification_views import NotificationRow
from include.application.ports.paging import Page, PageRequest
from include.domain.notification import Event, EventKind

_EVENT = (
    events.c.id,
    events.c.kind,
    events.c.at,
    events.c.provider_key,
    events.c.invoice_id,
    events.c.facts,
    events.c.once,
    invoices.c.document_id,
)


class SqlNotificationViews:
    """`NotificationViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, user: str | None, request: PageRequest, *, unread: bool = False, kind: EventKind | None = None
    ) -> Page[NotificationRow]:
        """See `NotificationViews`."""
        query, order = _told_to(user, unread) if user is not None else _every()
        if kind is not None:
            query = query.where(events.c.kind == kind)
        query = query.join(invoices, invoices.c.id == events.c.invoice_id, isouter=True)
        with self._database.read() as connection:
            page = key_page(connection, query, request, {"at": order}, order)
        return Page(items=tuple(_row(row) for row in page.items), after=page.after, before=page.before)

    def unread(self, user: str) -> int:
        """See `NotificationViews`."""
        query = sa.select(sa.func.count()).select_from(told_events).where(*_unread_by(user))
        with self._database.read() as connection:
            return connection.scalar(query) or 0


def _told_to(user: str, unread: bool) -> tuple[sa.Select[Any], sa.Column[Any]]:
    """In the order of the person's own rows, of which an index knows the newest."""
    wanted = _unread_by(user) if unread else (told_events.c.recipient == user,)
    query = sa.select(*_EVENT, told_events.c.read_at).select_from(
        told_events.join(events, events.c.id == told_events.c.event_id)
    )
    return query.where(*wanted), told_events.c.event_id


def _every() -> tuple[sa.Select[Any], sa.Column[Any]]:
    return sa.select(*_EVENT, sa.null().label("read_at")).select_from(events), events.c.id


def _unread_by(user: str) -> tuple[sa.ColumnElement[bool], ...]:
    return told_events.c.recipient == user, told_events.c.read_at.is_(None)


def _row(row: AnyRow) -> NotificationRow:
    event = Event(
        id=row.id,
        kind=EventKind(row.kind),
        at=row.at,
        provider_key=row.provider_key,
        invoice_id=row.invoice_id,
        facts=row.facts,
        once=row.once,
    )
    return NotificationRow(event=event, document_id=row.document_id, read_at=row.read_at)
