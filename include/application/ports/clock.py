"""The time, which tests set."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can set it."""

    def now(self) -> dt.datetime:
        """The time in UTC, aware."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""
