"""What the monitoring asks (port `WatchStore`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.run_tables import flow_runs, passes
from include.adapters.storage.core.tables import (
    UtcDateTime,
    attempts,
    directory_entries,
    events,
    invoices,
    remote_invoices,
    tracked_statuses,
)
from include.application.ports.monitoring import Open, Overdue, Pace, Pass, StateGroup
from include.application.ports.runs import Result
from include.domain.lifecycle import State
from include.domain.notification import NewEvent
from include.domain.payment_terms import NOT_OVERDUE
from include.domain.submission import AttemptState
from include.domain.tracking import EntryKind

_FOLLOWED = (State.SUBMITTED, State.TO_PROCESS)
_PACE = (invoices.c.environment, invoices.c.recipient_siret, invoices.c.status)
_AT_ONCE = 1000
_DAY = 86_400


class SqlWatch:
    """`WatchStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_pass(self, flow: str, *, now: dt.datetime) -> None:
        """See `WatchStore`."""
        mine = passes.update().where(passes.c.flow == flow).values(last_at=now)
        run = self._database.run
        with self._database.write() as connection:
            _ended(connection, flow, Result.GOOD, now, *((run.dag_id, run.run_id) if run else (None, None)))
            if not insert_new(connection, passes, {"flow": flow, "first_at": now, "last_at": now}):
                connection.execute(mine)

    def record_failure(
        self, flow: str, *, now: dt.datetime, dag_id: str | None = None, run_id: str | None = None
    ) -> None:
        """See `WatchStore`."""
        with self._database.write() as connection:
            _ended(connection, flow, Result.FAILED, now, dag_id, run_id)

    def last_pass(self, flow: str) -> Pass | None:
        """See `WatchStore`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(passes).where(passes.c.flow == flow)).one_or_none()
        return None if row is None else Pass(first_at=row.first_at, last_at=row.last_at)

    def waiting(self, states: Sequence[State], *, before: dt.datetime) -> list[StateGroup]:
        """See `WatchStore`."""
        return self._grouped(invoices.c.state.in_(states), invoices.c.changed_at < before)

    def last_taken(self, provider_key: str) -> dt.datetime | None:
        """See `WatchStore`."""
        query = sa.select(sa.func.max(attempts.c.closed_at)).where(
            attempts.c.provider_key == provider_key, attempts.c.state == AttemptState.TAKEN
        )
        with self._database.read() as connection:
            found: dt.datetime | None = connection.scalar(query)
        return found

    def open_invoices(self, *, before: dt.datetime, but: Sequence[str]) -> Iterator[Open]:
        """See `WatchStore`."""
        since = sa.func.coalesce(invoices.c.status_at, invoices.c.changed_at)
        query = (
            sa.select(
                invoices.c.id,
                invoices.c.provider_key,
                *_PACE,
                since.label("since"),
                remote_invoices.c.recipient_name,
                remote_invoices.c.rejection_handled,
                directory_entries.c.entry["name"].as_string().label("name"),
                directory_entries.c.entry["reports_payment"].as_boolean().label("reports_payment"),
            )
            .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id, isouter=True)
            .join(
                directory_entries,
                sa.and_(
                    directory_entries.c.environment == invoices.c.environment,
                    directory_entries.c.siret == invoices.c.recipient_siret,
                ),
                isouter=True,
            )
            .where(invoices.c.state.in_(_FOLLOWED), invoices.c.status.not_in(but), since < before)
            .order_by(invoices.c.id)
        )
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                yield Open(
                    invoice_id=row.id,
                    provider_key=row.provider_key,
                    pace=Pace(environment=row.environment, recipient_siret=row.recipient_siret, status=row.status),
                    recipient_name=row.name or row.recipient_name,
                    since=row.since,
                    rejection_handled=bool(row.rejection_handled),
                    # a body whose entry does not say so may report them
                    reports_payment=row.reports_payment is not False,
                )

    def paces(self) -> dict[Pace, dict[int, int]]:
        """See `WatchStore`; counted by the database, so that the number of rows is that of bodies, not of moves."""
        entries = tracked_statuses.c
        in_order = sa.func.lead(entries.at, type_=UtcDateTime()).over(
            partition_by=entries.invoice_id, order_by=(entries.at, entries.id)
        )
        steps = (
            sa.select(entries.invoice_id, entries.code, entries.at, in_order.label("left_at"))
            .where(entries.kind == EntryKind.STATUS, entries.at.is_not(None))
            .subquery()
        )
        took = sa.cast(sa.extract("epoch", steps.c.left_at) - sa.extract("epoch", steps.c.at), sa.BigInteger)
        days = (took // _DAY).label("days")
        body = (invoices.c.environment, invoices.c.recipient_siret)
        query = (
            sa.select(*body, steps.c.code, days, sa.func.count().label("number"))
            .join(invoices, invoices.c.id == steps.c.invoice_id)
            .where(steps.c.left_at.is_not(None), invoices.c.recipient_siret.is_not(None))
            .group_by(*body, steps.c.code, days)
        )
        found: dict[Pace, dict[int, int]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                pace = Pace(environment=row.environment, recipient_siret=row.recipient_siret, status=row.code)
                found.setdefault(pace, {})[row.days] = row.number
        return found

    def overdue(self, *, today: dt.date, but: Sequence[str]) -> list[Overdue]:
        """See `WatchStore`."""
        became = sa.func.row_number().over(
            partition_by=listed.c.provider_key, order_by=(listed.c.pay_by.desc(), listed.c.invoice_id.desc())
        )
        silent = sa.and_(
            listed.c.status.in_(sorted(but)),
            sa.exists().where(
                directory_entries.c.environment == invoices.c.environment,
                directory_entries.c.siret == invoices.c.recipient_siret,
                directory_entries.c.entry["reports_payment"].as_boolean().is_(False),
            ),
        )
        late = (
            sa.select(
                listed.c.provider_key,
                listed.c.invoice_id,
                listed.c.total_cents,
                listed.c.pay_by,
                became.label("place"),
            )
            .join(invoices, invoices.c.id == listed.c.invoice_id)
            .where(listed.c.pay_by < today, listed.c.status.not_in(sorted(NOT_OVERDUE)), sa.not_(silent))
            .subquery()
        )
        query = (
            sa.select(
                late.c.provider_key,
                sa.func.count().label("rows"),
                sa.func.sum(late.c.total_cents).label("cents"),
                sa.func.min(late.c.pay_by).label("oldest_day"),
                sa.func.max(sa.case((late.c.place == 1, late.c.invoice_id))).label("newest_id"),
            )
            .group_by(late.c.provider_key)
            .order_by(late.c.provider_key)
        )
        with self._database.read() as connection:
            return [
                Overdue(
                    provider_key=row.provider_key,
                    count=row.rows,
                    amount=Decimal(int(row.cents)) / 100,
                    oldest_day=row.oldest_day,
                    newest_id=row.newest_id,
                )
                for row in connection.execute(query)
            ]

    def unknown_statuses(self, status: str) -> list[StateGroup]:
        """See `WatchStore`."""
        return self._grouped(invoices.c.status == status)

    def tell(self, alarms: Sequence[NewEvent]) -> int:
        """See `WatchStore`."""
        names = [alarm.once for alarm in alarms]
        known = sa.select(sa.func.count()).select_from(events).where(events.c.once.in_(names))
        with self._database.write() as connection:
            before = connection.scalar(known) or 0
            for alarm in alarms:
                announce(connection, alarm)
            return (connection.scalar(known) or 0) - before

    def _grouped(self, *conditions: Any) -> list[StateGroup]:
        query = (
            sa.select(
                invoices.c.provider_key,
                invoices.c.state,
                sa.func.count().label("number"),
                sa.func.max(invoices.c.id).label("newest_id"),
                sa.func.min(invoices.c.changed_at).label("oldest_at"),
            )
            .where(*conditions)
            .group_by(invoices.c.provider_key, invoices.c.state)
            .order_by(invoices.c.provider_key, invoices.c.state)
        )
        with self._database.read() as connection:
            return [
                StateGroup(
                    provider_key=row.provider_key,
                    state=row.state,
                    count=row.number,
                    newest_id=row.newest_id,
                    oldest_at=row.oldest_at,
                )
                for row in connection.execute(query)
            ]


def _ended(
    connection: Connection, flow: str, result: Result, now: dt.datetime, dag_id: str | None, run_id: str | None
) -> None:
    """How the flow ended last, in the place of how it ended before."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(flow_runs)
    values = {"ended_at": now, "result": result, "dag_id": dag_id, "run_id": run_id}
    upsert = insert.on_conflict_do_update(index_elements=[flow_runs.c.flow], set_=values)
    connection.execute(upsert, {"flow": flow, **values})
