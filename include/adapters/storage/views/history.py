"""Moves and attempts of invoices, with the runs that made them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.run_tables import task_runs
from include.adapters.storage.core.tables import AnyRow, attempts, moves
from include.adapters.storage.core.task_runs import RUN_COLUMNS, run_ref
from include.application.ports.document_views import AttemptRow, MoveRow
from include.domain.lifecycle import State

_ATTEMPT = tuple(name for name in AttemptRow.__dataclass_fields__ if name != "run")
_MOVES = (
    sa.select(moves, *RUN_COLUMNS)
    .join(task_runs, task_runs.c.id == moves.c.task_run_id, isouter=True)
    .order_by(moves.c.id)
)
_ATTEMPTS = (
    sa.select(attempts.c.invoice_id, *(attempts.c[name] for name in _ATTEMPT), *RUN_COLUMNS)
    .join(task_runs, task_runs.c.id == attempts.c.task_run_id, isouter=True)
    .order_by(attempts.c.id)
)


def moves_of(connection: Connection, invoice_id: int) -> tuple[MoveRow, ...]:
    """Oldest first."""
    return tuple(map(_move, connection.execute(_MOVES.where(moves.c.invoice_id == invoice_id))))


def attempts_of(connection: Connection, invoice_id: int) -> tuple[AttemptRow, ...]:
    """Oldest first."""
    return tuple(map(_attempt, connection.execute(_ATTEMPTS.where(attempts.c.invoice_id == invoice_id))))


def moves_made(
    connection: Connection, invoice_ids: Sequence[int], made_by: sa.ColumnElement[bool]
) -> dict[int, list[MoveRow]]:
    """By invoice, oldest first: moves of these invoices that these runs made."""
    found: dict[int, list[MoveRow]] = {}
    for row in connection.execute(_MOVES.where(moves.c.invoice_id.in_(invoice_ids), made_by)):
        found.setdefault(row.invoice_id, []).append(_move(row))
    return found


def attempts_made(
    connection: Connection, invoice_ids: Sequence[int], made_by: sa.ColumnElement[bool]
) -> dict[int, list[AttemptRow]]:
    """The same of attempts."""
    found: dict[int, list[AttemptRow]] = {}
    for row in connection.execute(_ATTEMPTS.where(attempts.c.invoice_id.in_(invoice_ids), made_by)):
        found.setdefault(row.invoice_id, []).append(_attempt(row))
    return found


def _move(row: AnyRow) -> MoveRow:
    return MoveRow(
        at=row.at,
        before=None if row.before is None else State(row.before),
        after=State(row.after),
        cause=row.cause,
        actor=row.actor,
        run=run_ref(row),
    )


def _attempt(row: AnyRow) -> AttemptRow:
    return AttemptRow(**{name: row._mapping[name] for name in _ATTEMPT}, run=run_ref(row))
