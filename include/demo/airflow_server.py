"""The Airflow of the demonstration: its environment, its components, and its REST interface."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from include.adapters.scheduler.pools import pools
from include.demo.loopback import SilentError, call
from include.demo.processes import DemoError, Processes, free_port
from include.settings import settings

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
USER = "admin"
_START_SECONDS = 180
_MIGRATION = "airflow-db-migrate"
_AIRFLOW = str(Path(sys.executable).with_name("airflow"))


def airflow_environment(base: Mapping[str, str], *, project: Path, home: Path, port: int) -> dict[str, str]:
    """Settings of an Airflow on SQLite that belongs to this demonstration alone."""
    return {
        **base,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(project / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(project / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__CORE__SENSITIVE_VAR_CONN_NAMES": "certificate_base64",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        # what a killed run left half done is noticed within a minute
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        # the scheduler may be there before the API server: a task asks it for about a minute, and loses no try by it
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "12",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
        # beside another Airflow of this machine
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "PYTHONPATH": f"{project}:{project / 'plugins'}",
    }


class AirflowServer:
    """Starts the four components and speaks to them as its administrator."""

    def __init__(self, processes: Processes, environment: Mapping[str, str], home: Path, port: int) -> None:
        self._processes = processes
        self._environment = environment
        self._home = home
        self.url = f"http://127.0.0.1:{port}"
        self.password = secrets.token_urlsafe(9)
        self._token = ""
        self._earlier: set[str] = set()
        self.failed: list[str] = []

    def begin_migration(self) -> None:
        """Creates or upgrades Airflow's database, meanwhile."""
        self._processes.begin(_MIGRATION, [_AIRFLOW, "db", "migrate"], self._environment)

    def start(self) -> None:
        """Starts the components when the database is there, and waits until each says that it is healthy."""
        self._processes.finish(_MIGRATION)
        self._home.mkdir(parents=True, exist_ok=True)
        passwords = self._home / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({USER: self.password}))
        for component in COMPONENTS:
            self._processes.start(component, [_AIRFLOW, component], self._environment)
        self._processes.wait_until(self._healthy, "A healthy Airflow", _START_SECONDS)
        answer = self._ask("POST", "/auth/token", {"username": USER, "password": self.password}, open_door=True)
        self._token = answer["access_token"]

    def make_pools(self) -> None:
        """Creates the pools of the DAGs that are not there; one that somebody changed stays as it is."""
        known = {pool["name"] for pool in self._ask("GET", "/api/v2/pools")["pools"]}
        slots_of_reading = settings(self._environment).reading_batches.slots
        for name, (slots, description) in pools(slots_of_reading).items():
            if name not in known:
                body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
                self._ask("POST", "/api/v2/pools", body)

    def trigger(self, dag_id: str) -> str:
        """Waits until the DAG is known, triggers it, then lets it run; the id of the run."""
        self._processes.wait_until(lambda: self._known(dag_id), f"DAG {dag_id}", _START_SECONDS)
        self._earlier = {run["dag_run_id"] for run in self._runs(dag_id) if run["state"] in _ENDED}
        run = self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})
        self._ask("PATCH", f"/api/v2/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})
        run_id: str = run["dag_run_id"]
        return run_id

    def unpause_all(self) -> None:
        """Lets the other DAGs run on their schedules too."""
        for dag in self._ask("GET", "/api/v2/dags?limit=100")["dags"]:
            if dag["is_paused"]:
                self._ask("PATCH", f"/api/v2/dags/{dag['dag_id']}?update_mask=is_paused", {"is_paused": False})

    def follow(self, dag_id: str, run_id: str, seconds: float) -> Iterator[str]:
        """One line for each change of a task, until this run and those before it are over.

        Unpausing makes a scheduled run of its own for the interval that has just ended; it may do the work first.
        """
        seen: dict[tuple[str, str, int], str] = {}
        changes: list[str] = []
        runs: list[dict[str, Any]] = []

        def moved() -> bool:
            try:
                runs[:] = [run for run in self._runs(dag_id) if run["dag_run_id"] not in self._earlier]
                for run in runs:
                    changes.extend(self._changes(dag_id, run, seen))
            except SilentError:  # a machine at its limits: asked again as long as the process lives
                return False
            return bool(changes) or _over(runs, run_id)

        while not _over(runs, run_id) or changes:
            self._processes.wait_until(moved, f"The end of run {run_id}", seconds)
            yield from changes
            changes.clear()
        self.failed = [
            f"Run {run['dag_run_id']} failed: {self.url}/dags/{dag_id}/runs/{quote(run['dag_run_id'])}"
            for run in runs
            if run["state"] == "failed"
        ]

    def _changes(self, dag_id: str, run: Mapping[str, Any], seen: dict[tuple[str, str, int], str]) -> Iterator[str]:
        name, kind = run["dag_run_id"], f"{run['run_type']:9}"
        for task in self.tasks(dag_id, name):
            key = name, task["task_id"], task["map_index"]
            if task["state"] in _SHOWN and seen.get(key) != task["state"]:
                seen[key] = task["state"]
                yield f"{kind} {_line(task)}"
        key = name, "", -1
        if run["state"] in _ENDED and key not in seen:
            seen[key] = run["state"]
            yield f"{kind} run: {run['state']}"

    def _runs(self, dag_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-id&limit=50")[
            "dag_runs"
        ]
        return found[::-1]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run, as the REST interface tells it."""
        return self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}")

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Every task instance of a run, as the REST interface tells it."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances?limit=1000"
        found: list[dict[str, Any]] = self._ask("GET", path)["task_instances"]
        return found

    def _known(self, dag_id: str) -> bool:
        errors = self._ask("GET", "/api/v2/importErrors")["import_errors"]
        if errors:
            raise DemoError(f"A DAG cannot be loaded: {errors[0]['stack_trace'].strip().splitlines()[-1]}")
        dags = self._ask("GET", "/api/v2/dags?exclude_stale=true")["dags"]
        return any(dag["dag_id"] == dag_id for dag in dags)

    def _healthy(self) -> bool:
        try:
            health = self._ask("GET", "/api/v2/monitor/health", open_door=True)
        except DemoError:
            return False
        parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        return all((health.get(part) or {}).get("status") == "healthy" for part in parts)

    def _ask(self, method: str, path: str, body: Any = None, *, open_door: bool = False) -> dict[str, Any]:
        answer = call(method, self.url + path, body=body, token=None if open_door else self._token)
        if not answer.ok:
            raise DemoError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found


_ENDED = ("success", "failed")
_SHOWN = ("running", "success", "failed", "up_for_retry", "upstream_failed")
"""Nobody waits for a task that is queued, and a run with nothing to do skips seven."""


def _over(runs: Sequence[Mapping[str, Any]], run_id: str) -> bool:
    """Whether this run is among them and all have ended."""
    mine = any(run["dag_run_id"] == run_id for run in runs)
    return mine and all(run["state"] in _ENDED for run in runs)


def _line(task: Mapping[str, Any]) -> str:
    name = task["task_id"] if task["map_index"] < 0 else f"{task['task_id']}[{task['map_index']}]"
    took = f" in {task['duration']:.1f} s" if task["duration"] and task["state"] in ("success", "failed") else ""
    return f"{name}: {task['state']}{took}"
