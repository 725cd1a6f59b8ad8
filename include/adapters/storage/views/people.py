"""What people have open, and how often they ask (ports `Presences` and `CallRates`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.people_tables import person_calls, presences
from include.application.ports.presences import Presence

_P, _C = presences.c, person_calls.c
_KEPT = dt.timedelta(hours=1)
"""Rows older than this are deleted by whoever comes next."""


class SqlPresences:
    """`Presences` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def here(self, document_id: int, person: str, *, now: dt.datetime, gone_after: dt.timedelta) -> None:
        """See `Presences`."""
        since = sa.case((_P.seen_at > now - gone_after, _P.since), else_=sa.literal(now, _P.since.type))
        mine = presences.update().where(_P.document_id == document_id, _P.person == person)
        # lost at a power cut, the next beat of the page brings it back
        with self._database.write(durable=False) as connection:
            connection.execute(presences.delete().where(_P.seen_at < now - _KEPT))
            if connection.execute(mine.values(since=since, seen_at=now)).rowcount == 0:
                row = {"document_id": document_id, "person": person, "since": now, "seen_at": now}
                insert_new(connection, presences, row)

    def left(self, document_id: int, person: str) -> None:
        """See `Presences`."""
        with self._database.write(durable=False) as connection:
            connection.execute(presences.delete().where(_P.document_id == document_id, _P.person == person))

    def others(
        self, document_id: int, person: str, *, now: dt.datetime, gone_after: dt.timedelta
    ) -> Sequence[Presence]:
        """See `Presences`."""
        query = (
            sa.select(_P.person, _P.since)
            .where(_P.document_id == document_id, _P.person != person, _P.seen_at > now - gone_after)
            .order_by(_P.since, _P.person)
        )
        with self._database.read() as connection:
            return [Presence(name=row.person, since=row.since) for row in connection.execute(query)]


class SqlCallRates:
    """`CallRates` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, kind: str, person: str, *, most: int, within: dt.timedelta, now: dt.datetime) -> dt.timedelta | None:
        """See `CallRates`."""
        mine = _C.kind == kind, _C.person == person
        with self._database.write(durable=False) as connection:
            row = connection.execute(sa.select(_C.since, _C.calls).where(*mine).with_for_update()).one_or_none()
            if row is None:
                # two first calls at once count as one: no harm
                insert_new(connection, person_calls, {"kind": kind, "person": person, "since": now, "calls": 1})
                return None
            # a count from the future was begun by a clock that has been put back since
            over = not row.since <= now < row.since + within
            if not over and row.calls >= most:
                left: dt.timedelta = row.since + within - now
                return left
            values = {"since": now, "calls": 1} if over else {"calls": row.calls + 1}
            connection.execute(person_calls.update().where(*mine).values(**values))
        return None
