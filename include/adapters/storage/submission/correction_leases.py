"""Corrections under way whose sender died, and those whose outcome is to be looked at."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import database_clock
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, apply, row_version
from include.adapters.storage.core.tables import attempts, invoices
from include.adapters.storage.submission.attempts import close_correction
from include.domain.internal_errors import Item, setting_aside
from include.domain.lifecycle import State
from include.domain.submission import AttemptState
from include.domain.transitions.change import Change
from include.domain.transitions.correction import lease_ran_out


def correction_due(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Corrections whose outcome is to be looked at: never looked at since, or the delay is over."""
    never = invoices.c.empty_searches == 0
    waited = sa.or_(invoices.c.search_after.is_(None), invoices.c.search_after <= now)
    return sa.and_(invoices.c.state == State.CORRECTION_UNKNOWN, sa.or_(never, waited))


def expire_corrections(
    connection: Connection, *, check_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
) -> int:
    """Every correction whose lease ran out by the database's clock; how many."""
    query = sa.select(*ROW_VERSION_COLUMNS).where(
        invoices.c.state == State.CORRECTING, invoices.c.lease_until < database_clock(connection)
    )
    lapsed = connection.execute(query.order_by(invoices.c.id).with_for_update()).all()
    done = 0
    for row in lapsed:
        with setting_aside(errors, Item("correction", row.invoice_id)), connection.begin_nested():
            mine = attempts.c.invoice_id == row.invoice_id, attempts.c.state == AttemptState.OPEN
            still_open = connection.scalar(sa.select(attempts.c.id).where(*mine))
            change = lease_ran_out(row_version(row), still_open, check_after_seconds=check_after_seconds, now=now)
            apply_correction(connection, change, now=now)
            done += 1
    return done


def apply_correction(connection: Connection, change: Change, *, now: dt.datetime) -> bool:
    """Applies what the rules of corrections decided; False, and nothing is written, when somebody was first."""
    if change.touches_row and not apply(connection, change, now=now):
        return False
    for closed in change.attempts:
        close_correction(connection, closed, now=now)
    return True
