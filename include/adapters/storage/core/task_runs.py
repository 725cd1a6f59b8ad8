"""The run that writes: named once for a database, stored with the first move or attempt that it makes."""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from include.adapters.storage.core.run_tables import task_runs
from include.adapters.storage.core.tables import AnyRow
from include.application.ports.runs import RunRef

NOT_MAPPED = -1

_RUN = "chorus_run"
_ROW_ID = "chorus_run_row"


def begin(connection: Connection, run: RunRef | None) -> None:
    """At the beginning of a transaction: who writes in it."""
    connection.info[_RUN] = run
    connection.info.pop(_ROW_ID, None)  # that transaction may have been rolled back


def task_run_id(connection: Connection) -> int | None:
    """The row of the run that writes in this transaction; None outside Airflow."""
    run: RunRef | None = connection.info.get(_RUN)
    if run is None:
        return None
    if _ROW_ID not in connection.info:
        connection.info[_ROW_ID] = _stored(connection, run)
    found: int = connection.info[_ROW_ID]
    return found


def run_ref(row: AnyRow) -> RunRef | None:
    """The run of a row of moves or attempts joined with its task run."""
    if row.dag_id is None:
        return None
    return RunRef(
        dag_id=row.dag_id,
        run_id=row.run_id,
        task_id=row.task_id,
        try_number=row.try_number,
        map_index=None if row.map_index == NOT_MAPPED else row.map_index,
    )


RUN_COLUMNS = (
    task_runs.c.dag_id,
    task_runs.c.run_id,
    task_runs.c.task_id,
    task_runs.c.map_index,
    task_runs.c.try_number,
)

_THIS_TRY = sa.select(task_runs.c.id).where(*(column == sa.bindparam(f"of_{column.name}") for column in RUN_COLUMNS))


def _stored(connection: Connection, run: RunRef) -> int | None:
    row = {**dataclasses.asdict(run), "map_index": NOT_MAPPED if run.map_index is None else run.map_index}
    wanted = {f"of_{name}": value for name, value in row.items()}
    found: int | None = connection.scalar(_THIS_TRY, wanted)
    if found is None:
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(task_runs)
        connection.execute(insert.on_conflict_do_nothing(), row)
        found = connection.scalar(_THIS_TRY, wanted)
    return found
