"""The revisions of the configuration (port `HistoryViews`)."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.codec import load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import AnyRow, revisions
from include.adapters.storage.views.paging import key_page
from include.application.ports.configuration import ConfigurationChange, Revision
from include.application.ports.history_views import EVERYTHING, HistoryFilter, RevisionDetail
from include.application.ports.paging import Page, PageRequest
from include.domain.configuration import Configuration
from include.domain.errors import NotThereError
from include.domain.rights import Viewer

_LINE = tuple(revisions.c[name] for name in ("revision", "at", "actor", "source", "changes", "touched"))


class SqlHistoryViews:
    """`HistoryViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, viewer: Viewer, request: PageRequest, asked: HistoryFilter = EVERYTHING) -> Page[Revision]:
        """See `HistoryViews`."""
        query = sa.select(*_LINE).where(_seen(viewer))
        if asked.actor is not None:
            query = query.where(revisions.c.actor == asked.actor)
        if asked.section is not None:
            # a quote inside a value is written with a backslash, so nothing else looks like this
            text = sa.cast(revisions.c.changes, sa.Text)
            query = query.where(text.contains(f'"section": "{asked.section}', autoescape=True))
        with self._database.read() as connection:
            page = key_page(connection, query, request, {"revision": revisions.c.revision}, revisions.c.revision)
        return Page(items=tuple(map(_revision, page.items)), after=page.after, before=page.before)

    def one(self, viewer: Viewer, number: int) -> RevisionDetail:
        """See `HistoryViews`."""
        query = sa.select(*_LINE, revisions.c.configuration).where(_seen(viewer), revisions.c.revision == number)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotThereError("no_such_revision", revision=number)
        return RevisionDetail(revision=_revision(row), configuration=load(Configuration, row.configuration))

    def actors(self, viewer: Viewer) -> tuple[str, ...]:
        """See `HistoryViews`."""
        query = sa.select(revisions.c.actor).distinct().where(_seen(viewer)).order_by(revisions.c.actor)
        with self._database.read() as connection:
            return tuple(connection.scalars(query))


def _seen(viewer: Viewer) -> sa.ColumnElement[bool]:
    return sa.true() if viewer.administers else sa.false()


def _revision(row: AnyRow) -> Revision:
    return Revision(
        number=row.revision,
        at=row.at,
        actor=row.actor,
        source=row.source,
        changes=load(tuple[ConfigurationChange, ...], row.changes),
        touched=row.touched,
    )
