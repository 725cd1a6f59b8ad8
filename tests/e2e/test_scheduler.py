"""A real Airflow with its scheduler, driven by its REST interface: the ten-minute DAG in processes of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from tests.orchestration.world import DAG_ID, SECOND, World, fault
from tests.services.programs import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

DAG = f"/api/v2/dags/{DAG_ID}"
NEVER = "0 0 1 1 *"
"""A schedule that makes no run between the start date of the DAG and the year's end."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A running Airflow with everything around it."""

    world: World
    home: Path
    http: httpx.Client

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def trigger(self, **conf: Any) -> str:
        run: str = self.ask("POST", f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
        return run

    def state(self, run: str) -> str:
        found: str = self.ask("GET", f"{DAG}/dagRuns/{quote(run)}")["state"]
        return found

    def ended(self, run: str) -> str:
        """Waits for the end of a run; its state."""
        await_that(lambda: self.state(run) in ("success", "failed"), f"the end of {run}", 240)
        return self.state(run)

    def tasks(self, run: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for task in self.ask("GET", f"{DAG}/dagRuns/{quote(run)}/taskInstances")["task_instances"]:
            found.setdefault(task["task_id"], []).append(task)
        return found

    def states(self, run: str) -> dict[str, list[str]]:
        return {name: sorted(str(task["state"]) for task in tasks) for name, tasks in self.tasks(run).items()}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two providers, the second with a wrong password; leases short enough for a test."""
    home = tmp_path_factory.mktemp("deployment")
    with pytest.MonkeyPatch.context() as patch, RunningSimulator() as simulator:
        patch.setenv("CHORUS_HOME", str(home / "chorus"))
        patch.setenv("CHORUS_SUBMISSION_SCHEDULE", NEVER)
        world = World(folder=home, simulator=simulator, monkeypatch=patch)
        world.prepare()
        world.second_provider(right_password=False)
        world.configure(submission={"lease_seconds": 20, "send_deadline_seconds": 10, "search_again_after_seconds": 0})
        processes, port = Processes(home), free_port()
        environment = airflow_environment(os.environ, project=ROOT, home=home / "airflow", port=port)
        server = AirflowServer(processes, environment, home / "airflow", port)
        try:
            server.begin_migration()
            server.start()
            server.make_pools()
            with httpx.Client(base_url=server.url, timeout=60) as http:
                login = {"username": USER, "password": server.password}
                token = http.post("/auth/token", json=login).json()["access_token"]
                http.headers["Authorization"] = f"Bearer {token}"
                await_that(lambda: http.get(DAG).status_code == 200, "the DAG", 120)
                made = Deployment(world=world, home=home, http=http)
                made.ask("PATCH", f"{DAG}?update_mask=is_paused", {"is_paused": False})
                yield made
        finally:
            processes.stop()
    assert living(home / "chorus", set()) == {}, "nothing of it runs any more"


@pytest.fixture
def deployment(running: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """This process looks at the same state as the tasks."""
    monkeypatch.setenv("CHORUS_HOME", str(running.home / "chorus"))
    return running


def sent(deployment: Deployment, *prefixes: str) -> list[str]:
    return [number for number in deployment.world.on_platform() if number.startswith(prefixes)]


def test_what_is_dropped_is_sent_by_the_next_run_and_clearing_it_changes_nothing(deployment: Deployment) -> None:
    world = deployment.world
    for number in ("DROP-1", "DROP-2"):
        world.file(number)
    run = deployment.trigger()
    assert deployment.ended(run) == "success", deployment.states(run)
    assert sent(deployment, "DROP") == ["DROP-1", "DROP-2"]
    assert deployment.states(run)["verdict"] == ["skipped"]

    events = deployment.ask("GET", f"/api/v2/assets/events?source_dag_id={DAG_ID}&source_run_id={quote(run)}")
    [event] = events["asset_events"]
    assert event["uri"] == "chorus://submitted/"
    assert event["extra"]["submitted"] == 2

    before = world.everything()
    for task_id, narrowed in (("submit_invoices", {"task_ids": ["submit_invoices"]}), ("collect_documents", {})):
        clear = {"dry_run": False, "dag_run_id": run, "only_failed": False, "reset_dag_runs": True, **narrowed}
        deployment.ask("POST", f"{DAG}/clearTaskInstances", clear)
        assert deployment.ended(run) == "success"
        assert [task["try_number"] for task in deployment.tasks(run)[task_id]] == [2]
        assert world.everything() == before

    logs = list((deployment.home / "airflow" / "logs" / f"dag_id={DAG_ID}").rglob("*.log"))
    assert logs
    for log in logs:
        told = log.read_text()
        assert not [word for word in world.known_secrets if word in told], log


def test_a_wrong_password_of_one_provider_fails_the_run_and_not_the_other(deployment: Deployment) -> None:
    world = deployment.world
    world.file("GOOD-1")
    run = deployment.trigger()
    assert deployment.ended(run) == "success"
    world.file("GOOD-2")
    world.file("BAD-1", SECOND)
    run = deployment.trigger()
    assert deployment.ended(run) == "failed"
    states = deployment.states(run)
    assert states["submit_invoices"] == ["failed", "success"]
    assert (states["notify"], states["verdict"]) == (["success"], ["failed"])
    assert sent(deployment, "GOOD", "BAD") == ["GOOD-1", "GOOD-2"]


def test_a_task_killed_in_mid_submission_is_finished_by_its_next_try_and_nothing_goes_twice(
    deployment: Deployment,
) -> None:
    world = deployment.world
    for number in ("KILL-1", "KILL-2", "KILL-3"):
        world.file(number)
    fault(world.simulator, operation="factures/soumettre", kind="slow_after_accept", seconds=60, times=2)
    run = deployment.trigger()
    await_that(lambda: len(sent(deployment, "KILL")) >= 2, "the platform's list", 120)
    [task] = deployment.tasks(run)["submit_invoices"]
    [process] = [pid for pid, title in titles().items() if task["id"] in title and "LocalExecutor" not in title]
    os.kill(process, signal.SIGKILL)
    assert deployment.ended(run) == "success"
    [task] = deployment.tasks(run)["submit_invoices"]
    assert task["try_number"] == 2
    assert sent(deployment, "KILL") == ["KILL-1", "KILL-2", "KILL-3"]
    ours = {name: state for name, state in world.states().items() if name.startswith("KILL")}
    assert set(ours.values()) == {"submitted"}
    assert deployment.ended(deployment.trigger()) in ("success", "failed")
    assert sent(deployment, "KILL") == ["KILL-1", "KILL-2", "KILL-3"]


def titles() -> dict[int, str]:
    """What each process calls itself."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
    return found


def test_a_bad_value_in_the_trigger_form_is_refused_before_any_task_runs(deployment: Deployment) -> None:
    for conf in ({"document_ids": ["one"]}, {"dry_run": "yes"}):
        answer = deployment.http.post(f"{DAG}/dagRuns", json={"logical_date": None, "conf": conf})
        assert answer.status_code == 400, answer.text
