"""What we remember of the platform: circuits of providers and entries of its directory."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.accounts import SqlSupplierAccounts
from include.adapters.storage.codec import dump, load
from include.adapters.storage.database import Database
from include.adapters.storage.invoice_rows import announce
from include.adapters.storage.listings import visible
from include.adapters.storage.tables import directory_entries, invoices, providers
from include.application.recipients_port import DirectoryUse, StoredEntry
from include.application.storage_ports import ProviderHealth
from include.domain.directory import DirectoryEntry
from include.domain.lifecycle import State
from include.domain.notification import EventKind, NewEvent
from include.domain.rights import Viewer

_USES_DIRECTORY = (State.READ, State.TO_COMPLETE, State.READY, State.REFUSED)

_HEALTH = tuple(providers.c[field.name] for field in dataclasses.fields(ProviderHealth))
_CREDENTIALS = ("password_expires_at", "password_ask_at", "certificate_expires_at")


class SqlProviders(SqlSupplierAccounts):
    """`Providers` on our database."""

    def health(self, provider_key: str) -> ProviderHealth:
        """See `Providers`."""
        query = sa.select(*_HEALTH).where(providers.c.provider_key == provider_key)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return ProviderHealth(**row._mapping) if row else ProviderHealth(provider_key=provider_key)

    def open_circuit(
        self, provider_key: str, *, half: str, reason: str, probe_after: dt.timedelta, now: dt.datetime
    ) -> bool:
        """See `Providers`."""
        values = {"half": half, "reason": reason, "next_probe_at": now + probe_after}
        with self._database.write() as connection:
            _make_sure_of(connection, provider_key)
            mine = providers.c.provider_key == provider_key
            # the first of two workers at once opens it: only that one tells
            closed = providers.update().where(mine, providers.c.open_since.is_(None)).values(open_since=now)
            opened = connection.execute(closed).rowcount == 1
            connection.execute(providers.update().where(mine).values(**values))
            if opened:
                facts = {"code": "login_refused", "half": half, "provider": provider_key, "reason": reason}
                announce(connection, NewEvent(kind=EventKind.ALERT, at=now, provider_key=provider_key, facts=facts))
        return opened

    def close_circuit(self, provider_key: str, *, now: dt.datetime) -> None:
        """See `Providers`."""
        values = {"open_since": None, "half": None, "reason": None, "next_probe_at": None, "last_success_at": now}
        with self._database.write() as connection:
            _make_sure_of(connection, provider_key)
            connection.execute(providers.update().where(providers.c.provider_key == provider_key).values(**values))

    def keep_credentials(self, health: ProviderHealth, alerts: Sequence[NewEvent]) -> None:
        """See `Providers`; an alert that was told before is dropped."""
        values = {name: getattr(health, name) for name in _CREDENTIALS}
        with self._database.write() as connection:
            _make_sure_of(connection, health.provider_key)
            mine = providers.c.provider_key == health.provider_key
            connection.execute(providers.update().where(mine).values(**values))
            for alert in alerts:
                announce(connection, alert)


def _make_sure_of(connection: Connection, provider_key: str) -> None:
    """The row of this provider exists from here on, whoever makes it."""
    known = sa.select(providers.c.provider_key).where(providers.c.provider_key == provider_key)
    if connection.execute(known).first() is None:
        with contextlib.suppress(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(providers.insert().values(provider_key=provider_key))


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
                with contextlib.suppress(sa.exc.IntegrityError), connection.begin_nested():
                    new = {"environment": environment, "siret": entry.siret, **values}
                    connection.execute(directory_entries.insert().values(**new))
            if before is None or {**before, "fetched_at": None} == {**data, "fetched_at": None}:
                return False
            uses_it = (
                invoices.c.environment == environment,
                invoices.c.recipient_siret == entry.siret,
                invoices.c.state.in_(_USES_DIRECTORY),
            )
            again = {"judged_revision": None, "version": invoices.c.version + 1, "changed_at": now}
            blocked = connection.execute(invoices.update().where(*uses_it).values(**again)).rowcount
            if before["active"] and not entry.active and blocked:
                announce(connection, _body_inactive(environment, entry, before["name"], blocked, now))
        return True

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
            .where(invoices.c.state.in_(_USES_DIRECTORY))
            .where(invoices.c.environment.is_not(None), invoices.c.recipient_siret.is_not(None), visible(viewer))
            .order_by(invoices.c.id)
        )
        with self._database.read() as connection:
            return [DirectoryUse(**row._mapping) for row in connection.execute(query)]


def _body_inactive(environment: str, entry: DirectoryEntry, name: str, blocked: int, now: dt.datetime) -> NewEvent:
    """Told once for each time that a body closes."""
    facts = {"code": "body_inactive", "siret": entry.siret, "name": entry.name or name, "count": str(blocked)}
    once = f"body_inactive:{environment}:{entry.siret}:{now.isoformat()}"
    return NewEvent(kind=EventKind.ALERT, at=now, facts=facts, once=once)
