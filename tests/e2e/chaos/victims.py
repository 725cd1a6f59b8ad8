"""Processes that lose power, stand still, and come back as they were: by what the operating system knows of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

SECONDS = 180


class Victim:
    """One program: killed with everything that it started, and started again with the same words in the same place."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.user: str | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def running(cls, name: str, port: int, log: Path) -> Victim:
        """The program that listens on this port of the loopback, whoever started it."""
        listening = psutil.CONN_LISTEN
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                if any(at.status == listening and at.laddr.port == port for at in one.net_connections("tcp4")):
                    victim = cls(name, one.cmdline(), one.environ(), log)
                    victim.user = one.username() if os.geteuid() == 0 else None
                    return victim
        raise LookupError(f"nobody listens on {port}")

    def start(self) -> None:
        """As its command line and environment say; one that ended by itself before is buried first."""
        self.reap()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                user=self.user,
                cwd="/" if self.user else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As if the plug was pulled: its children first, so that none of them lives on."""
        family = self.family()
        for one in reversed(family):
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        awaits(lambda: not any(_lives(one) for one in family), f"the end of {self.name}")
        self.reap()

    def reap(self) -> None:
        """Waits for the end of a process that was told to end, or did so by itself."""
        if self.process is not None:
            self.process.wait(SECONDS)

    def stand_still(self, seconds: float) -> None:
        """Whoever asks it waits."""
        family = self.family()
        for sign in (signal.SIGSTOP, signal.SIGCONT):
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(sign)
            if sign == signal.SIGSTOP:
                time.sleep(seconds)

    def family(self) -> list[psutil.Process]:
        """The process and all below it; none when it is gone."""
        first = self.process.pid if self.process is not None else self._by_command()
        with suppress(psutil.NoSuchProcess):
            if first is not None:
                one = psutil.Process(first)
                return [one, *one.children(recursive=True)] if one.status() != psutil.STATUS_ZOMBIE else []
        return []

    def _by_command(self) -> int | None:
        """Whoever started it did so before this victim was made."""
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                if one.cmdline() == list(self.command):
                    return one.pid
        return None


def _lives(one: psutil.Process) -> bool:
    """One that ended and that nobody has asked about yet does not."""
    with suppress(psutil.NoSuchProcess):
        return bool(one.is_running() and one.status() != psutil.STATUS_ZOMBIE)
    return False


def awaits(true: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Polls a condition."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.1)


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
