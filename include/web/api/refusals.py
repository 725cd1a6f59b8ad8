"""Answers that refuse something, with what stands beside `error` (docs/reference/interfaces.md 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus

from fastapi import Request, Response

from include.application.administration.item_editing import FaultyItemError
from include.application.mapping.attach_files import FileRefusedError
from include.application.mapping.edit_document import FaultyValuesError
from include.application.views.json_rows import Json, reasons
from include.domain.errors import MoveForbiddenError, StaleError
from include.domain.reasons import Reason
from include.web.api.answers import JsonAnswer, reader_of
from include.web.documents.detail import detail_of
from include.web.guards.person import Person
from include.web.host import Services
from include.web.problems import Problem, error_of, worded

TOO_LARGE = frozenset({"attachment_too_large", "attachments_too_large"})
WRONG_KIND = frozenset({"attachment_type", "attachment_is_something_else"})


def faulty(request: Request, error: FaultyValuesError) -> Response:
    """Values that cannot be taken, each with what is wrong."""
    language = reader_of(request)
    fields = {name: [{"code": one.code, "message": one.message(language)}] for name, one in error.fields.items()}
    return JsonAnswer({"error": error_of(worded(request, "bad_values")), "fields": fields}, 422)


def faulty_item(request: Request, error: FaultyItemError) -> Response:
    """A part of the configuration that cannot be taken, each value with what is wrong."""
    language = reader_of(request)
    fields = {name: [{"code": one.what.code, "message": one.said(language)}] for name, one in error.fields.items()}
    return JsonAnswer({"error": error_of(worded(request, "bad_values")), "fields": fields}, 422)


def incomplete(request: Request, found: Iterable[Reason], version: int) -> Response:
    """An invoice that cannot be sent."""
    told = {"error": error_of(worded(request, "not_complete")), "reasons": reasons(found, reader_of(request))}
    return JsonAnswer({**told, "version": version}, 422)


def file_refused(request: Request, error: FileRefusedError) -> Response:
    """A file that cannot go along: too large before the wrong kind before everything else."""
    code, status = error.reason.code, HTTPStatus.UNPROCESSABLE_ENTITY
    if code in TOO_LARGE:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    elif code in WRONG_KIND:
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    problem = Problem(code=code, message=error.reason.message(reader_of(request)))
    return JsonAnswer({"error": error_of(problem), "reasons": reasons([error.reason], reader_of(request))}, status)


def unless_stale(
    request: Request, services: Services, person: Person, document_id: int, work: Callable[[], Json]
) -> Response:
    """What `work` answers; 409 with the version now where the person saw another one, or it is not the time for it."""
    try:
        return JsonAnswer(work())
    except (StaleError, MoveForbiddenError) as error:
        code = "changed" if isinstance(error, StaleError) else "not_now"
        version = detail_of(services, person, document_id).row.version
        return JsonAnswer({"error": error_of(worded(request, code)), "version": version}, 409)
