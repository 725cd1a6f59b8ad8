"""A real Airflow with its scheduler around a small real world, driven by its REST interface as its own screens do."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from include.demo.airflow_server import USER, AirflowServer, airflow_environment
from include.demo.processes import Processes
from include.simulator.server import RunningSimulator
from tests.conftest import ROOT
from tests.e2e.watching import await_that, living
from tests.orchestration.world import SECOND, World, seed
from tests.services.distribution import distribution
from tests.services.programs import free_port
from tests.services.smtp import Mailbox, mail_server

SUBMISSION, NIGHTLY = "chorus_auto_submission", "chorus_local_retrieval"
WATCH, WATCHDOG, RESUBMISSION = "chorus_status_watch", "chorus_watchdog", "chorus_resubmission"

NEVER = "0 0 1 1 *"
"""A schedule that makes no run between the start date of the DAG and the year's end."""

POLICY = """
import datetime as dt

def task_policy(task):
    # a test does not wait an hour for the last try of a night
    if task.dag_id != "chorus_auto_submission":
        task.retries = min(task.retries, 1)
        task.retry_delay = task.max_retry_delay = dt.timedelta(0)
"""
"""Airflow's own hook for the rules of one deployment; the DAG files are the real ones."""

_ENDED = ("success", "failed")
_PAUSE = 0.5
"""Between two questions: the API server shares its processor with the tasks that are waited for."""


@dataclass(frozen=True, kw_only=True)
class Dag:
    """One DAG, as the REST interface shows it."""

    http: httpx.Client
    dag_id: str

    @property
    def path(self) -> str:
        return f"/api/v2/dags/{self.dag_id}"

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A path of this DAG, or (with a leading slash and `api`) any other."""
        answer = self.http.request(method, path if path.startswith("/api/") else self.path + path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def pause(self, *, paused: bool = True) -> None:
        self.ask("PATCH", "?update_mask=is_paused", {"is_paused": paused})

    def rest(self) -> None:
        """Pauses when nothing of it runs any more, so that no run of one test reaches into the next."""
        unfinished = "/dagRuns?state=running&state=queued"
        await_that(lambda: self.ask("GET", unfinished)["total_entries"] == 0, f"the end of {self.dag_id}", every=_PAUSE)
        self.pause()

    def trigger(self, **conf: Any) -> str:
        run: str = self.ask("POST", "/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
        return run

    def runs(self, run_type: str) -> list[dict[str, Any]]:
        """All of this kind, by logical date."""
        found: list[dict[str, Any]] = self.ask("GET", f"/dagRuns?run_type={run_type}&order_by=logical_date&limit=100")[
            "dag_runs"
        ]
        return found

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/dagRuns/{quote(run)}")
        return found

    def state(self, run: str) -> str:
        return str(self.run(run)["state"])

    def ended(self, run: str) -> str:
        """Waits for the end of a run; its state."""
        await_that(lambda: self.state(run) in _ENDED, f"the end of {run}", 240, every=_PAUSE)
        return self.state(run)

    def tasks(self, run: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for task in self.ask("GET", f"/dagRuns/{quote(run)}/taskInstances")["task_instances"]:
            found.setdefault(task["task_id"], []).append(task)
        return found

    def states(self, run: str) -> dict[str, list[str]]:
        return {name: sorted(str(task["state"]) for task in tasks) for name, tasks in self.tasks(run).items()}

    def backfill(self, first: dt.datetime, last: dt.datetime, **how: Any) -> None:
        """As the form *Trigger > Backfill* posts it, and again while Airflow's SQLite is busy, as its answer says."""
        window = {"from_date": first.isoformat(), "to_date": last.isoformat()}
        shape = {"dag_id": self.dag_id, "run_backwards": False, "dag_run_conf": {}, "reprocess_behavior": "none"}

        def taken() -> bool:
            answer = self.http.post("/api/v2/backfills", json={**shape, **window, **how})
            assert answer.is_success or answer.status_code == 503, answer.text
            return answer.is_success

        await_that(taken, "a backfill", 120)

    def backfilled(self, first: dt.datetime, days: int) -> list[str]:
        """Waits until each day of the window has a run that ended; their states."""

        def mine() -> list[dict[str, Any]]:
            end = first + dt.timedelta(days=days)
            return [run for run in self.runs("backfill") if first <= _time(run["logical_date"]) < end]

        def over() -> bool:
            found = mine()
            return len(found) == days and all(run["state"] in _ENDED for run in found)

        await_that(over, "the backfill", 240, every=_PAUSE)
        for one in self.ask("GET", f"/api/v2/backfills?dag_id={self.dag_id}")["backfills"]:
            if one["completed_at"] is None:  # the scheduler says so every 30 s only, and lets nobody begin another one
                self.http.put(f"/api/v2/backfills/{one['id']}/cancel")
        return [run["state"] for run in mine()]

    def kill(self, run: str, task_id: str) -> None:
        """SIGKILL for the process that runs this task now."""
        [task] = self.tasks(run)[task_id]
        [process] = [pid for pid, title in _titles().items() if task["id"] in title and "LocalExecutor" not in title]
        os.kill(process, signal.SIGKILL)


