"""How the machine runs: timing of sending, limits of reading, alarms, rates of late interest, retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from include.application.administration.item_editing import FaultyItemError
from include.application.operations.retention import retain, would_remove_more
from include.domain.configuration import Configuration
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.rendering.language import language_of
from include.web.rendering.query import row_id
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm
from include.web.settings.menu import settings_page
from include.web.settings.sections import OPERATION

router = guarded(Right.SETTINGS)
PATH = "/settings/operation"


@router.get(PATH)
def operation(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Everything in one form."""
    return _shown(request, person, services, OPERATION.opened(person.configuration, language_of(request, person)))


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores it; where personal data would be removed by itself, the numbers are shown first."""
    async with request.form() as given:
        form = OPERATION.sent(given)
        effect = str(given.get("effect") or "")

    def saved() -> Response:
        removed = _removed(services, person.configuration, OPERATION.values_in(form.typed))
        if any(removed.values()) and effect != effect_of(removed):
            return _shown(request, person, services, form, removed=removed)
        return OPERATION.save(
            request,
            form,
            editing_of(services, person),
            services,
            lambda again, status: _shown(request, person, services, again, status=status),
        )

    return await run_in_threadpool(saved)


def effect_of(removed: Mapping[str, int]) -> str:
    """What a form carries of numbers that were shown with it."""
    return " ".join(str(count) for count in removed.values())


def _removed(services: Services, current: Configuration, values: Mapping[str, Any]) -> Mapping[str, int]:
    """What the next removal by itself would take that the one by the periods in force would not."""
    try:
        wanted = OPERATION.values.laid(current, values)
    except FaultyItemError:
        return {}
    if not would_remove_more(current.retention, wanted.retention):
        return {}
    return retain(services.store.retention, wanted, services.clock, apply=False)


def _shown(
    request: Request,
    person: Person,
    services: Services,
    form: ItemForm,
    *,
    removed: Mapping[str, int] | None = None,
    status: int = 200,
) -> Response:
    language, configuration = language_of(request, person), person.configuration
    return settings_page(
        request,
        "operation",
        "settings_operation.html",
        status=status,
        form=form,
        cards=OPERATION.cards(language),
        labels=OPERATION.labels(form.typed, language),
        offered={
            "users": [one.name for one in configuration.people.users],
            "groups": [one.name for one in configuration.people.groups],
        },
        removed=removed,
        effect=effect_of(removed or {}),
        touches=services.store.configuration.unsent_invoices(),
        done=row_id(request.query_params.get("done")),
    )
