"""Which run of Airflow did something, and how each flow last ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class RunRef:
    """One try of one task of a run, by Airflow's own names; `map_index` is None for a task that is not mapped."""

    dag_id: str
    run_id: str
    task_id: str
    try_number: int
    map_index: int | None = None


class Result(StrEnum):
    """How a run of a whole flow ended."""

    GOOD = "good"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class FlowRun:
    """The last run of a flow; `dag_id` and `run_id` are None for a pass of the command line."""

    flow: str
    ended_at: dt.datetime
    result: Result
    dag_id: str | None = None
    run_id: str | None = None
