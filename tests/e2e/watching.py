"""Watching processes from outside: what a `make run` left, what it says, and when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

LONG = 300


def await_that(
    true: Callable[[], bool],
    what: str,
    seconds: float = LONG,
    *,
    every: float = 0.1,
    instead: Callable[[], object] = lambda: "",
) -> None:
    """Polls a condition; a failure that says what did not come, and what there was `instead`.

    What costs the other side work is asked less often.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come within {seconds:.0f} s. {instead()}")
        time.sleep(every)


def groups_of(home: Path) -> set[int]:
    """Process groups that a run noted in its state."""
    try:
        return {int(group["id"]) for group in json.loads((home / "run.json").read_text()).values()}
    except (OSError, ValueError):
        return set()


def living(home: Path, groups: set[int]) -> dict[int, str]:
    """Processes of these groups, or with this CHORUS_HOME in their environment, by their command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            mine = f"CHORUS_HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if stat[0] != "Z" and (mine or int(stat[2]) in groups):
            found[int(entry.name)] = command
    return found


class MakeRun:
    """`make run` without its set-up, as the leader of a process group, its words in a file."""

    def __init__(self, home: Path, port: int, *options: str) -> None:
        self.home = home
        self.output = home.with_name(f"{home.name}-{time.monotonic_ns()}.txt")
        self.groups: set[int] = set()
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "include.demo.run", "--port", str(port), *options],
                cwd=ROOT,
                env=environment(home),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_hears_ctrl_c,
            )

    def said(self) -> str:
        self.groups |= groups_of(self.home)
        return self.output.read_text()

    def await_word(self, word: str) -> None:
        """Until it says so; a failure with its words when it ends before."""
        await_that(lambda: word in self.said() or self.process.poll() is not None, repr(word))
        assert word in self.said(), self.said()

    def end(self) -> int:
        """Waits for its end; its exit code."""
        await_that(lambda: self.said() is not None and self.process.poll() is not None, "the end of `make run`")
        code = self.process.wait()
        return code

    def interrupt(self, times: int = 1) -> None:
        """Ctrl-C, as a terminal sends it: to the whole group."""
        self.said()
        for _ in range(times):
            os.killpg(self.process.pid, signal.SIGINT)

    def left(self) -> dict[int, str]:
        """What lives of it."""
        return living(self.home, self.groups | groups_of(self.home))

    def sweep(self) -> None:
        """For the end of a test that failed."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(number)
                try:
                    self.process.wait(60)
                except subprocess.TimeoutExpired:
                    continue
        for group in self.groups | groups_of(self.home):
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue


def _hears_ctrl_c() -> None:
    """As at a terminal: whoever starts the suite in the background has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(home: Path) -> dict[str, str]:
    """That of a new user: nothing of Airflow or Chorus but the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CHORUS_"))}
    return {**kept, "CHORUS_HOME": str(home), "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}"}


def stop(home: Path) -> subprocess.CompletedProcess[str]:
    """`make stop`."""
    return subprocess.run(
        [sys.executable, "-m", "include.demo.run", "--stop"],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
