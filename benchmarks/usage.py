"""What processes and all their descendants took: the largest memory at once, and the time of the processor."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psutil

_EVERY_SECONDS = 0.5


class Peak:
    """Watches from its start to its end; memory that processes share counts once (PSS)."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.megabytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.megabytes = max(self.megabytes, sum(map(_of_tree, self._pids)) // 2**20)
            if self._over.wait(_EVERY_SECONDS):
                return


def _of_tree(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        return sum(map(_bytes, (process, *process.children(recursive=True))))
    except psutil.Error:
        return 0


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # it ended meanwhile
        return 0


def processor_seconds(*pids: int) -> float:
    """Time that these living processes, and all that they started, have computed so far; other work does not count."""
    return sum(map(_seconds_of_tree, pids))


def _seconds_of_tree(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        return sum(map(_seconds, (process, *process.children(recursive=True))))
    except psutil.Error:
        return 0.0


def _seconds(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:4]))  # its own and that of those of its children that have ended
    except psutil.Error:
        return 0.0
