"""How long personal data is kept (section `retention`); what proves a sending always stays.

Agents of public bodies lose their names in the history, whose statuses and comments stay. Readings go once every
invoice with that content is settled, and with them the words beside the values of its draft: the values that were sent
stand in the attempts. Told events go with their mails.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from include.application.ports import Clock
from include.application.watchdog import WatchStore
from include.domain.configuration import Configuration

RETENTION = "retention"

EVERY = dt.timedelta(hours=23)
"""By itself once a day, whoever asks how often."""


class RetentionStore(Protocol):
    """Each returns how many there are, and with `apply` removes them; safe to repeat."""

    def agents(self, *, before: dt.datetime, apply: bool) -> int:
        """Entries of histories older than that with the name or address of an agent."""

    def texts(self, *, before: dt.datetime, apply: bool) -> int:
        """Readings older than that, and drafts that quote them, of which no invoice is to be sent or corrected."""

    def events(self, *, before: dt.datetime, apply: bool) -> int:
        """Events older than that which everybody was told of; their mails are settled."""


def retain(store: RetentionStore, configuration: Configuration, clock: Clock, *, apply: bool) -> dict[str, int]:
    """What is older than its period: counted, and with `apply` removed."""
    periods = configuration.retention

    def before(days: int) -> dt.datetime:
        return clock.now() - dt.timedelta(days=days)

    return {
        "agents": store.agents(before=before(periods.agents_days), apply=apply),
        "texts": store.texts(before=before(periods.texts_days), apply=apply),
        "events": store.events(before=before(periods.events_days), apply=apply),
    }


def retain_by_itself(
    store: RetentionStore, passes: WatchStore, configuration: Configuration, clock: Clock
) -> dict[str, int] | None:
    """What was removed; None where the configuration does not ask for it, or it was done within a day."""
    last = passes.last_pass(RETENTION)
    if not configuration.retention.automatic or (last is not None and clock.now() - last.last_at < EVERY):
        return None
    counts = retain(store, configuration, clock, apply=True)
    passes.record_pass(RETENTION, now=clock.now())
    return counts
