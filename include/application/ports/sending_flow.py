"""The flow that sends what people chose: it runs where sending runs, never in the process that they asked."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Hindrance(StrEnum):
    """Why what was handed over is not begun soon, as far as one can see."""

    MISSING = "missing"
    PAUSED = "paused"
    SILENT = "silent"


class SendingFlow(Protocol):
    """`chorus_resubmission`, as seen by whoever hands a request over to it."""

    def begin(self, request_id: int, *, actor: str) -> None:
        """Has the stored request carried out, as `actor` confirmed it; again for the same request changes nothing.

        FlowUnavailableError where the flow does not take it: then nothing runs.
        """

    def hindrance(self) -> Hindrance | None:
        """What keeps a request from being carried out now: no such flow, a paused one, a scheduler that is silent."""
