"""What was written into the portal, as our store keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class WriteBackWork:
    """A document whose portal does not show how it stands; `told` is what will be remembered as written."""

    invoice_id: int
    portal_id: str
    state: str
    chorus_id: int | None
    told: str


class WriteBacks(Protocol):
    """What was written into the portal, as our store remembers it."""

    def to_write_back(self, targets: str, states: Sequence[str], *, limit: int) -> list[WriteBackWork]:
        """Invoices in one of these states of which something else was written last, the latest change first.

        `targets` names where it is written: other metadata means that all is due again. Documents that are not in the
        portal now are left out, and so are ignored ones of which nothing was ever written.
        """

    def written_back(self, work: WriteBackWork) -> None:
        """Remembers what was written."""
