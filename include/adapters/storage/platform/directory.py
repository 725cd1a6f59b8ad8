"""The platform's directory as last asked (ports `DirectoryCache`, `DirectoryBook`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import directory_entries, invoices
from include.adapters.storage.core.visibility import visible
from include.application.ports.recipients import DirectoryUse, StoredEntry
from include.domain.directory import DirectoryEntry, FoundBody
from include.domain.lifecycle import ASSESSABLE
from include.domain.rights import Viewer
from include.domain.transitions.alerts import body_inactive
from include.domain.transitions.change import ASSESS_AGAIN


class SqlDirectoryCache:
    """`DirectoryCache` and `DirectoryBook` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, environment: str, siret: str) -> DirectoryEntry | None:
        """See `DirectoryCache`."""
        query = sa.select(directory_entries.c.entry).where(
            directory_entries.c.environment == environment, directory_entries.c.siret == siret
        )
        with self._database.read() as connection:
            data = connection.scalar(query)
        entry: DirectoryEntry | None = None if data is None else load(DirectoryEntry, data)
        return entry

    def put(self, environment: str, entry: DirectoryEntry, *, now: dt.datetime) -> bool:
        """See `DirectoryCache`."""
        mine = directory_entries.c.environment == environment, directory_entries.c.siret == entry.siret
        data = dump(DirectoryEntry, entry)
        with self._database.write() as connection:
            before = connection.scalar(sa.select(directory_entries.c.entry).where(*mine).with_for_update())
            values = {"entry": data, "fetched_at": entry.fetched_at}
            if connection.execute(directory_entries.update().where(*mine).values(**values)).rowcount == 0:
                # another worker may have stored the same body in this moment: either answer will do
                insert_new(connection, directory_entries, {"environment": environment, "siret": entry.siret, **values})
            if before is None or entry.same_as(load(DirectoryEntry, before)):
                return False
            uses_it = (
                invoices.c.environment == environment,
                invoices.c.recipient_siret == entry.siret,
                invoices.c.state.in_(ASSESSABLE),
            )
            again = {**ASSESS_AGAIN, "version": invoices.c.version + 1, "changed_at": now}
            assessed_again = invoices.update().where(*uses_it).values(**again).returning(invoices.c.id)
            blocked = connection.scalars(assessed_again).all()
            list_again(connection, blocked)
            if before["active"] and not entry.active and blocked:
                alert = body_inactive(environment, entry, name=before["name"], blocked=len(blocked), now=now)
                announce(connection, alert)
        return True

    def bodies(self, environment: str) -> list[FoundBody]:
        """See `DirectoryCache`."""
        entry = directory_entries.c.entry
        query = (
            sa.select(
                directory_entries.c.siret,
                entry["name"].as_string().label("name"),
                entry["town"].as_string().label("town"),
                entry["active"].as_boolean().label("active"),
                directory_entries.c.fetched_at,
            )
            .where(directory_entries.c.environment == environment, entry["structure_id"].as_integer() > 0)
            .order_by(directory_entries.c.siret)
        )
        with self._database.read() as connection:
            return [FoundBody(**row._mapping) for row in connection.execute(query)]

    def services(self) -> dict[str, frozenset[str]]:
        """See `DirectoryCache`."""
        known: dict[str, frozenset[str]] = {}
        for stored in self.entries():
            entry = stored.entry
            if entry.active and entry.structure_id:
                codes = frozenset(service.code for service in entry.services if service.active)
                known[entry.siret] = known.get(entry.siret, frozenset()) | codes
        return known

    def entries(self) -> list[StoredEntry]:
        """See `DirectoryBook`."""
        query = sa.select(directory_entries).order_by(directory_entries.c.environment, directory_entries.c.siret)
        with self._database.read() as connection:
            return [
                StoredEntry(environment=row.environment, entry=load(DirectoryEntry, row.entry))
                for row in connection.execute(query)
            ]

    def uses(self, viewer: Viewer) -> list[DirectoryUse]:
        """See `DirectoryBook`."""
        query = (
            sa.select(
                invoices.c.environment,
                invoices.c.recipient_siret.label("siret"),
                invoices.c.draft["fields"]["service_code"]["value"].as_string().label("service_code"),
                invoices.c.id.label("invoice_id"),
                invoices.c.document_id,
            )
            .where(invoices.c.state.in_(ASSESSABLE))
            .where(invoices.c.environment.is_not(None), invoices.c.recipient_siret.is_not(None), visible(viewer))
            .order_by(invoices.c.id)
        )
        with self._database.read() as connection:
            return [DirectoryUse(**row._mapping) for row in connection.execute(query)]
