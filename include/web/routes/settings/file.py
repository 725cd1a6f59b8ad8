"""The whole configuration as one file: exported, compared, applied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from include.application.administration.configure import Plan, export
from include.application.ports.configuration import Revision
from include.application.providers.provider_listing import ProviderRow
from include.domain.errors import ConfigurationFileError, StaleError
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.remote_calls import asking_chorus
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.file import BODY, NAME, content_of, editing_of, faults_of, log_in, stopped_providers
from include.web.settings.menu import settings_page

router = guarded(Right.SETTINGS, limit=BODY)

REFUSALS = ("not_compared", "stops_unread", "changed")
"""Why a file was not applied, beside faults in it."""


@router.get("/settings/file")
def file(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The file as it stands, ready to be changed, or to be replaced by another one."""
    applied = row_id(request.query_params.get("applied"))
    stopped = [] if applied is None else stopped_providers(services, person)
    return _shown(request, person, export(person.configuration), applied=applied, stopped=stopped)


@router.get("/settings/file/chorus.yaml")
def exported(person: CurrentPerson) -> Response:
    """The file, to be kept."""
    headers = {"Content-Disposition": f'attachment; filename="chorus-{person.revision}.yaml"'}
    return Response(export(person.configuration), media_type="application/yaml", headers=headers)


@router.post("/settings/file")
async def compare(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """What the file would change; nothing is stored."""
    given = await _given(request)
    return await run_in_threadpool(lambda: _compared(request, person, services, given))


@router.post("/settings/file/apply")
async def apply(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores what was compared, then tries the logins."""
    given = await _given(request)
    return await asking_chorus(lambda: _applied(request, person, services, given))


@dataclass(frozen=True, kw_only=True)
class Given:
    """A form: the file, the revision and the text that were compared, and whether the warning was read."""

    text: str
    revision: int
    compared: str
    stops_read: bool


async def _given(request: Request) -> Given:
    async with request.form() as form:
        file, text = form.get("file"), _word(form, "yaml")
        if isinstance(file, UploadFile) and file.filename:
            text = _text(await file.read())
        return Given(
            text=text.replace("\r\n", "\n"),
            revision=row_id(_word(form, "revision")) or 0,
            compared=_word(form, "compared"),
            stops_read=bool(_word(form, "stops_read")),
        )


def _word(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _text(content: bytes) -> str:
    """What is no UTF-8 is shown as far as it can be read; the faults say where it begins."""
    return content.decode("utf-8-sig", errors="replace")


def _compared(
    request: Request, person: Person, services: Services, given: Given, *, refused: str | None = None
) -> Response:
    """The plan, or the faults; `refused`: why the file was not applied, beside what is wrong with it."""
    editing = editing_of(services, person)
    try:
        plan = editing.plan_file(content_of(given.text), NAME)
    except ConfigurationFileError as error:
        return _shown(request, person, given.text, faults=faults_of(error, language_of(request, person)), status=422)
    # somebody else was first: what they changed stands above the plan, which is for the configuration as it is now
    others = editing.changed_since(given.revision) if given.revision else ()
    status = {None: 200, "changed": 409}.get(refused, 422)
    return _shown(request, person, given.text, plan=plan, others=others, refused=refused, status=status)


def _applied(request: Request, person: Person, services: Services, given: Given) -> Response:
    """Only the very text whose plan was shown is stored, and only over the revision that it was compared with."""
    editing, content = editing_of(services, person), content_of(given.text)
    refused = None
    try:
        if given.compared != _digest(given.text):
            refused = "not_compared"
        elif editing.plan_file(content, NAME).stops and not given.stops_read:
            refused = "stops_unread"
        else:
            applied = editing.apply_file(content, NAME, expected=given.revision)
    except StaleError:
        refused = "changed"
    except ConfigurationFileError:
        refused = "faulty"
    if refused:
        return _compared(request, person, services, given, refused=refused)
    log_in(services, applied.configuration.providers)
    query = urlencode({"applied": applied.revision})
    return RedirectResponse(f"{address_of(request).root}/settings/file?{query}", 303)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(
    request: Request,
    person: Person,
    text: str,
    *,
    plan: Plan | None = None,
    faults: Sequence[dict[str, Any]] = (),
    others: Sequence[Revision] = (),
    refused: str | None = None,
    applied: int | None = None,
    stopped: Sequence[ProviderRow] = (),
    status: int = 200,
) -> Response:
    return settings_page(
        request,
        "file",
        "settings_file.html",
        status=status,
        text=text,
        lines=text.split("\n"),
        digest=_digest(text),
        revision=person.revision,
        plan=plan,
        faults=faults,
        others=others,
        refused=refused,
        applied=applied,
        stopped=stopped,
    )
