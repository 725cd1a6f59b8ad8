"""How the connector stands, in numbers: for monitoring, never with a name, a number or an amount of an invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from include.application.ports.clock import Clock
from include.application.ports.figures import FigureStore
from include.domain.configuration import Configuration
from include.domain.lifecycle import State

SENT_WITHIN = dt.timedelta(days=30)
"""Period that the straight-through rate looks back: long enough for a small supplier, short enough to move."""

NOT_DONE = (
    State.DETECTED,
    State.MATCHED,
    State.READ,
    State.TO_COMPLETE,
    State.READY,
    State.SUBMITTING,
    State.UNKNOWN,
)
"""States of invoices that are not done: taken by a criterion or about to be, and not known to be on the platform."""

NOBODY = "none"
"""Name in place of a provider, for documents whose provider is not known yet."""


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
        oldest = min((found[key, state].oldest_at for state in NOT_DONE if (key, state) in found), default=now)
        age = max(0.0, (now - oldest).total_seconds())
        yield Figure(name="oldest_waiting_seconds", value=age, tags={"provider": key})
    sent = {one.provider_key: one for one in store.sent(since=now - SENT_WITHIN)}
    for key in sorted({*keys, *sent}):
        count = sent[key].count if key in sent else 0
        yield Figure(name="sent_30_days", value=count, tags={"provider": key})
        if count:
            rate = sent[key].untouched / count
            yield Figure(name="straight_through_rate", value=rate, tags={"provider": key})
