"""Turns of calls, one row per client, by the database's clock: the workers of all machines keep one pace together."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database, database_clock
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.tables import call_turns

FURTHEST_SECONDS = 600.0
"""Seconds that a turn may lie ahead; one further ahead was given by a clock that has been put back since, and the row
begins anew."""


class SqlCallTurns:
    """`CallTurns` on our database: one UPDATE in a short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, client: str, gap_seconds: float) -> float:
        """See `CallTurns`."""
        # lost at a power cut, the next call comes a little early
        with self._database.write(durable=False) as connection:
            wait = _take(connection, client, gap_seconds)
            if wait is None:
                insert_new(connection, call_turns, {"client": client, "next_at": 0.0})
                wait = _take(connection, client, gap_seconds)
        return wait or 0.0


def _take(connection: Connection, client: str, gap_seconds: float) -> float | None:
    now, free = database_clock(connection), call_turns.c.next_at
    turn = sa.case((free.between(now, now + FURTHEST_SECONDS), free), else_=now)
    taken = (
        call_turns.update()
        .where(call_turns.c.client == client)
        .values(next_at=turn + gap_seconds)
        .returning(free - gap_seconds - now)
    )
    wait: float | None = connection.scalar(taken)
    return None if wait is None else max(wait, 0.0)
