"""Tables about runs: which try of which task made a move or an attempt, and how each flow ended."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import UtcDateTime, metadata

# one row for each try of a task of Airflow that moved or sent something
task_runs = sa.Table(
    "task_runs",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("dag_id", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    # -1: not mapped (NULL would not be unique)
    sa.Column("map_index", sa.Integer, nullable=False),
    sa.Column("try_number", sa.Integer, nullable=False),
    sa.UniqueConstraint("dag_id", "run_id", "task_id", "map_index", "try_number", name="uq_task_runs_try"),
)

# when a flow first and last came to a good end
passes = sa.Table(
    "passes",
    metadata,
    sa.Column("flow", sa.Text, primary_key=True),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
)

# how the last whole run of a flow ended, well or not
flow_runs = sa.Table(
    "flow_runs",
    metadata,
    sa.Column("flow", sa.Text, primary_key=True),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    # NULL: a pass of the command line
    sa.Column("dag_id", sa.Text),
    sa.Column("run_id", sa.Text),
)
