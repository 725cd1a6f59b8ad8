"""The pace of calls: at most so many per second of one client, whoever makes them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from include.application.ports.call_turns import CallTurns
from include.application.ports.clock import Clock
from include.domain.errors import StoreError

logger = logging.getLogger(__name__)


class ProcessTurns:
    """`CallTurns` of this process alone. Safe for threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, client: str, gap_seconds: float) -> float:
        """See `CallTurns`."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next.get(client, now))
            self._next[client] = turn + gap_seconds
        return turn - now


class Pace:
    """Spaces the calls of one client. Safe for threads; costs nothing where no pace is set."""

    def __init__(
        self,
        calls_per_second: float | None,
        *,
        client: str,
        turns: CallTurns,
        own_turns: CallTurns,
        sleep: Callable[[float], None],
    ) -> None:
        self._gap = 1.0 / calls_per_second if calls_per_second else 0.0
        self._client = client
        self._turns = turns
        self._own_turns = own_turns
        self._sleep = sleep

    def wait(self) -> None:
        """Returns when this call's turn has come; where no shared turn can be taken, this process keeps the pace."""
        if not self._gap:
            return
        try:
            wait = self._turns.take(self._client, self._gap)
        except StoreError as error:
            logger.warning("The pace of calls is kept by this process alone: %s", error)
            wait = self._own_turns.take(self._client, self._gap)
        if wait > 0:
            self._sleep(wait)
