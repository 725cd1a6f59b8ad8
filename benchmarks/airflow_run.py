"""Many documents dropped at once before a real Airflow: one run of `chorus_auto_submission` has to send them all."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.usage import Peak, processor_seconds
from benchmarks.world import World, world
from include.demo.airflow_server import COMPONENTS, AirflowServer, airflow_environment
from include.demo.demonstration import DAG_ID, PROJECT
from include.demo.postgresql import new_database
from include.demo.processes import free_port

_NEVER = "0 0 1 1 *"
"""The only run is the one that is measured."""

_LONGEST = 3600.0
TEN_MINUTES = 600


def measure(store: Path, count: int, server: str | None) -> dict[str, Any]:
    """Drops so many documents, triggers one run, and says what it took and where the time went."""
    with world(server) as made, _airflow(made, server) as airflow:
        made.drop(store, range(count))
        load = os.getloadavg()[0]
        components = [made.processes.pid(name) for name in COMPONENTS]
        before = processor_seconds(*components)
        with Peak(*components) as ours, Peak(made.simulator_pid) as theirs:
            run_id = airflow.trigger(DAG_ID)
            for line in airflow.follow(DAG_ID, run_id, _LONGEST):
                print(line, file=sys.stderr, flush=True)
        computed = processor_seconds(*components) - before
        run = airflow.run(DAG_ID, run_id)
        seconds = _seconds(run)
        platform = made.platform(range(count))
        left = made.left_to_a_person()
        sent = not (platform.twice or platform.strange) and len(platform.missing) == left
        return {
            "documents": count,
            "run": run["state"],
            "run_seconds": round(seconds, 1),
            "documents_per_second": round(count / seconds, 1),
            "within_ten_minutes": run["state"] == "success" and seconds <= TEN_MINUTES and sent,
            "left_to_a_person": left,
            "on_the_platform_exactly_once": len(platform.once),
            "more_than_once": len(platform.twice),
            "missing": list(platform.missing[:10]),
            "processor_seconds": round(computed, 1),
            "tasks": _tasks(airflow, run_id),
            "megabytes_of_airflow_and_tasks": ours.megabytes,
            "megabytes_of_the_simulator": theirs.megabytes,
            "load_before": round(load, 2),
        }


@contextlib.contextmanager
def _airflow(made: World, server: str | None) -> Iterator[AirflowServer]:
    """Beside the world a healthy Airflow, with its own database on the same kind of server."""
    home, port = made.home / "airflow", free_port()
    with new_database(server) if server else contextlib.nullcontext() as url:
        base = {**made.environment, "CHORUS_SUBMISSION_SCHEDULE": _NEVER}
        environment = airflow_environment(base, project=PROJECT, home=home, port=port)
        if url:
            environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = url.replace("+psycopg:", "+psycopg2:", 1)
        airflow = AirflowServer(made.processes, environment, home, port)
        airflow.begin_migration()
        airflow.start()
        airflow.make_pools()
        try:
            yield airflow
        finally:
            made.processes.stop()


def _tasks(airflow: AirflowServer, run_id: str) -> list[dict[str, Any]]:
    """Each task of the run that ran: how often it is mapped, and the seconds of its instances together."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for task in airflow.tasks(DAG_ID, run_id):
        if task["duration"]:
            found.setdefault(task["task_id"], []).append(task)
    return [
        {
            "task": name,
            "instances": len(instances),
            "state": "/".join(sorted({str(one["state"]) for one in instances})),
            "seconds": round(sum(one["duration"] for one in instances), 1),
            "waited": round(_waited(instances), 1),
        }
        for name, instances in sorted(found.items(), key=lambda item: min(one["start_date"] for one in item[1]))
    ]


def _waited(instances: list[Mapping[str, Any]]) -> float:
    """Seconds from the first one's queueing to the last one's end in which none of them ran."""
    begun = min(_time(one["queued_when"] or one["start_date"]) for one in instances)
    ended = max(_time(one["end_date"]) for one in instances)
    busy: float = sum(one["duration"] for one in instances)
    return max(0.0, (ended - begun).total_seconds() - busy)


def _seconds(run: Mapping[str, Any]) -> float:
    return (_time(run["end_date"]) - _time(run["start_date"])).total_seconds()


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
