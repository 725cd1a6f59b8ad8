"""What was called: counts per operation and answer, and the last calls. Never a body, a header or a secret."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 5000


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call and its answer; `answer` is the HTTP status, with codeRetour where there is one."""

    at: str
    operation: str
    login: str | None
    answer: str
    fault: str | None
    milliseconds: float


class Calls:
    """The record of calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._last: deque[Call] = deque(maxlen=KEPT)
        self._counts: dict[str, Counter[str]] = {}

    def note(self, call: Call) -> None:
        """Record one call."""
        with self._lock:
            self._last.append(call)
            self._counts.setdefault(call.operation, Counter())[call.answer] += 1

    def report(self, operation: str | None, limit: int) -> dict[str, Any]:
        """Counts, and the last calls, newest first."""
        with self._lock:
            chosen = [call for call in reversed(self._last) if operation in (None, call.operation)][:limit]
            counts = {name: dict(counter) for name, counter in self._counts.items() if operation in (None, name)}
        total = sum(sum(counter.values()) for counter in counts.values())
        return {"total": total, "counts": counts, "items": [asdict(call) for call in chosen]}
