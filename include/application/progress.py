"""How far a long step is: said in the log every half minute, and told to who watches as it goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from include.application.ports.clock import Clock
from include.texts import label, translate

logger = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
"""Often enough to see that something goes on, too seldom to fill a log."""


class Step(StrEnum):
    """What may take long; each has its words under `progress.step`."""

    COLLECT = "collect"
    MATCH = "match"
    READ = "read"
    MAP = "map"
    SEARCH = "search"
    SUBMIT = "submit"
    NOTIFY = "notify"
    WRITE_BACK = "write_back"
    RETRIEVE = "retrieve"
    HISTORIES = "histories"
    RECONCILE = "reconcile"
    DIRECTORY = "directory"


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far a step is; `total` is None while nobody knows how much there is to do."""

    step: Step
    done: int = 0
    total: int | None = None


Watch = Callable[[Reached], None]
"""Who watches hears each advance, from any thread, one at a time for each step."""


def unwatched(_reached: Reached) -> None:
    """Nobody watches: the log alone tells."""


class Progress:
    """One step under way; threads may share it."""

    def __init__(self, step: Step, clock: Clock, watch: Watch = unwatched, *, total: int | None = None) -> None:
        self._step = step
        self._clock = clock
        self._watch = watch
        self._lock = threading.Lock()
        self._done = 0
        self._total = total
        self._said_at = clock.monotonic()
        watch(Reached(step=step, total=total))

    def advance(self) -> None:
        """One more is done, whatever became of it."""
        with self._lock:
            self._reach(self._done + 1, self._total)

    def reach(self, done: int, total: int | None) -> None:
        """So many are done, of as many as are known by now."""
        with self._lock:
            self._reach(done, total)

    def _reach(self, done: int, total: int | None) -> None:
        self._done, self._total = done, total
        self._watch(Reached(step=self._step, done=done, total=total))
        now = self._clock.monotonic()
        if now - self._said_at < EVERY_SECONDS:
            return
        self._said_at = now
        step = label("progress.step", self._step, "en")
        if total is None:
            logger.info("%s", translate("progress.done", "en", step=step, done=done))
        else:
            logger.info("%s", translate("progress.left", "en", step=step, done=done, left=max(0, total - done)))
