"""Where the settings open: the way from an empty product to its first dry run, as long as a part of it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from include.application.operations.first_steps import Step, StepName, first_steps, missing
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.rendering.pages import address_of
from include.web.settings.menu import settings_page

router = guarded(Right.SETTINGS)
PATH = "/settings/first-steps"

PLACES = {
    StepName.PORTAL: "/settings/portal",
    StepName.PROVIDER: "/settings/providers",
    StepName.CRITERION: "/settings/criteria",
    StepName.TRIAL: "/documents?tab=all",
}
"""Where each step is done; of the trial, where its result stands."""


@router.get("/settings")
@router.get("/settings/")
def settings(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Where the settings open: here until everything is done, then with the providers."""
    place = PATH if missing(_steps(person, services)) else PLACES[StepName.PROVIDER]
    return RedirectResponse(address_of(request).root + place, 303)


@router.get(PATH)
def page_of_steps(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """What is there, and what is still missing."""
    steps = _steps(person, services)
    return settings_page(
        request,
        "first-steps",
        "settings_first_steps.html",
        steps=steps,
        next=next((step for step in steps if not step.done), None),
        where=PLACES,
        begun=request.query_params.get("begun"),
        paused=request.query_params.get("paused") == "1",
    )


@router.post(PATH + "/trial")
def trial(request: Request, person: CurrentPerson) -> Response:
    """Begins a dry run; it goes on by itself."""
    started = host_of(request).dag_runs.dry_run(actor=person.name)
    query = urlencode({"begun": started.run_id, **({"paused": "1"} if started.paused else {})})
    return RedirectResponse(f"{address_of(request).root}{PATH}?{query}", 303)


def _steps(person: CurrentPerson, services: CurrentServices) -> Sequence[Step]:
    return first_steps(services.store.configuration, services.store.providers, person.configuration)
