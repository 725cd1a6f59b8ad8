"""The platform's directory, for our form and for programs: bodies by name, town or SIRET, and one with its services."""

from __future__ import annotations

import datetime as dt

from fastapi import Request, Response

from include.application.mapping.search_directory import FoundEntry
from include.application.views.json_rows import Json
from include.domain.completeness.recipient import obligations, offered_services
from include.domain.directory import DirectoryEntry
from include.web.api.answers import JsonAnswer
from include.web.api.document_check import demanded, recipient, services_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.problems import error_of, worded
from include.web.remote_calls import MOST_SEARCHES, asking_chorus, counted

router = guarded(Right.DOCUMENTS)
PREFIX = "/api/v1/directory"


@router.get(PREFIX)
async def search(
    request: Request, person: CurrentPerson, services: CurrentServices, q: str = "", provider: str | None = None
) -> Response:
    """Bodies whose name, town, wording or SIRET fits, 20 at most; `provider`: whose environment is asked.

    503 where the platform does not answer, with what we know ourselves and its `age` in seconds.
    """

    def work() -> Response:
        counted(services, person, "directory", MOST_SEARCHES)
        found = services.directory_search(viewer=person.viewer).search(q, provider=provider)
        items = [{"siret": one.siret, "name": one.name, "town": one.town, "active": one.active} for one in found.bodies]
        if found.failure is None:
            return JsonAnswer({"items": items})
        return JsonAnswer({**_down(request, found.age), "items": items}, 503)

    return await asking_chorus(work)


@router.get(PREFIX + "/{siret}")
async def body(
    request: Request, siret: str, person: CurrentPerson, services: CurrentServices, provider: str | None = None
) -> Response:
    """One body with the services that take invoices and what it demands."""

    def work() -> Response:
        counted(services, person, "directory", MOST_SEARCHES)
        found: FoundEntry = services.directory_search(viewer=person.viewer).body(siret, provider=provider)
        known = {} if found.entry is None else shown(found.entry)
        return JsonAnswer({**_down(request, found.age), **known}, 503) if found.old else JsonAnswer(known)

    return await asking_chorus(work)


def shown(entry: DirectoryEntry) -> Json:
    """A body with all that is known of it."""
    return {
        **recipient(entry),
        "services": services_of(offered_services(entry)),
        "obligations": demanded(obligations(entry)),
    }


def _down(request: Request, age: dt.timedelta | None) -> Json:
    seconds = None if age is None else int(age.total_seconds())
    return {"error": error_of(worded(request, "directory_down")), "age": seconds}
