"""What sending needs of its surroundings, and what one pass of it reports."""

from __future__ import annotations

from dataclasses import dataclass

from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.files import Files
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.ledger import Ledger
from include.application.ports.providers import Providers
from include.application.providers.provider_report import ProviderReport
from include.domain.configuration import Configuration
from include.texts import Text

SENDING_OFF = Text("cli.sending_off")
"""What is said wherever something would have gone out."""


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Ports and configuration of one pass; `owner` names this worker in claims.

    Not `allowed`: nothing is claimed or sent, whoever asks; what is unknown is still searched.
    """

    ledger: Ledger
    providers: Providers
    files: Files
    chorus: Chorus
    internal_errors: InternalErrors
    clock: Clock
    configuration: Configuration
    revision: int
    owner: str
    allowed: bool = True


@dataclass(kw_only=True)
class SubmitReport(ProviderReport):
    """What one pass of sending did for one provider."""

    submitted: int = 0
    refused: int = 0
    unknown: int = 0
    to_complete: int = 0
    not_sent: int = 0
    searched: int = 0

    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        return {
            "submitted": self.submitted,
            "refused": self.refused,
            "unknown": self.unknown,
            "to_complete": self.to_complete,
            "not_sent": self.not_sent,
        }
