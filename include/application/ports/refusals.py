"""What the platform refused, as our store keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refusal of the platform; `kind` is that of the attempt, a submission or a correction."""

    invoice_id: int
    kind: str
    number: int | None
    label: str
    at: dt.datetime


class Refusals(Protocol):
    """What the platform refused."""

    def refusals(self) -> Iterable[Refusal]:
        """All of them, oldest first."""
