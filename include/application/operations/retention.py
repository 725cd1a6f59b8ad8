"""How long personal data is kept (section `retention`); what proves a sending always stays.

Agents of public bodies lose their names in the history, whose statuses and comments stay. Readings go once every
invoice with that content is settled, and with them the words beside the values of its draft: the values that were sent
stand in the attempts. Told events go with their mails.
"""

from __future__ import annotations

import datetime as dt

from include.application.ports.clock import Clock
from include.application.ports.monitoring import WatchStore
from include.application.ports.retention import RetentionStore
from include.domain.configuration import Configuration
from include.domain.configuration.operation import Retention

RETENTION = "retention"

EVERY = dt.timedelta(hours=23)
"""Time between two removals by itself, whoever asks how often."""


REMOVED = ("agents", "texts", "events")
"""Kinds of personal data that have a period."""


def retain(store: RetentionStore, configuration: Configuration, clock: Clock, *, apply: bool) -> dict[str, int]:
    """What is older than its period: counted, and with `apply` removed."""
    periods = configuration.retention

    def before(days: int) -> dt.datetime:
        return clock.now() - dt.timedelta(days=days)

    removals = (
        (store.agents, periods.agents_days),
        (store.texts, periods.texts_days),
        (store.events, periods.events_days),
    )
    return {
        kind: remove(before=before(days), apply=apply) for kind, (remove, days) in zip(REMOVED, removals, strict=True)
    }


def would_remove_more(now: Retention, then: Retention) -> bool:
    """Whether other settings would have removed by itself what stays by those of now."""
    shorter = any(getattr(then, f"{kind}_days") < getattr(now, f"{kind}_days") for kind in REMOVED)
    return then.automatic and (shorter or not now.automatic)


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
