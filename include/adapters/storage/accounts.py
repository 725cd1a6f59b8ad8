"""Accounts of suppliers as the platform last told them (port `SupplierAccounts`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.codec import dump, load
from include.adapters.storage.database import Database
from include.adapters.storage.invoice_rows import TICKET_COLUMNS, ticket, touch
from include.adapters.storage.tables import invoices, providers
from include.application.accounts_port import KnownAccount
from include.domain.directory import SupplierAccount
from include.domain.lifecycle import State

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
            if before is None:
                connection.execute(providers.insert().values(provider_key=provider_key, **values))
            else:
                connection.execute(providers.update().where(mine).values(**values))
            changed = before is None or before.account != values["account"]
            if changed:
                waiting = sa.select(*TICKET_COLUMNS).where(invoices.c.provider_key == provider_key, _WAITS)
                for row in connection.execute(waiting).all():
                    touch(connection, ticket(row), {"judged_revision": None}, now=now)
        return changed

    def bank_details_waited_for(self) -> list[str]:
        """See `SupplierAccounts`."""
        query = sa.select(invoices.c.provider_key).where(_WAITS, invoices.c.provider_key.is_not(None)).distinct()
        with self._database.read() as connection:
            return sorted(connection.scalars(query))
