"""The control door of the simulator, and a clock that can be moved on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from include.bootstrap import SystemClock
from tests.services.control_door import control

SUBMIT = "factures/soumettre"
SEARCH = "factures/rechercher/fournisseur"


class Control:
    """What the platform holds, and what is to go wrong there."""

    def __init__(self, url: str) -> None:
        self._url = url

    def call(self, method: str, name: str, body: object = None) -> dict[str, Any]:
        """Any call of the control door."""
        return control(self._url, method, name, body)

    def reset(self) -> None:
        """Back to the first state; a used number is taken again, so that a double would show."""
        self.call("POST", "reset")
        self.set(unique_numbers=False, random_seed=20261120)

    def set(self, **settings: Any) -> None:
        """Changes settings."""
        self.call("POST", "settings", settings)

    def fail(self, operation: str, kind: str, **rest: Any) -> None:
        """A fault; by default once."""
        how = rest if "probability" in rest else {"times": 1, **rest}
        self.call("POST", "faults", {"operation": operation, "kind": kind, **how})

    def heal(self) -> None:
        """No fault is left."""
        self.call("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        """Moves the platform's clock."""
        self.call("POST", "clock", {"advance_seconds": seconds})

    def held(self) -> dict[str, list[int]]:
        """Numbers that the platform holds, each with the ids of its invoices."""
        found: dict[str, list[int]] = {}
        for item in self.call("GET", "invoices?limit=5000")["items"]:
            found.setdefault(item["number"], []).append(item["chorus_id"])
        return found

    def calls(self, operation: str) -> int:
        """How often it was called, whatever was answered."""
        counts: Counter[str] = Counter()
        for answers in self.call("GET", f"calls?operation={operation}&limit=1")["counts"].values():
            counts.update(answers if isinstance(answers, dict) else {"": answers})
        return counts.total()


class MovableClock(SystemClock):
    """The machine's clocks, moved on as told."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta()

    def now(self) -> dt.datetime:
        """The time in UTC."""
        return super().now() + self._ahead

    def monotonic(self) -> float:
        """Seconds; moved on too."""
        return super().monotonic() + self._ahead.total_seconds()

    def advance(self, seconds: float) -> None:
        """Moves on."""
        self._ahead += dt.timedelta(seconds=seconds)
