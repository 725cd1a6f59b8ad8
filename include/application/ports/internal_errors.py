"""Where it is kept that an item met an error that nobody foresaw."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from include.domain.transitions.internal_error import InternalFault


class InternalErrors(Protocol):
    """Reasons and alerts of items that met an error of this program."""

    def record(self, fault: InternalFault, *, now: dt.datetime) -> None:
        """The reason with the invoice, if it is still as it was read, and the alert, told once."""
