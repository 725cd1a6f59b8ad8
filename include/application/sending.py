"""What sending needs of its surroundings, and what one pass of it reports."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.application.ports import Chorus, Clock, Files
from include.application.storage_ports import Ledger, Providers
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Ports and configuration of one pass; `owner` names this worker in claims."""

    ledger: Ledger
    providers: Providers
    files: Files
    chorus: Chorus
    clock: Clock
    configuration: Configuration
    revision: int
    owner: str


@dataclass(kw_only=True)
class SubmitReport:
    """What one pass did for one provider; `trouble` is the fault of the surroundings that stopped it, if any.

    `stopped` says that its login was refused before: told by an alert then, and a failure only to who runs it by hand.
    """

    submitted: int = 0
    refused: int = 0
    unknown: int = 0
    to_complete: int = 0
    not_sent: int = 0
    searched: int = 0
    trouble: ConnectorError | None = None
    stopped: ConnectorError | None = None
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        return {
            "submitted": self.submitted,
            "refused": self.refused,
            "unknown": self.unknown,
            "to_complete": self.to_complete,
            "not_sent": self.not_sent,
        }
