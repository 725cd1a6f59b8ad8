"""How a pass over one provider ended, whatever it did there."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.domain.errors import ConnectorError
from include.texts import Text


@dataclass(kw_only=True)
class ProviderReport:
    """`failure` is the fault of the surroundings that stopped the pass, if any.

    `stopped` says that its login was refused before: told by an alert then, and a failure only to who runs it by hand.
    `internal` are errors of single invoices that nobody foresaw.
    """

    failure: ConnectorError | None = None
    stopped: ConnectorError | None = None
    internal: list[ConnectorError] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def failures(self) -> list[ConnectorError]:
        """Every error that makes the run a failed one."""
        return [*([self.failure] if self.failure else []), *self.internal]
