"""What goes wrong, one thing after the other, each kind as often as the others, in an order of chance."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.e2e.chaos.place import Place
from tests.e2e.exactly_once.control import SUBMIT

FAULTS = (
    "drop_before",
    "drop_after_accept",
    "truncated_json",
    "server_error",
    "rate_limited",
    "maintenance_page",
    "token_expired",
    "slow_after_accept",
    "reset",
)
OFTEN = 0.15
JUMP_SECONDS = 2.0
"""Clocks differ by this at most: less than the delay of searching, as a clock that is minutes off does in real life."""


class Storm:
    """Begins with the first call of `strike`; `counts` says what was done."""

    def __init__(self, place: Place, chance: random.Random, pause: float) -> None:
        self.place, self.chance, self.pause = place, chance, pause
        self.counts: Counter[str] = Counter()
        self._kinds: dict[str, Callable[[], None]] = {
            "worker killed": self._kill_worker,
            "database killed and restarted": self._kill_database,
            "platform killed and restarted": self._kill_platform,
            "object store killed and restarted": self._kill_store,
            "object store out of reach": self._silence_store,
            "clock moved": self._move_clock,
            "faults of the platform": self._fail,
        }
        if place.disk is not None:
            self._kinds["disk filled"] = self._fill_disk
        self._next: list[str] = []

    def strike(self) -> None:
        """One thing."""
        if not self._next:
            self._next = self.chance.sample(sorted(self._kinds), len(self._kinds))
        kind = self._next.pop()
        self._kinds[kind]()
        self.counts[kind] += 1
        for worker in self.place.workers:
            if not worker.family():
                worker.start()

    def _kill_worker(self) -> None:
        self.chance.choice(self.place.workers).kill()

    def _kill_database(self) -> None:
        self.place.database.kill()
        time.sleep(self.pause)
        self.place.raise_database()

    def _kill_platform(self) -> None:
        self.place.platform.kill()
        time.sleep(self.pause)
        self.place.raise_platform()

    def _kill_store(self) -> None:
        self.place.store.kill()
        time.sleep(self.pause)
        self.place.raise_store()

    def _silence_store(self) -> None:
        self.place.store.stand_still(self.pause)

    def _move_clock(self) -> None:
        self.place.clock.write_text(str(self.chance.uniform(-JUMP_SECONDS, JUMP_SECONDS)))

    def _fail(self) -> None:
        with contextlib.suppress(httpx.TransportError):
            self.place.control.heal()
            for kind in self.chance.sample(FAULTS, 3):
                seconds = {"seconds": self.pause} if kind.startswith("slow") else {}
                self.place.control.fail(SUBMIT, kind, probability=OFTEN, **seconds)
                self.place.control.fail("*", "server_error", probability=OFTEN / 5)

    def _fill_disk(self) -> None:
        """Nothing can be written on the database's disk, for a while; it ends where it cannot go on."""
        assert self.place.disk is not None
        ballast = self.place.disk / "ballast"
        _fill(ballast)
        time.sleep(self.pause)
        ballast.unlink()
        self.place.raise_database()


def _fill(path: Path) -> None:
    block = bytes(1024 * 1024)
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(block)
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as ballast:
        while ballast.write(b"0"):
            pass
