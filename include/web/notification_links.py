"""Where a notification leads: to what it tells of, as far as this person may go there."""

from __future__ import annotations

from urllib.parse import urlencode

from include.application.ports.notification_views import NotificationRow
from include.application.views.filters import provider_name
from include.domain.notification import EventKind
from include.domain.tracking import RETURNED
from include.web.guards.person import Person, Right

_LISTS = {
    "overdue": ("/invoices", {"overdue": "1", "sort": "pay_by"}),
    "unknown_statuses": ("/invoices", {"status": "UNKNOWN"}),
}
"""Alerts that tell of a list in the tracking."""


def link_of(row: NotificationRow, person: Person) -> str | None:
    """The address below our root; None where there is nothing to be seen, or no right to see it."""
    event, tracks = row.event, person.has(Right.INVOICES)
    if event.kind is EventKind.ALERT and event.facts.get("code") in _LISTS:
        place, query = _LISTS[event.facts["code"]]
        provider = provider_name(person.configuration, event.provider_key)
        named = {"provider": provider} if provider else {}
        return f"{place}?{urlencode({**query, **named})}" if tracks else None
    if event.kind is EventKind.STATUS_CHANGED and event.invoice_id is not None and tracks:
        # what is no longer returned leads on to the tracking by itself
        returned = event.facts.get("status") in RETURNED
        return f"/{'returned' if returned else 'invoices'}/{event.invoice_id}"
    if row.document_id is not None and person.has(Right.DOCUMENTS):
        return f"/documents/{row.document_id}"
    return f"/invoices/{event.invoice_id}" if event.invoice_id is not None and tracks else None
