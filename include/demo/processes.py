"""Processes of the demonstration, each the leader of a group of its own, so that ending it ends its children too."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from include.domain.errors import ConnectorError

_TERM_SECONDS = 15
_POLL_SECONDS = 0.2


class DemoError(ConnectorError):
    """The demonstration cannot go on; the message says what to do."""

    code = "demo"


class Processes:
    """Starts processes and remembers their groups in a file, so that a later run can end what a killed one left."""

    def __init__(self, record: Path, logs: Path) -> None:
        self._record = record
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts it with its output in the logs folder."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        groups = {name: process.pid for name, process in self._running.items()}
        self._record.write_text(json.dumps({"runner": os.getpid(), "groups": groups}))

    def check(self) -> None:
        """DemoError when one of them died."""
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self._logs / f"{name}.log"
                last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["no output"]
                raise DemoError(f"{name} ended by itself: {last[0]}", todo=f"Its log: {log}")

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Polls a condition while the processes live; DemoError when it does not come true in time."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{what} did not come within {seconds:.0f} s.", todo=f"The logs are in {self._logs}.")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ends all groups, the last started first."""
        end_groups([process.pid for process in reversed(self._running.values())])
        for process in self._running.values():
            process.wait()
        self._running.clear()
        self._record.unlink(missing_ok=True)


def left_behind(record: Path, mark: str) -> tuple[int | None, list[int]]:
    """The runner that is still alive, and the groups of a killed one whose members carry `mark` in their environment.

    The mark keeps a recycled number of an unrelated process from being signalled.
    """
    try:
        data = json.loads(record.read_text())
        runner, groups = int(data["runner"]), [int(group) for group in data["groups"].values()]
    except (OSError, ValueError, KeyError, TypeError):
        return None, []
    alive = runner if b"include.demo.run" in _proc(runner, "cmdline") else None
    members = {_group_of(pid): pid for pid in _pids() if mark.encode() in _proc(pid, "environ")}
    return alive, [group for group in groups if group in members]


def end_groups(groups: Sequence[int]) -> None:
    """TERM to each whole group, some time, then KILL for what is left."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + _TERM_SECONDS
    while any(map(_alive, groups)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    for group in groups:
        _signal(group, signal.SIGKILL)


def require_free(port: int, option: str) -> None:
    """DemoError when something listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(f"Port {port} is in use.", todo=f"Choose another one: {option}.") from error


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _alive(group: int) -> bool:
    """Whether a member of the group runs; one that ended and was not waited for does not count."""
    return any(_group_of(pid) == group and _state(pid) != "Z" for pid in _pids())


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _proc(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _stat(pid: int) -> list[str]:
    # the name in brackets may hold blanks: what follows it is regular
    return _proc(pid, "stat").decode(errors="replace").rpartition(")")[2].split()


def _group_of(pid: int) -> int | None:
    stat = _stat(pid)
    return int(stat[2]) if len(stat) > 2 else None


def _state(pid: int) -> str:
    stat = _stat(pid)
    return stat[0] if stat else "Z"
