"""Numbers for monitoring (port `FigureStore`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import attempts, invoices
from include.adapters.storage.views.touched import TAKEN, touched
from include.application.ports.figures import Sent, StateCount


class SqlFigures:
    """`FigureStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self) -> list[StateCount]:
        """See `FigureStore`."""
        query = sa.select(
            invoices.c.provider_key,
            invoices.c.state,
            sa.func.count().label("number"),
            sa.func.min(invoices.c.created_at).label("oldest_at"),
        ).group_by(invoices.c.provider_key, invoices.c.state)
        with self._database.read() as connection:
            return [
                StateCount(provider_key=row.provider_key, state=row.state, count=row.number, oldest_at=row.oldest_at)
                for row in connection.execute(query)
            ]

    def sent(self, *, since: dt.datetime) -> list[Sent]:
        """See `FigureStore`."""
        query = (
            sa.select(
                attempts.c.provider_key,
                sa.func.count().label("number"),
                sa.func.sum(sa.case((touched(), 0), else_=1)).label("untouched"),
            )
            .join(invoices, invoices.c.id == attempts.c.invoice_id)
            .where(TAKEN, attempts.c.closed_at >= since)
            .group_by(attempts.c.provider_key)
        )
        with self._database.read() as connection:
            return [
                Sent(provider_key=row.provider_key, count=row.number, untouched=int(row.untouched))
                for row in connection.execute(query)
            ]
