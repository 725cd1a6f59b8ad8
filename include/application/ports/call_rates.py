"""How often one person asks for something that costs others: calls to the platform above all."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class CallRates(Protocol):
    """Calls counted by person and kind, over all processes; a count begins anew when its time is over."""

    def take(self, kind: str, person: str, *, most: int, within: dt.timedelta, now: dt.datetime) -> dt.timedelta | None:
        """Counts one call; None where it may be made, else how long to wait. A refused call does not count."""
