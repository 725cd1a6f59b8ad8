"""Answers for programs: values as the command line prints them, lists with their cursors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse

from include.application.ports.paging import Page, Totals
from include.application.providers.try_logins import LoginTried
from include.application.views.json_rows import Json, plain
from include.domain.errors import InputError
from include.texts import Language
from include.web.guards.person import Person
from include.web.problems import Problem, error_of
from include.web.rendering.language import language_of

Row = TypeVar("Row")


class JsonAnswer(JSONResponse):
    """JSON with times in UTC and `Z`, dates as days, amounts as texts."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(plain(content), ensure_ascii=False, separators=(",", ":")).encode()


def reader_of(request: Request) -> Language:
    """The language of messages in the answer."""
    person: Person = request.state.person
    return language_of(request, person)


def listed(page: Page[Row], totals: Totals, row: Callable[[Row], Json], **more: object) -> JsonAnswer:
    """One page of a list; an exact total up to ten thousand rows, beyond them how many there are at least."""
    return JsonAnswer(
        {
            "items": [row(one) for one in page.items],
            "after": page.after,
            "before": page.before,
            "total": totals.total,
            **({"total_at_least": True} if totals.at_least else {}),
            "counts": dict(totals.counts),
            **more,
        }
    )


def login_row(tried: LoginTried, language: Language) -> Json:
    """What became of a login: which half fails, and what to do."""
    error = tried.error
    said = [] if error is None else [error.part("what", language), error.part("why", language)]
    return {
        "provider": tried.provider.name,
        "ok": error is None,
        "half": tried.half,
        "message": " ".join(filter(None, said)),
        "todo": "" if error is None else error.part("todo", language),
    }


def field_refused(request: Request, error: InputError, field: str) -> JsonAnswer:
    """422 with the part of the body that is wrong."""
    language = reader_of(request)
    message = " ".join(filter(None, (error.part("what", language), error.part("why", language))))
    problem = Problem(code=error.code, message=message, todo=error.part("todo", language))
    fields = {field: [{"code": error.case, "message": message}]}
    return JsonAnswer({"error": error_of(problem), "fields": fields}, 422)
