"""How the connector stands, in numbers: for monitoring, never with a name, a number or an amount of an invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from include.application.ports import Clock
from include.domain.configuration import Configuration
from include.domain.lifecycle import State

SENT_WITHIN = dt.timedelta(days=30)
"""The straight-through rate looks back so far: long enough for a small supplier, short enough to move."""

WAITING = (State.DETECTED, State.MATCHED, State.READ, State.TO_COMPLETE, State.READY, State.SUBMITTING, State.UNKNOWN)
"""Taken by a criterion or about to be, and not known to be on the platform."""

NOBODY = "none"
"""Instead of a provider, for documents whose provider is not known yet."""


@dataclass(frozen=True, kw_only=True)
class MeasuredCall:
    """One exchange with Chorus Pro or PISTE; `outcome` is one of a few words, never a text of the platform."""

    provider: str
    operation: str
    outcome: str
    seconds: float


Measure = Callable[[MeasuredCall], None]
"""Hears of every exchange. What it raises is dropped: a metric must never turn a sent invoice into an unknown one."""


@dataclass(frozen=True, kw_only=True)
class Standing:
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

    def standing(self) -> Iterable[Standing]:
        """By provider and state."""

    def sent(self, *, since: dt.datetime) -> Iterable[Sent]:
        """By provider."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value as it is now."""

    name: str
    value: float
    tags: Mapping[str, str] = field(default_factory=dict)


def figures(store: FigureStore, configuration: Configuration, clock: Clock) -> Iterator[Figure]:
    """Counts by provider and state, the age of the oldest that waits, the straight-through rate.

    What is not there is told as 0: whoever listens would otherwise keep the last value for ever.
    """
    now = clock.now()
    keys = [provider.key for provider in configuration.providers]
    found = {(one.provider_key or NOBODY, one.state): one for one in store.standing()}
    for key in sorted({NOBODY, *keys, *(key for key, _ in found)}):
        for state in State:
            one = found.get((key, state))
            yield Figure(name="invoices", value=one.count if one else 0, tags={"provider": key, "state": state})
        oldest = min((found[key, state].oldest_at for state in WAITING if (key, state) in found), default=now)
        age = max(0.0, (now - oldest).total_seconds())
        yield Figure(name="oldest_waiting_seconds", value=age, tags={"provider": key})
    sent = {one.provider_key: one for one in store.sent(since=now - SENT_WITHIN)}
    for key in sorted({*keys, *sent}):
        count = sent[key].count if key in sent else 0
        yield Figure(name="sent_30_days", value=count, tags={"provider": key})
        if count:
            rate = sent[key].untouched / count
            yield Figure(name="straight_through_rate", value=rate, tags={"provider": key})
