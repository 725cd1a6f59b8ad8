"""The configuration with its revisions: one row a change, the newest in force (port `ConfigurationStore`)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.payment_terms import keep_terms
from include.adapters.storage.core.tables import JSON, attempts, invoices, revisions
from include.application.ports.configuration import ConfigurationChange
from include.domain.configuration import Configuration
from include.domain.configuration.renaming import renamed_providers
from include.domain.errors import StaleError
from include.domain.lifecycle import ASSESSED_ONCE, UNSENT

_UNSENT_INVOICES = sa.select(sa.func.count()).select_from(invoices).where(invoices.c.state.in_(UNSENT))


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
        changes: Sequence[ConfigurationChange],
    ) -> int:
        """See `ConfigurationStore`."""
        revision = expected_revision + 1
        with self._database.write() as connection:
            newest = connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0
            if newest != expected_revision:
                raise StaleError("configuration_changed_meanwhile")
            row = {
                "revision": revision,
                "configuration": dump(Configuration, configuration),
                "changes": dump(tuple[ConfigurationChange, ...], tuple(changes)),
                "actor": actor,
                "source": source,
                "at": at,
                "touched": connection.scalar(_UNSENT_INVOICES),
            }
            if not insert_new(connection, revisions, row):
                raise StaleError("configuration_changed_meanwhile")
            _carry_names(connection, self._previous(connection, expected_revision), configuration)
            keep_terms(connection, configuration)
        return revision

    def _previous(self, connection: Connection, revision: int) -> Configuration:
        if revision == self._parsed[0]:
            return self._parsed[1]
        query = sa.select(revisions.c.configuration).where(revisions.c.revision == revision)
        found: Configuration = load(Configuration, connection.scalar(query)) if revision else Configuration()
        return found

    def provider_has_submissions(self, key: str) -> bool:
        """See `ConfigurationStore`."""
        tried = sa.select(attempts.c.id).where(attempts.c.provider_key == key).limit(1)
        packed = sa.select(archived.c.invoice_id).join(invoices, invoices.c.id == archived.c.invoice_id)
        with self._database.read() as connection:
            queries = (tried, packed.where(invoices.c.provider_key == key).limit(1))
            return any(connection.execute(query).first() is not None for query in queries)

    def anything_assessed(self) -> bool:
        """See `ConfigurationStore`."""
        query = sa.select(invoices.c.id).where(invoices.c.state.in_(ASSESSED_ONCE)).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def unsent_invoices(self) -> int:
        """See `ConfigurationStore`."""
        with self._database.read() as connection:
            return connection.scalar(_UNSENT_INVOICES) or 0


def _carry_names(connection: Connection, before: Configuration, after: Configuration) -> None:
    """Invoices hold the names of the providers that their criteria allow: at once those that are in force.

    They are held against the criteria again anyway, but not while the portal is down, and are sent all the same.
    """
    renamed = renamed_providers(before, after)
    if not renamed:
        return
    scope, text = invoices.c.provider_scope, sa.cast(invoices.c.provider_scope, sa.Text)
    held = {one: json.loads(one) for one in connection.scalars(sa.select(text).where(scope.is_not(None)).distinct())}
    wanted = {one: [renamed.get(name, name) for name in names] for one, names in held.items()}
    changed = {one: names for one, names in wanted.items() if names != held[one]}
    if changed:
        # in one statement: two providers may have changed their names with each other
        new = sa.case(*((text == one, sa.literal(told, JSON)) for one, told in changed.items()))
        connection.execute(invoices.update().where(text.in_(changed)).values(provider_scope=new))
