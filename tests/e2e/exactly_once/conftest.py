"""A simulator, a store of each kind, workers in processes of their own, and the passes that follow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.adapters.chorus.chorus import RestChorus
from include.adapters.secrets.environment import EnvironmentSecrets
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.store import Store
from include.application.tracking.retrieve_invoices import retrieve_invoices
from include.domain.lifecycle import State
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.control import Control, MovableClock
from tests.integration.tracking.bench import retrieving
from tests.sending_bench import PROVIDER_KEY, SendingBench

ROOT = Path(__file__).resolve().parents[3]
DELAY_SECONDS = 1800
DEADLINE_SECONDS = 5
PATIENCE_SECONDS = 60.0


def eventually(true: Callable[[], bool], what: str) -> None:
    """Waits for a condition."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < until, f"not reached: {what}"
        time.sleep(0.02)


class Nursery:
    """Where workers come from: see `nursery.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.exactly_once.nursery", str(folder)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def fork(self, environment: dict[str, str], arguments: tuple[str, ...]) -> int:
        """A new worker; its process id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"environment": environment, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """No more workers."""
        self._process.communicate()


class Worker:
    """One running driver."""

    def __init__(self, nursery: Nursery, environment: dict[str, str], *arguments: str) -> None:
        self._pid = nursery.fork(environment, arguments)
        self._code = nursery.folder / f"{self._pid}.code"
        self._output = nursery.folder / f"{self._pid}.out"

    def end(self) -> tuple[int, str]:
        """Waits for it: return code and what it wrote."""
        eventually(self._code.exists, f"the end of worker {self._pid}")
        return int(self._code.read_text()), self._output.read_text()

    def wait_until_killed(self) -> None:
        """It must have died of SIGKILL and of nothing else: the step was reached."""
        code, text = self.end()
        assert code == -signal.SIGKILL, f"the step was not reached ({code}): {text[-3000:]}"

    def works_until(self, true: Callable[[], bool], what: str) -> None:
        """Waits for a condition that it is to bring about."""

        def reached() -> bool:
            assert true() or self.running, f"it ended before: {what}: {self.end()[1][-3000:]}"
            return true()

        eventually(reached, what)

    def wait_until_stopped(self) -> None:
        """It stands still (SIGSTOP)."""
        status = Path(f"/proc/{self._pid}/stat")
        self.works_until(lambda: status.read_text().rpartition(")")[2].split()[0] == "T", "it stands still")

    def go_on(self) -> None:
        """SIGCONT."""
        os.kill(self._pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL from outside."""
        os.kill(self._pid, signal.SIGKILL)
        self.wait_until_killed()

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return not self._code.exists()

    def clean_up(self) -> None:
        """Nothing stays behind after a test that failed half-way."""
        if self.running:
            os.kill(self._pid, signal.SIGKILL)
            self.end()


class Field(SendingBench):
    """Store, real client and simulator, with the platform's control door."""

    platform: Control
    movable: MovableClock
    environment: dict[str, str]
    workers: list[Worker]
    nursery: Nursery

    def worker(self, *arguments: str) -> Worker:
        """Starts a driver."""
        started = Worker(self.nursery, self.environment, *arguments)
        self.workers.append(started)
        return started

    def pass_time(self, seconds: float) -> None:
        """For the platform and for us."""
        self.movable.advance(seconds)
        self.platform.advance(seconds)

    def one_pass(self) -> None:
        """Assesses, searches and sends what the plan lists, as the ten-minute run does."""
        pipeline = self.pipeline("a later pass")
        pipeline.map()
        for key in pipeline.plan():
            pipeline.submit(key)

    def night(self) -> None:
        """What became of the invoices, as the nightly run brings it back."""
        _, configuration = self.store.configuration.current()
        [provider] = configuration.providers
        report = retrieve_invoices(provider, retrieving(self.store, self.chorus, self.clock, configuration))
        assert report.complete and report.failure is None, report

    def passes_until_nothing_moves(self) -> None:
        """The owner is gone for longer than its lease; runs follow until the delay of searching has passed twice."""
        self.let_the_leases_run_out()
        for _ in range(4):
            self.one_pass()
            self.pass_time(DELAY_SECONDS + 1)

    def each_exactly_once(self, invoice_ids: list[int]) -> None:
        """What the platform holds is what we say it holds, each once; nothing is stuck."""
        held = self.platform.held()
        rows = [self.row(invoice_id) for invoice_id in invoice_ids]
        assert {row.state for row in rows} == {State.SUBMITTED}
        assert {row.invoice_number: [row.chorus_id] for row in rows} == held
        assert self.keys_follow_the_attempts()


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(params=["sqlite_url", "own_server_url"], ids=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


def environment_for(simulator: RunningSimulator, database_url: str, tmp_path: Path) -> dict[str, str]:
    """The whole environment of a worker."""
    connection = {
        "conn_type": "http",
        "host": simulator.url,
        "login": simulator.login,
        "password": simulator.password,
        "extra": {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret},
    }
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CHORUS_HOME": str(tmp_path),
        "CHORUS_DATABASE_URL": database_url,
        "CHORUS_FILES_URL": (tmp_path / "files").as_uri(),
        "AIRFLOW_CONN_CHORUS_TEST": json.dumps(connection),
    }


def open_field(simulator: RunningSimulator, database_url: str, tmp_path: Path) -> Field:
    """A store and the real client on this simulator."""
    environment = environment_for(simulator, database_url, tmp_path)
    database = Database(database_url)
    clock = MovableClock()
    chorus = RestChorus(
        secrets=EnvironmentSecrets(environment), clock=clock, sleep=lambda seconds: time.sleep(min(seconds, 0.01))
    )
    made = Field(Store(database), FsspecFiles(environment["CHORUS_FILES_URL"]), chorus, clock)
    made.platform, made.movable, made.environment, made.workers = Control(simulator.url), clock, environment, []
    made.configure(
        submission={"parallel": 1, "send_deadline_seconds": DEADLINE_SECONDS, "lease_seconds": 2 * DEADLINE_SECONDS}
    )
    made.send(PROVIDER_KEY)  # the provider is known
    return made


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(tmp_path_factory.mktemp("workers"))
    yield made
    made.close()


@pytest.fixture
def field(simulator: RunningSimulator, nursery: Nursery, database_url: str, tmp_path: Path) -> Iterator[Field]:
    made = open_field(simulator, database_url, tmp_path)
    made.nursery = nursery
    made.platform.reset()
    yield made
    for worker in made.workers:
        worker.clean_up()
    made.store.database.close()
