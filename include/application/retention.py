"""How long personal data is kept (section `retention`); what proves a sending always stays.

Agents of public bodies lose their names in the history, whose statuses and comments stay. Readings go once every
invoice with that content is settled: the values that were sent stand in the attempts. Told events go with their mails.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from include.application.ports import Clock
from include.domain.configuration import Configuration


class RetentionStore(Protocol):
    """Each returns how many there are, and with `apply` removes them; one transaction each, safe to repeat."""

    def agents(self, *, before: dt.datetime, apply: bool) -> int:
        """Entries of histories older than that with the name or address of an agent."""

    def readings(self, *, before: dt.datetime, apply: bool) -> int:
        """Readings older than that of which no invoice is still to be sent or corrected."""

    def events(self, *, before: dt.datetime, apply: bool) -> int:
        """Events older than that which everybody was told of; their mails are settled."""


def retain(store: RetentionStore, configuration: Configuration, clock: Clock, *, apply: bool) -> dict[str, int]:
    """What is older than its period: counted, and with `apply` removed."""
    periods = configuration.retention

    def before(days: int) -> dt.datetime:
        return clock.now() - dt.timedelta(days=days)

    return {
        "agents": store.agents(before=before(periods.agents_days), apply=apply),
        "texts": store.readings(before=before(periods.texts_days), apply=apply),
        "events": store.events(before=before(periods.events_days), apply=apply),
    }
