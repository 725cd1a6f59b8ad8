"""Processes of `make run`: what is started is noted, what is noted is ended, and nobody else is touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.demo.processes import (
    DemoError,
    Processes,
    alone,
    end_groups,
    left_behind,
    require_free,
    stop_everything,
    uninterrupted,
)

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.stop()


def recorded(home: Path) -> dict[str, dict[str, object]]:
    groups: dict[str, dict[str, object]] = json.loads((home / "run.json").read_text())
    return groups


def is_up(home: Path, name: str) -> bool:
    return (home / "logs" / f"{name}.log").read_text().startswith("up")


def ended(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_what_is_started_is_noted_at_once_and_forgotten_when_stopped(tmp_path: Path, processes: Processes) -> None:
    processes.start("one", SLEEPER, os.environ)
    processes.start("two", SLEEPER, os.environ)
    assert set(recorded(tmp_path)) == {"one", "two"}
    pids = [int(str(group["id"])) for group in recorded(tmp_path).values()]
    assert sorted(left_behind(tmp_path / "run.json")) == sorted(pids)
    processes.stop()
    assert all(ended(pid) for pid in pids)
    assert not (tmp_path / "run.json").exists()


def test_a_recycled_number_is_nobody_of_ours(tmp_path: Path, processes: Processes) -> None:
    processes.start("one", SLEEPER, os.environ)
    record = recorded(tmp_path)
    record["one"]["started"] = "1"
    (tmp_path / "other.json").write_text(json.dumps(record))
    assert left_behind(tmp_path / "other.json") == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"one": {}}', '{"one": 7}'])
def test_a_torn_record_names_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    assert left_behind(tmp_path / "run.json") == []


def test_a_process_that_does_not_listen_to_term_is_killed(
    tmp_path: Path, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.demo.processes._TERM_SECONDS", 0.3)
    processes.start("stubborn", STUBBORN, os.environ)
    processes.wait_until(lambda: is_up(tmp_path, "stubborn"), "the process", 30)
    pid = int(str(recorded(tmp_path)["stubborn"]["id"]))
    end_groups([pid])
    assert ended(pid)


def test_a_process_that_ends_by_itself_is_told_with_its_last_words(processes: Processes, tmp_path: Path) -> None:
    processes.start("short", [sys.executable, "-c", "print('no room left on the device')"], os.environ)
    with pytest.raises(DemoError, match=rf"^short ended by itself: no room left on the device Its log: {tmp_path}"):
        processes.wait_until(lambda: False, "nothing", 30)


def test_what_does_not_come_in_time_is_told_with_the_folder_of_the_logs(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=rf"^A healthy Airflow did not come within 0 s\. The logs are in {tmp_path}"):
        processes.wait_until(lambda: False, "A healthy Airflow", 0)


def test_a_job_that_fails_is_told_and_one_that_succeeds_is_over(processes: Processes) -> None:
    processes.begin("good", [sys.executable, "-c", ""], os.environ)
    processes.begin("bad", [sys.executable, "-c", "raise SystemExit('out of disk')"], os.environ)
    processes.finish("good")
    with pytest.raises(DemoError, match=r"^bad failed: out of disk"):
        processes.finish("bad")
    processes.check()


def test_an_interrupt_waits_until_what_must_not_be_interrupted_is_over() -> None:
    done = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("all the same")
    assert done == ["all the same"]
    assert signal.getsignal(signal.SIGINT) is before


def test_one_runner_at_a_time_and_the_next_one_may_when_it_is_gone(tmp_path: Path) -> None:
    with (
        alone(tmp_path),
        pytest.raises(DemoError, match=rf"already running here \(process {os.getpid()}\)"),
        alone(tmp_path),
    ):
        pass
    with alone(tmp_path):
        pass


def test_the_next_runner_ends_what_a_killed_one_left(tmp_path: Path, processes: Processes) -> None:
    processes.start("one", SLEEPER, os.environ)
    pid = int(str(recorded(tmp_path)["one"]["id"]))
    with alone(tmp_path):
        assert ended(pid)


def test_stop_ends_a_living_runner_and_waits_for_it(tmp_path: Path) -> None:
    code = "import sys, time, pathlib; from include.demo.processes import alone\n"
    code += "with alone(pathlib.Path(sys.argv[1])):\n  print('up', flush=True)\n  time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "up\n"
        assert stop_everything(tmp_path) is True
        assert runner.wait(10) == -signal.SIGTERM
    assert stop_everything(tmp_path) is False


def test_where_nothing_ever_ran_there_is_nothing_to_stop(tmp_path: Path) -> None:
    assert stop_everything(tmp_path) is False
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_may_not_be_used_is_not_called_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("socket.socket.bind", refuse)
    with pytest.raises(
        DemoError, match=r"^Port 80 cannot be used \(Permission denied\)\. Choose another one: try 8080"
    ):
        require_free(80, "try 8080")
