"""What this person was told, by day and by kind, and marking it as read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from include.application.ports.notification_views import NotificationRow
from include.domain.configuration.base import PARIS
from include.domain.errors import InputError
from include.domain.notification import EventKind
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.notification_links import link_of
from include.web.rendering.pages import address_of, page
from include.web.rendering.query import PLACES, Query

router = guarded(Right.SIGNED_IN)


@router.get("/notifications")
def notifications(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page, the newest first."""
    asked = Query(request, keys=("unread", "kind", "sort", *PLACES), sort="-at")
    views = services.store.notification_views
    found = views.page(person.name, asked.page(), unread=asked.one("unread") == "1", kind=kind_of(asked))
    today = services.clock.now().astimezone(PARIS).date()
    return page(
        request,
        "notifications.html",
        asked=asked,
        found=found,
        days=_by_day(found.items),
        today=today,
        yesterday=today - dt.timedelta(days=1),
        unread=views.unread(person.name),
        kinds=[kind.value for kind in EventKind],
        links={row.event.id: link_of(row, person) for row in found.items},
    )


@router.post("/notifications/read")
def read(
    request: Request,
    person: CurrentPerson,
    services: CurrentServices,
    place: Annotated[str, Form()] = "notifications",
) -> Response:
    """Marks everything that stands there now as read; `place` says on which of our pages the button stood."""
    services.store.outbox.mark_read(person.name, None, now=services.clock.now())
    return RedirectResponse(address_of(request).root + ("/" if place == "dashboard" else "/notifications"), 303)


def kind_of(asked: Query) -> EventKind | None:
    """The kind that is asked for; InputError for one that there is not."""
    text = asked.one("kind")
    if text is None:
        return None
    if text not in set(EventKind):
        raise InputError("no_such_event_kind", name=text, allowed=", ".join(EventKind))
    return EventKind(text)


def _by_day(rows: Sequence[NotificationRow]) -> list[tuple[dt.date, list[NotificationRow]]]:
    """Rows of one day of Paris after each other, as the list has them."""
    return [(day, list(some)) for day, some in groupby(rows, key=lambda row: row.event.at.astimezone(PARIS).date())]
