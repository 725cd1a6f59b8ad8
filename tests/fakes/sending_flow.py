"""The flow that sends, in memory: what was handed over, and whether it is paused, silent or gone."""

from __future__ import annotations

from include.application.ports.sending_flow import Hindrance
from include.domain.errors import FlowUnavailableError


class FakeSendingFlow:
    """Implements the port `SendingFlow`; `begun` names who confirmed each request, in order."""

    def __init__(self) -> None:
        self.begun: dict[int, str] = {}
        self.paused = False
        self.silent = False
        self.missing = False

    def begin(self, request_id: int, *, actor: str) -> None:
        if self.missing:
            raise FlowUnavailableError("flow_not_begun", flow="fake")
        self.begun.setdefault(request_id, actor)

    def hindrance(self) -> Hindrance | None:
        if self.missing:
            return Hindrance.MISSING
        if self.paused:
            return Hindrance.PAUSED
        return Hindrance.SILENT if self.silent else None
