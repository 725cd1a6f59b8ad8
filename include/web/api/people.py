"""Whom Airflow knows, for programs that write the configuration file."""

from __future__ import annotations

from fastapi import Request, Response

from include.web.api.answers import JsonAnswer
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, guarded, host_of

router = guarded(Right.SETTINGS)


@router.get("/api/v1/people/known")
def known(request: Request, person: CurrentPerson) -> Response:
    """Airflow's users, and whether `people.users` has each already; nobody where its auth manager keeps no list."""
    named = {user.name for user in person.configuration.people.users}
    items = [{"name": one.name, "mail": one.mail, "added": one.name in named} for one in host_of(request).known_users()]
    return JsonAnswer({"items": items})
