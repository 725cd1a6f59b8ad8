"""Accounts of suppliers as the platform last told them (port `SupplierAccounts`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import put
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, apply_locked, row_version
from include.adapters.storage.core.tables import invoices, providers
from include.application.ports.providers import KnownAccount
from include.domain.directory import SupplierAccount
from include.domain.lifecycle import State
from include.domain.transitions.mapping import assessed_again

_WAITS = sa.and_(
    invoices.c.state == State.TO_COMPLETE,
    sa.or_(
        *(
            sa.cast(invoices.c.reasons, sa.Text).contains(code)
            for code in ("bank_details_not_on_platform", "bank_details_ambiguous")
        )
    ),
)


class SqlSupplierAccounts:
    """`SupplierAccounts` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, provider_key: str) -> KnownAccount | None:
        """See `SupplierAccounts`."""
        query = sa.select(providers.c.account, providers.c.account_at).where(
            providers.c.provider_key == provider_key, providers.c.account_at.is_not(None)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return row and KnownAccount(account=load(SupplierAccount, row.account), fetched_at=row.account_at)

    def keep_account(self, provider_key: str, account: SupplierAccount, *, now: dt.datetime) -> bool:
        """See `SupplierAccounts`."""
        mine = providers.c.provider_key == provider_key
        values = {"account": dump(SupplierAccount, account), "account_at": now}
        with self._database.write() as connection:
            before = connection.execute(sa.select(providers.c.account).where(mine)).one_or_none()
            put(connection, providers, {"provider_key": provider_key, **values})
            changed = before is None or before.account != values["account"]
            if changed:
                waiting = sa.select(*ROW_VERSION_COLUMNS).where(invoices.c.provider_key == provider_key, _WAITS)
                for row in connection.execute(waiting.order_by(invoices.c.id).with_for_update()).all():
                    apply_locked(connection, assessed_again(row_version(row)), now=now)
        return changed

    def bank_details_waited_for(self) -> list[str]:
        """See `SupplierAccounts`."""
        query = sa.select(invoices.c.provider_key).where(_WAITS, invoices.c.provider_key.is_not(None)).distinct()
        with self._database.read() as connection:
            return sorted(connection.scalars(query))
