"""What the pace of calls asks of the store."""

from __future__ import annotations

from typing import Protocol


class CallTurns(Protocol):
    """The turns of each client of Chorus Pro, shared by all that call as this client."""

    def take(self, client: str, gap_seconds: float) -> float:
        """Takes the client's next free turn, `gap_seconds` after the one before; the seconds until it comes."""
