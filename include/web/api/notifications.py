"""Notifications for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.ports.notification_views import NotificationRow
from include.application.views import json_rows
from include.web.api.answers import JsonAnswer, reader_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.notification_links import link_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import PLACES, Query
from include.web.routes.notifications import kind_of

router = guarded(Right.SIGNED_IN)
PREFIX = "/api/v1/notifications"


class Marked(BaseModel):
    """What was read: some, or all."""

    model_config = ConfigDict(extra="forbid")
    ids: list[int] = []
    all: bool = False


@router.get(PREFIX)
def notifications(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of what this person was told, the newest first."""
    asked = Query(request, keys=("unread", "kind", "sort", "limit", *PLACES), sort="-at")
    views, language = services.store.notification_views, reader_of(request)
    found = views.page(person.name, asked.page(), unread=asked.one("unread") == "1", kind=kind_of(asked))
    root = address_of(request).root

    def row(one: NotificationRow) -> json_rows.Json:
        link = link_of(one, person)
        href = None if link is None else root + link
        return {**json_rows.notification(one, person.configuration, language), "href": href}

    return JsonAnswer(
        {
            "items": [row(one) for one in found.items],
            "unread": views.unread(person.name),
            "after": found.after,
            "before": found.before,
        }
    )


@router.post(PREFIX + "/read")
def read(marked: Annotated[Marked, Body()], person: CurrentPerson, services: CurrentServices) -> Response:
    """Marks as read; ids of others are passed over. How much is left unread."""
    ids = None if marked.all else marked.ids
    services.store.outbox.mark_read(person.name, ids, now=services.clock.now())
    return JsonAnswer({"unread": services.store.notification_views.unread(person.name)})
