"""`make run` as a new user meets it: the main job to its end, twice, interrupted, killed, and in its own way."""

from __future__ import annotations

import base64
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.application.ports.document_views import DocumentFilter
from include.bootstrap import services
from include.domain.lifecycle import State
from include.domain.rights import OWNER, viewer
from include.settings import settings
from include.simulator.server import RunningSimulator
from tests.e2e.watching import MakeRun, await_that, environment, groups_of, living, stop
from tests.orchestration.world import deposited
from tests.services.programs import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

READY = "Ctrl-C stops everything."


@pytest.fixture
def make_run(tmp_path: Path) -> Iterator[Callable[..., MakeRun]]:
    """Starts a `make run`; nothing of it survives the test."""
    started: list[MakeRun] = []

    def start(*options: str, port: int | None = None) -> MakeRun:
        started.append(MakeRun(tmp_path / "state", port or free_port(), *options))
        return started[-1]

    yield start
    for run in started:
        run.sweep()


def secrets_of(home: Path) -> list[str]:
    """What the running demonstration keeps secret, read from the environment of its simulator."""
    for pid, command in living(home, set()).items():
        if "include.simulator" in command:
            pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
            known = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
            login, password = known["CHORUS_SIM_LOGIN"], known["CHORUS_SIM_PASSWORD"]
            account = base64.b64encode(f"{login}:{password}".encode()).decode()
            return [known["CHORUS_SIM_CLIENT_SECRET"], password, account]
    pytest.fail("no simulator runs")


def in_files(folder: Path, words: list[str]) -> list[str]:
    """Files that hold one of these words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if any(word.encode() in path.read_bytes() for word in words)]


def on_platform(home: Path) -> Counter[str]:
    """Invoices in the simulator's own state, by number."""
    with RunningSimulator(state_file=home / "simulator.db") as simulator:
        return Counter(item["number"] for item in deposited(simulator))


def sent_by_us(home: Path) -> Counter[str]:
    """What our own store says it sent."""
    found = services(given=settings({"CHORUS_HOME": str(home)}))
    sent = State.SUBMITTED, State.TO_PROCESS
    rows = found.store.document_views.rows(OWNER, DocumentFilter(states=sent))
    found.close()
    return Counter(row.invoice_number for row in rows)


def test_it_does_the_main_job_survives_its_own_death_and_can_be_run_again(make_run: Callable[..., MakeRun]) -> None:
    first = make_run()
    first.await_word(READY)
    home = first.home
    hidden = secrets_of(home)
    assert "Everything came as expected." in first.said()
    assert re.search(r"Dashboard: http://127\.0\.0\.1:\d+/chorus/ ", first.said())
    assert left_to_do(home) == {"to_complete": True, "unread": True, "returned": 1, "reasons": True}

    second = make_run("--once")
    assert second.end() == 3
    assert second.said().strip().startswith(f"`make run` is already running here (process {first.process.pid}).")

    first.process.kill()
    first.process.wait()
    assert len(first.left()) > 5, "a killed runner leaves its processes behind"
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(3600)"], env=environment(home), start_new_session=True
    )
    try:
        done = stop(home)
        assert (done.returncode, done.stdout) == (0, "Stopped.\n"), done.stderr
        assert list(first.left()) == [bystander.pid], "everything of the demonstration, and only that"
    finally:
        bystander.kill()
        bystander.wait()
    assert stop(home).stdout == "Nothing was running.\n"
    assert in_files(home / "logs", hidden) == []
    assert in_files(home / "airflow" / "logs", hidden) == []

    again = make_run("--once")
    assert again.end() == 0, again.said()
    assert "facture-mairie" in again.said()
    assert "Everything came as expected." in again.said()
    assert again.left() == {}
    theirs = on_platform(home)
    assert set(theirs.values()) == {1}
    assert theirs == sent_by_us(home)
    assert list((home / "mails").glob("*.eml"))


def left_to_do(home: Path) -> dict[str, object]:
    """What the dashboard of the demonstration's administrator has on it."""
    found = services(given=settings({"CHORUS_HOME": str(home)}))
    _, configuration = found.store.configuration.current()
    seen = viewer(configuration, "admin")
    waiting = found.store.dashboard_views.waiting(seen, (State.TO_COMPLETE, State.TO_PROCESS), [])
    counts = Counter({one.state: one.count for one in waiting})
    reasons = {one.code for one in found.store.dashboard_views.reasons(seen, (State.TO_COMPLETE,))}
    unread = found.store.notification_views.unread("admin")
    found.close()
    return {
        "to_complete": counts[State.TO_COMPLETE] > 2,
        "unread": unread > 2,
        "returned": counts[State.TO_PROCESS],
        "reasons": {"service_required", "totals_disagree"} <= reasons,
    }


@pytest.mark.parametrize(
    ("moment", "times"),
    [
        ("Creating or upgrading both databases", 1),
        ("Starting Airflow", 3),
        ("read_documents[0]: running", 1),
    ],
)
def test_an_interrupt_at_any_moment_leaves_nothing_behind(
    make_run: Callable[..., MakeRun], moment: str, times: int
) -> None:
    run = make_run()
    run.await_word(moment)
    run.interrupt(times)
    assert run.end() == 130, run.said()
    assert "Traceback" not in run.said()
    await_that(lambda: run.left() == {}, "the end of every process", 10)
    assert groups_of(run.home) == set()


def test_a_port_in_use_is_told_in_one_sentence(make_run: Callable[..., MakeRun]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = make_run("--once", port=port)
        assert run.end() == 3
    assert run.said() == f"Port {port} is in use. Choose another one: make run PORT={port + 1}.\n"
    assert run.left() == {}


def test_state_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = MakeRun(tmp_path / "file", free_port(), "--once")
    assert run.end() == 3
    assert run.said() == f"{tmp_path / 'file'} cannot be written: File exists. Set CHORUS_HOME to a folder of yours.\n"
