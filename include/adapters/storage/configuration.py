"""The configuration with its revisions: one row a change, the newest in force (port `ConfigurationStore`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from include.adapters.storage.codec import dump, load
from include.adapters.storage.database import Database
from include.adapters.storage.tables import attempts, invoices, revisions
from include.application.configuration_port import Change, Revision
from include.domain.configuration import Configuration
from include.domain.errors import StaleError
from include.domain.lifecycle import UNSENT


class SqlConfiguration:
    """`ConfigurationStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._parsed: tuple[int, Configuration] = (0, Configuration())

    def current(self) -> tuple[int, Configuration]:
        """See `ConfigurationStore`; parsed anew only when the revision moved."""
        with self._database.read() as connection:
            newest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
            if newest != self._parsed[0]:
                query = sa.select(revisions.c.configuration).where(revisions.c.revision == newest)
                self._parsed = newest, load(Configuration, connection.scalar(query))
        return self._parsed

    def save(
        self,
        configuration: Configuration,
        *,
        expected_revision: int,
        actor: str,
        source: str,
        at: dt.datetime,
        changes: Sequence[Change],
    ) -> int:
        """See `ConfigurationStore`."""
        revision = expected_revision + 1
        with self._database.write() as connection:
            newest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
            if newest != expected_revision:
                raise StaleError(
                    "The configuration was changed by somebody else meanwhile.",
                    why="Nothing was changed now.",
                    todo="Look at `chorus config log`, then repeat.",
                )
            connection.execute(
                revisions.insert().values(
                    revision=revision,
                    configuration=dump(Configuration, configuration),
                    changes=dump(tuple[Change, ...], tuple(changes)),
                    actor=actor,
                    source=source,
                    at=at,
                )
            )
        return revision

    def provider_has_submissions(self, key: str) -> bool:
        """See `ConfigurationStore`."""
        query = sa.select(attempts.c.id).where(attempts.c.provider_key == key).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def unsent_invoices(self) -> int:
        """See `ConfigurationStore`."""
        query = sa.select(sa.func.count()).select_from(invoices).where(invoices.c.state.in_(UNSENT))
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def log(self) -> Sequence[Revision]:
        """See `ConfigurationStore`."""
        query = sa.select(revisions).order_by(revisions.c.revision.desc())
        with self._database.read() as connection:
            return [
                Revision(
                    number=row.revision,
                    at=row.at,
                    actor=row.actor,
                    source=row.source,
                    changes=load(tuple[Change, ...], row.changes),
                )
                for row in connection.execute(query)
            ]
