"""Who has which document open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Somebody who has a document open, since when."""

    name: str
    since: dt.datetime


class Presences(Protocol):
    """People in front of documents. Whoever is not heard of any more is gone; nothing is decided by it."""

    def here(self, document_id: int, person: str, *, now: dt.datetime, gone_after: dt.timedelta) -> None:
        """This person has it open now; `since` stays while no silence was longer than `gone_after`."""

    def left(self, document_id: int, person: str) -> None:
        """Closed it."""

    def others(
        self, document_id: int, person: str, *, now: dt.datetime, gone_after: dt.timedelta
    ) -> Sequence[Presence]:
        """Everybody else who was heard of since, the first one first."""
