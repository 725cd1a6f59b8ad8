"""Counts for one person's dashboard (port `DashboardViews`)."""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.tables import attempts, invoices, retrievals
from include.adapters.storage.core.visibility import visible_in_lists
from include.adapters.storage.platform.providers import healths_of
from include.adapters.storage.views.conditions import midnight
from include.adapters.storage.views.touched import TAKEN, touched
from include.application.ports.dashboard_views import AgedCount, Contact, ReasonCount, SentOnDay
from include.domain.lifecycle import State
from include.domain.rights import Viewer

_NAMED = 3
"""Recipients beside a reason."""

_RANKED = 20
"""Recipients that are looked at for each set of reasons that stand together."""


class SqlDashboardViews:
    """`DashboardViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, viewer: Viewer, states: Sequence[State], bounds: Sequence[dt.datetime]) -> Sequence[AgedCount]:
        """See `DashboardViews`; all of it in one look, since the rows that wait may be many."""
        rows = (
            sa.select(
                listed.c.provider_key,
                listed.c.state,
                _part([listed.c.arrived_at >= bound for bound in bounds]).label("age"),
                listed.c.arrived_at,
            )
            .where(*_in(viewer, states))
            .subquery()
        )
        query = sa.select(
            rows.c.provider_key,
            rows.c.state,
            rows.c.age,
            sa.func.count().label("rows"),
            sa.func.min(rows.c.arrived_at).label("oldest_at"),
        ).group_by(rows.c.provider_key, rows.c.state, rows.c.age)
        with self._database.read() as connection:
            return [
                AgedCount(
                    provider_key=row.provider_key,
                    state=State(row.state),
                    age=row.age,
                    count=row.rows,
                    oldest_at=row.oldest_at,
                )
                for row in connection.execute(query)
            ]

    def contacts(self, provider_keys: Sequence[str]) -> Mapping[str, Contact]:
        """See `DashboardViews`."""
        columns = retrievals.c.provider_key, retrievals.c.last_good_at, retrievals.c.failed_at
        with self._database.read() as connection:
            healths = healths_of(connection, provider_keys)
            rows = connection.execute(sa.select(*columns).where(retrievals.c.provider_key.in_(provider_keys)))
            retrieved = {row.provider_key: (row.last_good_at, row.failed_at) for row in rows}
        found = {}
        for key in provider_keys:
            good, failed = retrieved.get(key, (None, None))
            found[key] = Contact(health=healths[key], retrieved_at=good, retrieval_failed_at=failed)
        return found

    def reasons(self, viewer: Viewer, states: Sequence[State]) -> Sequence[ReasonCount]:
        """See `DashboardViews`; of the names beside each set of reasons the database gives the most frequent ones."""
        every = (
            sa.select(listed.c.reason_codes, listed.c.recipient_name, sa.func.count().label("rows"))
            .where(*_in(viewer, states), listed.c.reason_codes.is_not(None))
            .group_by(listed.c.reason_codes, listed.c.recipient_name)
            .subquery()
        )
        codes, most_first = every.c.reason_codes, (every.c.rows.desc(), every.c.recipient_name)
        ranked = sa.select(
            every,
            sa.func.sum(every.c.rows).over(partition_by=codes).label("of_all"),
            sa.func.row_number().over(partition_by=codes, order_by=most_first).label("place"),
        ).subquery()
        query = sa.select(ranked).where(ranked.c.place <= _RANKED).order_by(ranked.c.reason_codes, ranked.c.place)
        counts: collections.Counter[str] = collections.Counter()
        names: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        with self._database.read() as connection:
            for row in connection.execute(query):
                for code in {*row.reason_codes.strip("|").split("|")}:
                    counts[code] += int(row.of_all) if row.place == 1 else 0
                    names[code].update({row.recipient_name: row.rows} if row.recipient_name else {})
        return [
            ReasonCount(code=code, count=count, recipients=tuple(name for name, _ in names[code].most_common(_NAMED)))
            for code, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ]

    def sent(self, viewer: Viewer, first: dt.date, last: dt.date) -> Sequence[SentOnDay]:
        """See `DashboardViews`."""
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        # the databases know no days of Paris that both would understand
        day = _part([attempts.c.closed_at < midnight(one + dt.timedelta(days=1)) for one in days])
        signed = sa.case((listed.c.credit_note, -listed.c.total_cents), else_=listed.c.total_cents)
        taken = (
            sa.select(
                day.label("day"),
                attempts.c.provider_key,
                sa.case((touched(), 0), else_=1).label("untouched"),
                signed.label("cents"),
            )
            .join(invoices, invoices.c.id == attempts.c.invoice_id)
            .join(listed, listed.c.invoice_id == attempts.c.invoice_id)
            .where(
                TAKEN,
                attempts.c.closed_at >= midnight(first),
                attempts.c.closed_at < midnight(last + dt.timedelta(days=1)),
                visible_in_lists(viewer),
            )
            .subquery()
        )
        query = (
            sa.select(
                taken.c.day,
                taken.c.provider_key,
                sa.func.count().label("rows"),
                sa.func.sum(taken.c.untouched).label("untouched"),
                sa.func.sum(taken.c.cents).label("cents"),
            )
            .group_by(taken.c.day, taken.c.provider_key)
            .order_by(taken.c.day)
        )
        with self._database.read() as connection:
            return [
                SentOnDay(
                    day=days[row.day],
                    provider_key=row.provider_key,
                    count=row.rows,
                    untouched=int(row.untouched),
                    amount=Decimal(int(row.cents)) / 100,
                )
                for row in connection.execute(query)
            ]


def _in(viewer: Viewer, states: Sequence[State]) -> list[sa.ColumnElement[bool]]:
    return [visible_in_lists(viewer), listed.c.state.in_(sorted(states))]


def _part(conditions: Sequence[sa.ColumnElement[bool]]) -> sa.ColumnElement[Any]:
    """The number of the first condition that holds; how many there are where none does."""
    numbered = [(condition, number) for number, condition in enumerate(conditions)]
    return sa.case(*numbered, else_=len(conditions)) if numbered else sa.literal(0)
