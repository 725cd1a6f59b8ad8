"""What is too old to be kept."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class RetentionStore(Protocol):
    """Each returns how many there are, and with `apply` removes them; safe to repeat."""

    def agents(self, *, before: dt.datetime, apply: bool) -> int:
        """Entries of histories older than that with the name or address of an agent."""

    def texts(self, *, before: dt.datetime, apply: bool) -> int:
        """Readings older than that, and drafts that quote them, of which no invoice is to be sent or corrected."""

    def events(self, *, before: dt.datetime, apply: bool) -> int:
        """Events older than that which everybody was told of; their mails are settled."""
