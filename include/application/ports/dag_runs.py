"""Flows that a person has run now, where they always run: never in the process that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from include.domain.configuration import Provider


@dataclass(frozen=True, kw_only=True)
class StartedRun:
    """A run that was begun, or stands in line; `paused`: it waits until somebody lets the flow run."""

    dag_id: str
    run_id: str
    paused: bool = False


class DagRuns(Protocol):
    """The flows, as seen by whoever begins one."""

    def retrieve(self, provider: Provider, *, actor: str) -> StartedRun:
        """What became of this provider's invoices is asked now, as its nightly or hourly flow would.

        Asked twice within a minute it is the same run. FlowUnavailableError where there is no such flow.
        """

    def dry_run(self, *, actor: str) -> StartedRun:
        """One pass that reads and assesses, and sends and mails nothing; the rest as `retrieve`."""
