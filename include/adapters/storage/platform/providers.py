"""What we remember of the platform: circuits of providers and entries of its directory."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.core.tables import providers
from include.adapters.storage.platform.accounts import SqlSupplierAccounts
from include.application.ports.providers import ProviderHealth
from include.domain.notification import NewEvent
from include.domain.transitions.alerts import login_refused

_HEALTH = tuple(providers.c[field.name] for field in dataclasses.fields(ProviderHealth))
_CREDENTIALS = ("password_expires_at", "password_ask_at", "certificate_expires_at")


class SqlProviders(SqlSupplierAccounts):
    """`Providers` on our database."""

    def health(self, provider_key: str) -> ProviderHealth:
        """See `Providers`."""
        with self._database.read() as connection:
            return healths_of(connection, [provider_key])[provider_key]

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
                announce(connection, login_refused(provider_key, half=half, reason=reason, now=now))
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


def healths_of(connection: Connection, provider_keys: Sequence[str]) -> dict[str, ProviderHealth]:
    """Of each of these providers; an empty one where nothing is known."""
    found = {key: ProviderHealth(provider_key=key) for key in provider_keys}
    for row in connection.execute(sa.select(*_HEALTH).where(providers.c.provider_key.in_(provider_keys))):
        found[row.provider_key] = ProviderHealth(**row._mapping)
    return found


def _make_sure_of(connection: Connection, provider_key: str) -> None:
    """The row of this provider exists from here on, whoever makes it."""
    insert_new(connection, providers, {"provider_key": provider_key})