@dataclass(kw_only=True)
class Deployment:
    """A running Airflow with everything around it."""

    home: Path
    simulator: RunningSimulator
    mails: Mailbox
    monkeypatch: pytest.MonkeyPatch
    world: World
    environment: dict[str, str]
    http: httpx.Client = field(default_factory=httpx.Client)
    worlds: int = 0
    passwords: dict[str, str] = field(default_factory=dict)
    make_pools: Callable[[], None] = lambda: None

    @property
    def chorus_home(self) -> Path:
        return self.home / "chorus"

    def dag(self, dag_id: str) -> Dag:
        return Dag(http=self.http, dag_id=dag_id)

    def airflow(self, *arguments: str) -> None:
        """A command of the operator, on the same deployment; typed again while Airflow's SQLite is busy."""
        command = [str(Path(sys.executable).with_name("airflow")), *arguments]

        def done() -> bool:
            result = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
            said = result.stdout + result.stderr
            assert result.returncode == 0 or "database is locked" in said, said[-3000:]
            return result.returncode == 0

        await_that(done, " ".join(arguments), 120)

    def scheduler_went_round(self) -> None:
        """Waits until the scheduler has heard that tasks which ask a person have left their processes.

        Airflow takes a task that is answered sooner for one that was killed, and fails it; people are slower.
        """

        def beat() -> str:
            health = self.http.get("/api/v2/monitor/health").json()
            return str(health["scheduler"]["latest_scheduler_heartbeat"])

        for _ in range(2):
            before = beat()
            await_that(lambda before=before: beat() != before, "a heartbeat of the scheduler", 60, every=_PAUSE)  # type: ignore[misc]

    def hours_pass_for_who_waits(self, task_id: str) -> None:
        """The deadline of a question that nobody answered moves into the past, in Airflow's own database."""
        with contextlib.closing(sqlite3.connect(self.home / "airflow" / "airflow.db", timeout=30)) as connection:
            past = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
            change = "UPDATE task_instance SET trigger_timeout = ? WHERE id = ? AND state = 'awaiting_input'"
            assert connection.execute(change, (past, task_id.replace("-", ""))).rowcount == 1
            connection.commit()

    def new_world(self) -> World:
        """An empty store, an empty portal and a platform in its first state; Airflow lives on.

        Two suppliers: the first one's login is right; the second one's is wrong as `chorus_second`, right as
        `chorus_third`. Behind `chorus_nowhere` and `smtp_nowhere` nobody listens.
        """
        self.worlds += 1
        if self.chorus_home.exists():
            self.chorus_home.rename(self.home / f"chorus-{self.worlds}")
        self.mails.messages.clear()
        self.simulator.platform.reset()
        account = {"login": self.passwords["login"], "password": self.passwords["right"]}
        seed(self.simulator, {"suppliers": [{"siret": SECOND.siret, "name": SECOND.name, **account}]})
        folder = self.home / f"world-{self.worlds}"
        self.world = World(folder=folder, simulator=self.simulator, monkeypatch=self.monkeypatch)
        self.world.prepare()
        return self.world


