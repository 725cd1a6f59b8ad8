"""The Celery deployment of docker-compose.yaml on this machine: its services, and workers that can be killed."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from include.bootstrap import Services, services
from include.simulator.server import RunningSimulator
from tests.e2e.deployment import NEVER, RESUBMISSION, SUBMISSION, Dag
from tests.e2e.watching import await_that
from tests.orchestration.world import World
from tests.services.compose import Services as ComposeServices
from tests.services.compose import first_start, started, words
from tests.services.programs import free_port

SERVICES = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")
SLOTS = 4
"""Of the pool `ocr`: two machines, two readings on each."""
CONCURRENCY = 3
"""Fewer than the slots: no worker can take the reading for itself."""
GIVEN = "Executing workload in Celery"
"""What a worker logs for each task that it takes."""


class KeptWorld(World):
    """One set of services for all its life: PostgreSQL's connections are closed at its end."""

    @functools.cached_property
    def services(self) -> Services:  # type: ignore[override]
        return services()

    def prepare(self) -> None:
        """The connections come into the environment meanwhile, and services know the one that they were made in."""
        super().prepare()
        self.services.close()
        del self.services


class Worker:
    """One `airflow celery worker` with a name of its own, the leader of a process group as a container's would be."""

    def __init__(self, name: str, composed: ComposeServices, surroundings: Mapping[str, str]) -> None:
        self.name = name
        self.output = Path(surroundings["AIRFLOW_HOME"]) / f"worker-{name}.log"
        named = ["--celery-hostname", f"{name}@%h", "--concurrency", str(CONCURRENCY)]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*words(composed["airflow-worker"]["command"]), *named],
                env={**surroundings, "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port())},
                cwd=surroundings["AIRFLOW_HOME"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def tasks(self) -> int:
        """How many it was given so far."""
        return self.said().count(GIVEN)

    def began(self, task_id: str) -> int:
        """How many parts of this task it was the first to be given, and not in place of a dead one."""
        given = (line for line in self.said().splitlines() if GIVEN in line)
        return sum(f"task_id='{task_id}'" in line and "try_number=1," in line for line in given)

    def runs(self, pid: int | None) -> bool:
        """Whether this process is one of its own."""
        return pid in {one.pid for one in self._processes()}

    def kill(self) -> None:
        """As if its machine lost power: everything that it started goes with it, tasks and readers too."""
        for one in self._processes():
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def tell_to_end(self) -> None:
        """What the container gets first when it is stopped: SIGTERM, to its first process alone."""
        self.process.send_signal(signal.SIGTERM)

    def sweep(self) -> None:
        """For the end of the tests."""
        if self.process.poll() is None:
            self.kill()

    def _processes(self) -> list[psutil.Process]:
        try:
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


@dataclass(kw_only=True)
class CeleryDeployment:
    """Airflow with its executor, its workers, and a small world around."""

    composed: ComposeServices
    surroundings: dict[str, str]
    world: World
    http: httpx.Client = field(default_factory=httpx.Client)
    workers: dict[str, Worker] = field(default_factory=dict)
    """Those that live, by name."""
    started: list[Worker] = field(default_factory=list)

    def dag(self, dag_id: str) -> Dag:
        return Dag(http=self.http, dag_id=dag_id)

    def add_worker(self, name: str) -> Worker:
        self.workers[name] = Worker(name, self.composed, self.surroundings)
        self.started.append(self.workers[name])
        return self.workers[name]

    def running(self, run: str, dag_id: str, task_id: str) -> dict[int, Worker]:
        """On which worker each part of a task runs now, by its map index."""
        found = {}
        for task in self.dag(dag_id).tasks(run).get(task_id, []):
            for worker in self.workers.values():
                if task["state"] == "running" and worker.runs(task["pid"]):
                    found[task["map_index"]] = worker
        return found

    def worker_is_healthy(self, worker: str) -> bool:
        """By the worker's own check, for this name in place of the container's."""
        return self._passes("airflow-worker", {"celery@": f"{worker}@"})

    def is_healthy(self, service: str) -> bool:
        """By its own check as docker-compose.yaml has it, with this machine's ports in place of the containers'."""
        server = "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT"
        ports = {"localhost:8080": self.surroundings["AIRFLOW__API__PORT"], "localhost:8974": self.surroundings[server]}
        return self._passes(service, {there: f"localhost:{here}" for there, here in ports.items()})

    def _passes(self, service: str, replaced: Mapping[str, str]) -> bool:
        kind, *check = words(self.composed[service]["healthcheck"]["test"])
        for there, here in replaced.items():
            check = [word.replace(there, here) for word in check]
        command = ["sh", "-c", *check] if kind == "CMD-SHELL" else check
        return subprocess.run(command, env=self.surroundings, capture_output=True, check=False).returncode == 0

    def starts_again(self) -> None:
        """The one-shot service that fills both databases, as a later `docker compose up` runs it."""
        first_start(self.composed, self.surroundings)

    def log_in(self) -> None:
        """As soon as the API server answers and knows the DAGs."""
        password = self.composed["init"]["environment"]["AIRFLOW_ADMIN_PASSWORD"]
        login = {"username": "admin", "password": password}

        def let_in() -> bool:
            with suppress(httpx.TransportError):
                answer = self.http.post("/auth/token", json=login)
                if answer.is_success:
                    self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                return answer.is_success
            return False

        await_that(let_in, "the login", 180, every=0.5)
        for dag_id in (SUBMISSION, RESUBMISSION):
            path = self.dag(dag_id).path
            await_that(lambda path=path: self.http.get(path).is_success, dag_id, 180, every=0.5)  # type: ignore[misc]

    def operator_sizes_the_pool(self, name: str, slots: int) -> None:
        """On Airflow's page of pools."""
        pool = {"pool": name, "slots": slots, "include_deferred": False}
        answer = self.http.patch(f"/api/v2/pools/{name}?update_mask=slots", json=pool)
        assert answer.is_success, answer.text

    def pools(self) -> dict[str, int]:
        """Slots of each pool."""
        return {pool["name"]: pool["slots"] for pool in self.http.get("/api/v2/pools").json()["pools"]}


@contextmanager
def celery_deployment(
    composed: ComposeServices, surroundings: dict[str, str], redis: str, home: Path
) -> Iterator[CeleryDeployment]:
    """Everything but the workers is up, both DAGs wait to be triggered; the portal is empty."""
    own = {
        **surroundings,
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": redis,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{surroundings['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']}",
        "CHORUS_SUBMISSION_SCHEDULE": NEVER,
        "CHORUS_READING_SLOTS": str(SLOTS),
    }
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        simulator = stack.enter_context(RunningSimulator())
        for name in ("CHORUS_HOME", "CHORUS_DATABASE_URL", "CHORUS_FILES_URL"):
            patch.setenv(name, own[name])
        world = KeptWorld(folder=home, simulator=simulator, monkeypatch=patch)
        stack.callback(lambda: world.services.close())
        with ThreadPoolExecutor(1) as pool:
            filled = pool.submit(first_start, composed, own)
            world.prepare()
            filled.result()
        own["AIRFLOW_CONN_CHORUS_FIRST"] = os.environ["AIRFLOW_CONN_CHORUS_FIRST"]
        made = CeleryDeployment(composed=composed, surroundings=own, world=world)
        commands = {name: words(composed[name]["command"]) for name in SERVICES}
        stack.enter_context(started(commands, dict.fromkeys(SERVICES, own)))
        url = f"http://127.0.0.1:{own['AIRFLOW__API__PORT']}"
        made.http = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        try:
            yield made
        finally:
            for worker in made.workers.values():
                worker.sweep()
