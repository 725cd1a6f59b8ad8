"""The platform's clock: real time plus what the control door added."""

from __future__ import annotations

import datetime as dt
import time

from include.simulator.backend.store import Store


class Clock:
    """Seconds since the epoch, as the platform sees them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = float(store.recall("clock", 0.0))

    @property
    def offset(self) -> float:
        """How far the platform is ahead of the real time."""
        return self._offset

    def now(self) -> float:
        """The platform's time."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move on (or back, when negative)."""
        self._offset += seconds
        self._store.remember("clock", self._offset)

    def set(self, at: dt.datetime) -> None:
        """Set the time; it runs on from there."""
        self.advance(at.timestamp() - self.now())

    def reset(self) -> None:
        """Back to the real time."""
        self._offset = 0.0
