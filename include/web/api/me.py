"""Who asks, and what that person may do."""

from __future__ import annotations

from fastapi import Request, Response

from include.web.api.answers import JsonAnswer, reader_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, guarded

router = guarded(Right.SIGNED_IN)


@router.get("/api/v1/me")
def me(request: Request, person: CurrentPerson) -> Response:
    """The person, as the configuration knows them."""
    viewer = person.viewer
    providers = [one.name for one in person.configuration.providers if one.key in viewer.provider_keys]
    labels = sorted({right.label for right in person.configuration.label_rights if right.user == person.name})
    return JsonAnswer(
        {
            "name": person.name,
            "language": reader_of(request),
            "administer": viewer.administers,
            "providers": providers,
            "labels": labels or None,
        }
    )
