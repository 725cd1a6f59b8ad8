"""Numbers for monitoring: what our store counts, and exchanges as they happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class MeasuredCall:
    """One exchange with Chorus Pro or PISTE; `outcome` is one of a few words, never a text of the platform."""

    provider: str
    operation: str
    outcome: str
    seconds: float


Measure = Callable[[MeasuredCall], None]
"""Called with every exchange. What it raises is dropped: a metric must never turn a sent invoice into an unknown
one."""


@dataclass(frozen=True, kw_only=True)
class StateCount:
    """Invoices of one provider in one state, and when the oldest of them was met first."""

    provider_key: str | None
    state: str
    count: int
    oldest_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What the platform took of one provider's invoices, and how many of them no person had touched."""

    provider_key: str
    count: int
    untouched: int


class FigureStore(Protocol):
    """Small questions to our own store."""

    def standing(self) -> Iterable[StateCount]:
        """By provider and state."""

    def sent(self, *, since: dt.datetime) -> Iterable[Sent]:
        """By provider."""
