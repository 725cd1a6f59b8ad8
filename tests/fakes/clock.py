"""A clock that moves only when a test says so."""

from __future__ import annotations

import datetime as dt

START = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)


class FakeClock:
    """Implements the port `Clock`; both of its times move together."""

    def __init__(self, start: dt.datetime = START) -> None:
        self._start = start
        self._elapsed = dt.timedelta()

    def now(self) -> dt.datetime:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> dt.datetime:
        """Moves on and returns the new time."""
        step = dt.timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)
        if step < dt.timedelta():
            raise ValueError("A clock does not go back.")
        self._elapsed += step
        return self.now()
