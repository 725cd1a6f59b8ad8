"""Alerts that a stored change of our surroundings causes: a refused login, a body that closed."""

from __future__ import annotations

import datetime as dt

from include.domain.directory import DirectoryEntry
from include.domain.notification import EventKind, NewEvent


def login_refused(provider_key: str, *, half: str, reason: str, now: dt.datetime) -> NewEvent:
    """The provider is stopped: told by whoever opens its circuit breaker (docs/reference/exactly-once.md 6)."""
    facts = {"code": "login_refused", "half": half, "provider": provider_key, "reason": reason}
    return NewEvent(kind=EventKind.ALERT, at=now, provider_key=provider_key, facts=facts)


def body_inactive(environment: str, entry: DirectoryEntry, *, name: str, blocked: int, now: dt.datetime) -> NewEvent:
    """A body closed that `blocked` unsent invoices go to; told once for each time that it closes."""
    facts = {"code": "body_inactive", "siret": entry.siret, "name": entry.name or name, "count": str(blocked)}
    once = f"body_inactive:{environment}:{entry.siret}:{now.isoformat()}"
    return NewEvent(kind=EventKind.ALERT, at=now, facts=facts, once=once)
