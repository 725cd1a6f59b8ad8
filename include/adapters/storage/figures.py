"""Numbers for monitoring (port `FigureStore`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.database import Database
from include.adapters.storage.invoice_rows import SYSTEM
from include.adapters.storage.tables import attempts, invoices, moves
from include.application.figures import Sent, Standing
from include.domain.lifecycle import State
from include.domain.submission import AttemptState


class SqlFigures:
    """`FigureStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self) -> list[Standing]:
        """See `FigureStore`."""
        query = sa.select(
            invoices.c.provider_key,
            invoices.c.state,
            sa.func.count().label("number"),
            sa.func.min(invoices.c.created_at).label("oldest_at"),
        ).group_by(invoices.c.provider_key, invoices.c.state)
        with self._database.read() as connection:
            return [
                Standing(provider_key=row.provider_key, state=row.state, count=row.number, oldest_at=row.oldest_at)
                for row in connection.execute(query)
            ]

    def sent(self, *, since: dt.datetime) -> list[Sent]:
        """A person's touch: a typed value, or a move before the platform took it that a person asked for.

        The claim carries the worker's name, so it is no person's move.
        """
        typed = sa.and_(invoices.c.edits.is_not(None), sa.cast(invoices.c.edits, sa.Text) != "{}")
        moved = (
            sa.select(moves.c.id)
            .where(
                moves.c.invoice_id == invoices.c.id,
                moves.c.actor != SYSTEM,
                moves.c.after != State.SUBMITTING,
                moves.c.at <= attempts.c.closed_at,
            )
            .exists()
        )
        query = (
            sa.select(
                attempts.c.provider_key,
                sa.func.count().label("number"),
                sa.func.sum(sa.case((sa.or_(typed, moved), 0), else_=1)).label("untouched"),
            )
            .join(invoices, invoices.c.id == attempts.c.invoice_id)
            .where(
                attempts.c.kind == "submission",
                attempts.c.state == AttemptState.TAKEN,
                attempts.c.closed_at >= since,
            )
            .group_by(attempts.c.provider_key)
        )
        with self._database.read() as connection:
            return [
                Sent(provider_key=row.provider_key, count=row.number, untouched=int(row.untouched))
                for row in connection.execute(query)
            ]
