"""Processes of the demonstration, each the leader of a group of its own, so that ending it ends its children too.

What runs is written to a file before anything else can happen, and the runner holds a lock while it lives: so a later
call knows whether somebody still runs here, and which groups a killed one left behind.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from include.adapters.local_files import open_private, private_folder
from include.domain.errors import ConnectorError

_TERM_SECONDS = 15
_KILL_SECONDS = 5
_STOP_SECONDS = 60
_POLL_SECONDS = 0.2
_PROC = Path("/proc")


class DemoError(ConnectorError):
    """The demonstration cannot go on; the message says what to do."""

    code = "demo"


class Processes:
    """Starts processes and remembers their groups in a file, so that a later run can end what a killed one left."""

    def __init__(self, home: Path) -> None:
        self._record = home / "run.json"
        self._logs = home / "logs"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._jobs: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts what is to run until `stop`, with its output in the logs folder."""
        self._spawn(self._running, name, command, environment)

    def pid(self, name: str) -> int:
        """The process that `start` made under this name."""
        return self._running[name].pid

    def begin(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts what ends by itself; `finish` waits for it."""
        self._spawn(self._jobs, name, command, environment)

    def finish(self, name: str) -> None:
        """Waits for the end of a job; DemoError when it failed."""
        if self._jobs[name].wait() != 0:
            raise DemoError(f"{name} failed: {self._last_line(name)}", todo=f"Its log: {self._log(name)}")
        del self._jobs[name]

    def check(self) -> None:
        """DemoError when one of them died."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise DemoError(f"{name} ended by itself: {self._last_line(name)}", todo=f"Its log: {self._log(name)}")

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Polls a condition while the processes live; DemoError when it does not come true in time."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{what} did not come within {seconds:.0f} s.", todo=f"The logs are in {self._logs}.")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ends all groups; a second Ctrl-C does not keep it from that."""
        with uninterrupted():
            started = [*self._running.values(), *self._jobs.values()]
            end_groups([process.pid for process in started])
            for process in started:
                process.wait()
            self._running.clear()
            self._jobs.clear()
            self._record.unlink(missing_ok=True)

    def _spawn(
        self,
        shelf: dict[str, subprocess.Popen[bytes]],
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
    ) -> None:
        private_folder(self._logs)
        with open_private(self._log(name), "ab") as log, uninterrupted():
            shelf[name] = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            everything = {**self._running, **self._jobs}
            groups = {name: {"id": one.pid, "started": _started(one.pid)} for name, one in everything.items()}
            part = self._record.with_suffix(".part")
            part.write_text(json.dumps(groups))
            part.replace(self._record)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _last_line(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "no output"


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Puts Ctrl-C and TERM off: between a start and its note, or in the middle of stopping, they would leave things."""
    noted: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        noted.append(number)

    before: dict[int, Any] = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if noted:
        raise KeyboardInterrupt


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds this state for one runner; ends what a killed one left. DemoError when another one runs."""
    with _lock_file(home).open("a+") as lock:
        if not _locked(lock.fileno()):
            raise DemoError(
                f"`make run` is already running here (process {_runner(home)}).",
                todo="Stop it: Ctrl-C, or `make stop`.",
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        groups = left_behind(home / "run.json")
        if groups:
            print("Ending what a killed run left behind ...", flush=True)
            end_groups(groups)
        yield


def stop_everything(home: Path) -> bool:
    """Ends a runner that lives, and what a killed one left; whether there was anything."""
    if not _lock_file(home).exists():
        return False
    with _lock_file(home).open("a+") as lock:
        runner = None if _locked(lock.fileno()) else _runner(home)
        if runner is not None:
            os.kill(runner, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while not _locked(lock.fileno()):
                if time.monotonic() > deadline:
                    raise DemoError(f"`make run` (process {runner}) does not stop.", todo=f"Kill it: kill -9 {runner}.")
                time.sleep(_POLL_SECONDS)
        groups = left_behind(home / "run.json")
        end_groups(groups)
        (home / "run.json").unlink(missing_ok=True)
        return runner is not None or bool(groups)


def left_behind(record: Path) -> list[int]:
    """Groups of the record that are still those that were started, and not a recycled number of somebody else's."""
    try:
        groups = [(int(group["id"]), group["started"]) for group in json.loads(record.read_text()).values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    # where the leader is gone, its number cannot be given away while members of its group live
    return [group for group, started in groups if _started(group) in (started, None) and _alive(group)]


def end_groups(groups: Sequence[int]) -> None:
    """TERM to each whole group, some time, then KILL for what is left."""
    for number, seconds in ((signal.SIGTERM, _TERM_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        deadline = time.monotonic() + seconds
        while any(map(_alive, groups)) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def require_free(port: int, option: str) -> None:
    """DemoError when something listens on the port, or it may not be used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise DemoError(f"Port {port} {reason}.", todo=f"Choose another one: {option}.") from error


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _lock_file(home: Path) -> Path:
    return home / "run.lock"


def _locked(file: int) -> bool:
    """Whether the lock could be had; the kernel gives it back when its holder dies, however it dies."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _runner(home: Path) -> int | None:
    text = _lock_file(home).read_text()
    return int(text) if text.isdigit() else None


def _alive(group: int) -> bool:
    """Whether a member of the group runs; one that ended and was not waited for does not count."""
    members = (_stat(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdigit())
    return any(len(stat) > 2 and int(stat[2]) == group and stat[0] != "Z" for stat in members)


def _started(pid: int) -> str | None:
    """When this process started, in ticks since the machine did; None when there is none."""
    stat = _stat(pid)
    return stat[19] if len(stat) > 19 else None


def _stat(pid: int) -> list[str]:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    # the name in brackets may hold blanks: what follows it is regular
    return text.rpartition(")")[2].split()
