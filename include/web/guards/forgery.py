"""Requests that change something, and whether a page of another site sent them in a signed-in person's name.

Three checks, each enough by itself where a browser takes part in it: what the browser says of the page that asks
(`Sec-Fetch-Site`), the address of that page (`Origin`), and a token that only our own pages know. The session's cookie
alone proves nothing: browsers send it along with forms of other sites too.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from include.web.host import Host, SignedIn

FIELD = "csrf_token"
"""The hidden field of a form; scripts send HEADER instead."""

HEADER = "x-csrf-token"
LASTS_SECONDS = 12 * 3600
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForgedError(Exception):
    """The request cannot be told from one that another site made a browser send."""


def token(host: Host, person: SignedIn) -> str:
    """What our pages send along for this person; every worker process takes it, for twelve hours."""
    return _signer(host).dumps(person.name)


async def refuse_forged(host: Host, request: Request, person: SignedIn) -> None:
    """ForgedError unless the request is safe, comes from a program with a token of its own, or passes all checks."""
    if request.method in SAFE_METHODS or person.by_token:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin"):
        raise ForgedError
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForgedError
    given = request.headers.get(HEADER) or await _hidden_field(request)
    try:
        if _signer(host).loads(given or "", max_age=LASTS_SECONDS) != person.name:
            raise ForgedError
    except BadSignature as error:
        raise ForgedError from error


async def _hidden_field(request: Request) -> str | None:
    """Read once: the route's own look at the form finds it read already."""
    if "form" not in request.headers.get("content-type", ""):
        return None
    found = (await request.form()).get(FIELD)
    return found if isinstance(found, str) else None


def _signer(host: Host) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(host.signing_key, salt="chorus-form")
