"""Routes that cannot be reached unguarded: a router names the right that all its routes ask for.

The guard stands around the route's handler, so it decides before FastAPI looks at body and parameters: who may not do
something does not learn from error messages what it would take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from include.domain.errors import TooLargeError
from include.web.guards.body import WORDS, BodyLimit, limited, refuse_too_long
from include.web.guards.forgery import refuse_forged
from include.web.guards.person import NotAllowedError, Person, Right, person_of
from include.web.host import Host, Services

_TOO_LARGE = re.compile(r"\d{19}")
"""No id of ours, of Chorus Pro or of anybody else has so many digits."""


class GuardedRoute(APIRoute):
    """A route that first asks who comes, whether another site forged the request, and for the right of its router."""

    right: ClassVar[Right]
    limit: ClassVar[BodyLimit]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the guard before it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            host = host_of(request)
            person = await person_of(host, request)
            request.state.person = person
            most = self.limit.most(person)
            request = limited(request, most)
            await refuse_forged(host, request, person.signed_in)
            if not person.has(self.right):
                raise NotAllowedError
            if any(_TOO_LARGE.search(part) for part in request.path_params.values()):
                raise HTTPException(404)  # the databases would call it an error
            refuse_too_long(request, most)
            try:
                return await handle(request)
            except HTTPException as error:
                if isinstance(error.__cause__, TooLargeError):  # to FastAPI all that ends a body is a bad request
                    raise error.__cause__ from None
                raise

        return guarded


def guarded(right: Right, *, limit: BodyLimit = WORDS) -> APIRouter:
    """A router whose routes all ask for this right, and take no longer body than the limit."""
    values = {"right": right, "limit": limit}
    return APIRouter(route_class=type(f"Guarded{right.title()}Route", (GuardedRoute,), values))


def host_of(request: Request) -> Host:
    """The server around the screens."""
    host: Host = request.app.state.host
    return host


def _person(request: Request) -> Person:
    person: Person = request.state.person
    return person


def _services(request: Request) -> Services:
    return host_of(request).services


CurrentPerson = Annotated[Person, Depends(_person)]
CurrentServices = Annotated[Services, Depends(_services)]
