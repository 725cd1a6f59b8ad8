"""Flows in memory: what was begun for which provider, in whose name."""

from __future__ import annotations

from include.application.ports.dag_runs import StartedRun
from include.domain.configuration import Provider
from include.domain.errors import FlowUnavailableError


class FakeDagRuns:
    """Implements the port `DagRuns`; the minute is always the same one."""

    def __init__(self) -> None:
        self.begun: dict[str, str] = {}
        self.paused = False
        self.missing = False

    def retrieve(self, provider: Provider, *, actor: str) -> StartedRun:
        return self._begun(f"retrieval_{provider.loading}", f"asked__{provider.key}", actor)

    def dry_run(self, *, actor: str) -> StartedRun:
        return self._begun("submission", "asked__dry_run", actor)

    def _begun(self, dag_id: str, run_id: str, actor: str) -> StartedRun:
        if self.missing:
            raise FlowUnavailableError("flow_not_begun", flow="fake")
        self.begun.setdefault(run_id, actor)
        return StartedRun(dag_id=dag_id, run_id=run_id, paused=self.paused)