def _connections(deployment: Deployment) -> None:
    """In the environment, before any process of Airflow starts."""
    world, simulator = deployment.world, deployment.simulator
    login, right = "TECH_2_1@cpro.fr", secrets.token_urlsafe(12)
    deployment.passwords = {"login": login, "right": right}
    world.connect("chorus_first", login=simulator.login, password=simulator.password)
    world.connect("chorus_second", login=login, password=secrets.token_urlsafe(12))
    world.connect("chorus_third", login=login, password=right)
    nowhere = {"conn_type": "http", "host": f"http://127.0.0.1:{free_port()}", "login": login, "password": right}
    client = {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret}
    mails = {"chorus_smtp": deployment.mails.port, "smtp_nowhere": free_port()}
    patch = deployment.monkeypatch
    patch.setenv("AIRFLOW_CONN_CHORUS_NOWHERE", json.dumps({**nowhere, "extra": client}))
    for name, port in mails.items():
        value = {"conn_type": "smtp", "host": deployment.mails.host, "port": port, "extra": {"disable_ssl": True}}
        patch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(value))


@contextlib.contextmanager
def running_deployment(home: Path) -> Iterator[Deployment]:
    """The four components on free ports, all DAGs loaded and paused; nothing of it lives on."""
    with pytest.MonkeyPatch.context() as patch, RunningSimulator() as simulator, mail_server() as mails:
        patch.setenv("CHORUS_HOME", str(home / "chorus"))
        patch.setenv("CHORUS_SUBMISSION_SCHEDULE", NEVER)
        # twelve hours from now, so that no night begins in the middle of a test
        patch.setenv("CHORUS_RETRIEVAL_SCHEDULE", f"0 {(dt.datetime.now(dt.UTC).hour + 12) % 24} * * *")
        patch.setenv("AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL", "1")
        world = World(folder=home / "world", simulator=simulator, monkeypatch=patch)
        made = Deployment(home=home, simulator=simulator, mails=mails, monkeypatch=patch, world=world, environment={})
        _connections(made)
        processes, port = Processes(home), free_port()
        made.environment = airflow_environment(os.environ, project=ROOT, home=home / "airflow", port=port)
        made.environment["PYTHONPATH"] += f":{distribution(home / 'installed')}"
        (home / "airflow" / "config").mkdir(parents=True)
        (home / "airflow" / "config" / "airflow_local_settings.py").write_text(POLICY)
        server = AirflowServer(processes, made.environment, home / "airflow", port)
        try:
            server.begin_migration()
            server.start()
            server.make_pools()
            made.make_pools = server.make_pools
            with httpx.Client(base_url=server.url, timeout=60) as http:
                login = {"username": USER, "password": server.password}
                token = http.post("/auth/token", json=login).json()["access_token"]
                http.headers["Authorization"] = f"Bearer {token}"
                made.http = http
                for dag_id in (SUBMISSION, NIGHTLY, WATCH, WATCHDOG, RESUBMISSION):
                    path = made.dag(dag_id).path
                    await_that(lambda path=path: http.get(path).status_code == 200, f"the DAG {dag_id}", 120)  # type: ignore[misc]
                yield made
        finally:
            processes.stop()
    assert living(home / "chorus", set()) == {}, "nothing of it runs any more"


def _time(told: str) -> dt.datetime:
    return dt.datetime.fromisoformat(told)


def _titles() -> dict[int, str]:
    """What each process calls itself."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
    return found
