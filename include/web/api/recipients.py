"""Recipients for programs: the lists, and what is done with one wording."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.directory_refresh import blocking
from include.application.administration.recipient_lists import suggestion_row
from include.application.administration.recipients import confirm, forget, keep
from include.domain.errors import InputError
from include.web.api.answers import JsonAnswer
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.rendering.query import PLACES, Query
from include.web.settings.recipients import TABS, editing_of, lists_of

router = guarded(Right.SETTINGS)
PREFIX = "/api/v1/recipients"


class Wording(BaseModel):
    """A wording, and the body it is about; to confirm a suggestion its id is enough."""

    model_config = ConfigDict(extra="forbid")
    wording: str
    siret: str | None = None
    service: str | None = None


@router.get(PREFIX)
def recipients(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One of the lists: `tab` configured, learned or unknown."""
    asked = Query(request, keys=("tab", "q", "sort", "limit", *PLACES), sort="position")
    tab, lists, viewer, text = asked.one("tab") or TABS[0], lists_of(services, person), person.viewer, asked.one("q")
    rows: list[dict[str, Any]]
    if tab == "configured":
        configured = lists.configured(viewer, text, asked.page())
        rows, after, before = [dataclasses.asdict(row) for row in configured.items], configured.after, configured.before
    elif tab == "learned":
        learned = lists.learned_lines(viewer, text, asked.page())
        rows = [{**dataclasses.asdict(row.line), "use": row.use} for row in learned.items]
        after, before = learned.after, learned.before
    elif tab == "unknown":
        unknown = lists.suggestions(viewer, text, asked.page())
        rows, after, before = [suggestion_row(row) for row in unknown.items], unknown.after, unknown.before
    else:
        raise InputError("no_such_tab", tab=tab, allowed=", ".join(TABS))
    return JsonAnswer({"items": rows, "after": after, "before": before})


@router.get(PREFIX + "/blocking")
def blocking_ones(person: CurrentPerson, services: CurrentServices) -> Response:
    """Bodies that keep invoices from going: closed ones, and those whose services are closed or not listed."""
    items = [
        {
            "environment": held.environment,
            "siret": held.entry.siret,
            "name": held.entry.name,
            "active": held.entry.active,
            "services": held.blocked_services,
            "invoices": len(held.blocked),
        }
        for held in blocking(services.store.directory, services.clock, person.viewer)
    ]
    return JsonAnswer({"items": items})


@router.post(PREFIX + "/confirm")
def confirm_it(given: Annotated[Wording, Body()], person: CurrentPerson, services: CurrentServices) -> Response:
    """The wording means this body from now on."""
    applied = confirm(editing_of(services, person), given.wording, given.siret, service=given.service)
    return JsonAnswer({"revision": applied.revision})


@router.post(PREFIX + "/keep")
def keep_it(given: Annotated[Wording, Body()], person: CurrentPerson, services: CurrentServices) -> Response:
    """Its learned lines stand in the configuration from now on."""
    return JsonAnswer({"revision": keep(editing_of(services, person), given.wording, given.siret).revision})


@router.post(PREFIX + "/forget")
def forget_it(given: Annotated[Wording, Body()], person: CurrentPerson, services: CurrentServices) -> Response:
    """Its learned lines go."""
    return JsonAnswer({"revision": forget(editing_of(services, person), given.wording, given.siret)})
