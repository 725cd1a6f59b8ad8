"""Every route of the application, as requests: a new route is walked without being named anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Response

from tests.web.conftest import Site

PUBLIC = {"/static/{digest}/{name}"}
"""No data in them, so without a guard."""

WORDS = {"action": "hold", "language": "en", "reference": "4"}
"""What stands in the braces of an address that is no id."""

FORM = {"version": "1", "reason": "because"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One method of one route, and what stands in the braces of its path (any other: the first document)."""

    method: str
    route: APIRoute
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The address, below `/chorus`."""
        words = {**WORDS, **self.words}
        return re.sub(r"{(\w+)}", lambda found: words.get(found[1], words.get("id", "1")), self.route.path)

    @property
    def changes(self) -> bool:
        """Whether it is more than reading."""
        return self.method not in ("GET", "HEAD")

    def asked_by(self, site: Site, user: str, /, **params: str) -> Response:
        """As this person's browser asks for it, with what our own pages send along."""
        body: dict[str, Any] = {}
        if self.changes:
            json = self.route.path.startswith("/api/")
            body = {"json": {"version": 1, "reason": "because"}} if json else {"data": FORM}
        headers = site.form_headers(user)
        answer: Response = site.client(user).request(self.method, self.path, headers=headers, params=params, **body)
        return answer


def routes(app: FastAPI) -> list[APIRoute]:
    """All of them."""
    return [route for route in app.routes if isinstance(route, APIRoute)]


def calls(app: FastAPI, **words: str) -> Iterator[Call]:
    """Every method of every route; `id`: in place of ids."""
    for route in routes(app):
        for method in sorted(route.methods or ()):
            yield Call(method=method, route=route, words=words)


def guarded_calls(app: FastAPI, **words: str) -> list[Call]:
    """Those that need somebody signed in."""
    return [call for call in calls(app, **words) if call.route.path not in PUBLIC]
