"""Rejections and suspensions have to be acknowledged within seven days: who operates the connector is told in time."""

from __future__ import annotations

import datetime as dt

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.corrections import Corrections, ReturnedInvoice
from include.domain.correction import ACKNOWLEDGE_DAYS, overdue_days
from include.domain.internal_errors import Item
from include.domain.notification import EventKind, NewEvent


def tell_of_deadlines(
    provider_key: str, name: str, corrections: Corrections, clock: Clock, isolation: Isolation
) -> None:
    """One alert after five days and one after seven, each once for each return of an invoice."""
    now = clock.now()
    alerts: list[NewEvent] = []
    for one in corrections.returned(provider_key):
        with isolation.confined(Item("invoice", one.invoice_id)):
            days = overdue_days(one.status, one.status_at, now)
            if days is not None:
                alerts.append(_alert(one, name, days, now=now))
    if alerts:
        corrections.tell(alerts)


def _alert(one: ReturnedInvoice, name: str, days: int, *, now: dt.datetime) -> NewEvent:
    facts = {
        "code": "acknowledge_due" if days < ACKNOWLEDGE_DAYS else "acknowledge_overdue",
        "number": one.number,
        "provider": name,
        "status": one.status,
        "days": str(days),
        "left": str(ACKNOWLEDGE_DAYS - days),
    }
    return NewEvent(
        kind=EventKind.ALERT,
        at=now,
        provider_key=one.provider_key,
        invoice_id=one.invoice_id,
        facts=facts,
        once=f"acknowledge:{one.invoice_id}:{one.status}:{one.status_at.isoformat()}:{days}",
    )
