"""What went wrong, as an answer: a page for people, `{"error": …}` for programs (docs/reference/interfaces.md 6.4)."""

from __future__ import annotations

import dataclasses
import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from include.domain.errors import (
    AlreadySentError,
    ConfigurationError,
    ConnectorError,
    DocumentError,
    FlowUnavailableError,
    HeldElsewhereError,
    InputError,
    MoveForbiddenError,
    NameTakenError,
    NotThereError,
    PortalUnavailableError,
    RemoteError,
    StaleError,
    StoreError,
    TooLargeError,
    WrongContentError,
)
from include.domain.rights import members
from include.texts import Language, translate
from include.web.guards.forgery import SAFE_METHODS, ForgedError
from include.web.guards.person import NotAllowedError, NotSignedInError, Person
from include.web.guards.routing import host_of
from include.web.remote_calls import TooFastError
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of, bare_page, page

logger = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[ConnectorError], HTTPStatus], ...] = (
    (NameTakenError, HTTPStatus.CONFLICT),
    (HeldElsewhereError, HTTPStatus.CONFLICT),
    (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (WrongContentError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (DocumentError, HTTPStatus.BAD_GATEWAY),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ConfigurationError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StaleError, HTTPStatus.CONFLICT),
    (MoveForbiddenError, HTTPStatus.CONFLICT),
    (AlreadySentError, HTTPStatus.CONFLICT),
    (RemoteError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (FlowUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (PortalUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first group that an error belongs to decides; any other error is ours: 500."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What happened, in the reader's words. `reference`: what to look for in the server's log, for errors of ours."""

    code: str
    message: str
    todo: str = ""
    reference: str | None = None


def answer_problems(app: FastAPI) -> None:
    """Every error of a request becomes one of these answers."""
    app.add_exception_handler(NotSignedInError, _not_signed_in)
    app.add_exception_handler(NotAllowedError, _not_allowed)
    app.add_exception_handler(ForgedError, _forged)
    app.add_exception_handler(TooFastError, _too_fast)
    app.add_exception_handler(ConnectorError, _connector_error)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _http)


def for_programs(request: Request) -> bool:
    """Whether a program asked, which gets JSON."""
    return address_of(request).here.startswith("/api/")


def told(request: Request, status: int, problem: Problem) -> Response:
    """The answer that tells of a problem."""
    if for_programs(request):
        return JSONResponse({"error": error_of(problem)}, status_code=status)
    # a person who is known keeps the menu, unless the problem is ours and asking the database again may fail too
    known = hasattr(request.state, "person") and status < HTTPStatus.INTERNAL_SERVER_ERROR
    return (page if known else bare_page)(request, "problem.html", status=status, problem=problem, code=status)


def error_of(problem: Problem) -> dict[str, str | None]:
    """The problem as it stands under `error` in an answer for programs."""
    return {"code": problem.code, "message": problem.message, "todo": problem.todo, "reference": problem.reference}


def worded(request: Request, code: str, **params: object) -> Problem:
    """A problem of the screens themselves: `problem.<code>.what` and `.todo` of the catalogues."""
    language = _language(request)
    return Problem(
        code=code,
        message=translate(f"problem.{code}.what", language, **params),
        todo=translate(f"problem.{code}.todo", language, **params),
    )


def _language(request: Request) -> Language:
    return language_of(request, getattr(request.state, "person", None))


async def _not_signed_in(request: Request, _error: Exception) -> Response:
    """Reading goes to the login and back; a form stays where it is, so that what was typed is not lost."""
    if for_programs(request) or request.method not in SAFE_METHODS:
        return told(request, HTTPStatus.UNAUTHORIZED, worded(request, "signed_out"))
    here = address_of(request)
    login = host_of(request).login_address()
    joint = "&" if "?" in login else "?"
    return RedirectResponse(f"{login}{joint}{urlencode({'next': here.root + here.here})}", HTTPStatus.SEE_OTHER)


async def _not_allowed(request: Request, _error: Exception) -> Response:
    if for_programs(request):
        return told(request, HTTPStatus.FORBIDDEN, worded(request, "not_allowed"))
    person: Person = request.state.person
    managers = sorted(members(person.configuration, person.configuration.administer))
    return page(request, "not_allowed.html", status=HTTPStatus.FORBIDDEN, managers=managers)


async def _forged(request: Request, _error: Exception) -> Response:
    return told(request, HTTPStatus.FORBIDDEN, worded(request, "forged"))


async def _too_fast(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooFastError)
    seconds = max(1, round(error.wait.total_seconds()))
    answer = told(request, HTTPStatus.TOO_MANY_REQUESTS, worded(request, "too_fast", seconds=seconds))
    answer.headers["Retry-After"] = str(seconds)
    return answer


async def _connector_error(request: Request, error: Exception) -> Response:
    """What is not there and what is not theirs look the same to a person."""
    assert isinstance(error, ConnectorError)
    if isinstance(error, NotThereError):
        return told(request, HTTPStatus.NOT_FOUND, dataclasses.replace(worded(request, "no_page"), code=error.code))
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    language = _language(request)
    message = " ".join(filter(None, (error.part("what", language), error.part("why", language))))
    reference = None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reference = new_reference()
        logger.warning("%s: %s", reference, error)
    problem = Problem(code=error.code, message=message, todo=error.part("todo", language), reference=reference)
    return told(request, status, problem)


async def _unfit(request: Request, _error: Exception) -> Response:
    return told(request, HTTPStatus.UNPROCESSABLE_ENTITY, worded(request, "unfit"))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "no_page" if error.status_code == HTTPStatus.NOT_FOUND else "not_possible"
    return told(request, error.status_code, worded(request, code))


async def unforeseen(scope: Scope, error: Exception) -> Response:
    """The answer about an error that nobody foresaw: logged with its trace, told with a reference into the log."""
    reference = new_reference()
    logger.error("%s: a request of the screens failed", reference, exc_info=error)
    request = Request(scope)
    problem = worded(request, "unforeseen")
    told_of = Problem(code="unforeseen", message=problem.message, todo=problem.todo, reference=reference)
    return told(request, HTTPStatus.INTERNAL_SERVER_ERROR, told_of)


def new_reference() -> str:
    """What joins an answer and a line of the log."""
    return f"e-{secrets.token_hex(4)}"
