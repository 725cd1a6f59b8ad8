"""The switch between French and English."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from include.texts import Language
from include.web.guards.person import Right
from include.web.guards.routing import guarded
from include.web.rendering.language import SWITCH_COOKIE
from include.web.rendering.pages import address_of

router = guarded(Right.SIGNED_IN)


@router.get("/language/{language}")
def switch(request: Request, language: Language, page: Annotated[str, Query()] = "/") -> Response:
    """Remembers the choice, and goes back to the page; to none but our own."""
    here = address_of(request)
    own = page if page.startswith("/") and not page.startswith(("//", "/\\")) else "/"
    answer = RedirectResponse(here.root + own, 303)
    answer.set_cookie(SWITCH_COOKIE, language, max_age=31536000, path=here.root, samesite="lax")
    return answer
