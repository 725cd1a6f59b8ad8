"""Who changed the configuration, what and when; back to an earlier revision, shown first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from include.application.ports.history_views import HistoryFilter
from include.domain.errors import ConfigurationFileError, StaleError
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.remote_calls import asking_chorus
from include.web.rendering.pages import address_of
from include.web.rendering.query import PLACES, Query
from include.web.settings.file import editing_of, log_in, stopped_providers
from include.web.settings.menu import settings_page

router = guarded(Right.SETTINGS)

SECTIONS = (
    "portal",
    "people",
    "administer",
    "mail",
    "providers",
    "criteria",
    "metadata_association",
    "recipients",
    "label_rights",
    "attachments",
    "templates",
)
"""Sections that people ask for; the others change once in a product's life."""

MOST_CHANGES = 12
"""Changes of one revision that the list shows; its own page has all."""


@router.get("/settings/history")
def history(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One page of revisions, the newest first."""
    asked = Query(request, keys=("actor", "section", "sort", *PLACES), sort="-revision")
    views = services.store.history_views
    wanted = HistoryFilter(actor=asked.one("actor"), section=asked.one("section"))
    return settings_page(
        request,
        "history",
        "settings_history.html",
        asked=asked,
        found=views.page(person.viewer, asked.page(), wanted),
        actors=views.actors(person.viewer),
        sections=SECTIONS,
        most=MOST_CHANGES,
    )


@router.get("/settings/history/{number}")
def revision(request: Request, number: int, person: CurrentPerson, services: CurrentServices) -> Response:
    """One revision, and what going back to it would change now."""
    return _shown(request, person, services, number)


@router.post("/settings/history/{number}")
async def go_back(
    request: Request,
    number: int,
    person: CurrentPerson,
    services: CurrentServices,
    expected: Annotated[int, Form(alias="revision")],
    stops_read: Annotated[str | None, Form()] = None,
) -> Response:
    """Makes the configuration of that revision the one in force, as a new one, and tries its logins."""

    def gone_back() -> Response:
        editing = editing_of(services, person)
        if editing.plan_back(number).stops and not stops_read:
            return _shown(request, person, services, number, unread=True)
        try:
            applied = editing.go_back(number, expected=expected)
        except StaleError:
            return _shown(request, person, services, number, seen=expected)
        except ConfigurationFileError as error:
            return _shown(request, person, services, number, faults=error.listed)
        log_in(services, applied.configuration.providers)
        return RedirectResponse(f"{address_of(request).root}/settings/history/{applied.revision}?done=1", 303)

    return await asking_chorus(gone_back)


def _shown(
    request: Request,
    person: CurrentPerson,
    services: CurrentServices,
    number: int,
    *,
    seen: int | None = None,
    unread: bool = False,
    faults: Sequence[object] = (),
) -> Response:
    """`seen`: the revision that the person had before them when somebody else changed it; `unread`: a warning was.

    `faults`: why the configuration of then can no longer be in force, such as an environment that is forbidden now.
    """
    editing, done = editing_of(services, person), request.query_params.get("done") == "1"
    return settings_page(
        request,
        "history",
        "settings_revision.html",
        status=409 if seen is not None else 422 if unread or faults else 200,
        found=services.store.history_views.one(person.viewer, number).revision,
        plan=editing.plan_back(number),
        others=[] if seen is None else editing.changed_since(seen),
        unread=unread,
        faults=faults,
        stopped=stopped_providers(services, person) if done else [],
        done=done,
    )
