"""What wordings on invoices mean: public bodies and their services, set by hand, learned, or still unknown."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from include.application.administration.configure import Applied, Plan
from include.application.administration.directory_refresh import blocking
from include.application.administration.item_editing import digest_of
from include.application.administration.recipients import RecipientEditing, confirm, forget, keep
from include.application.administration.recipients_csv import import_lines, plan_import, read, write
from include.application.mapping.search_directory import FoundBodies
from include.application.ports.paging import PageRequest
from include.domain.configuration import Recipient
from include.domain.configuration.payment import BodyKind
from include.domain.errors import ConfigurationFileError, InputError
from include.web.guards.body import BodyLimit
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.remote_calls import MOST_SEARCHES, asking_chorus, counted
from include.web.rendering.language import language_of
from include.web.rendering.pages import address_of
from include.web.rendering.query import PLACES, Query, row_id
from include.web.settings.file import editing_of as settings_editing_of
from include.web.settings.items import ItemForm, stored
from include.web.settings.menu import settings_page
from include.web.settings.recipients import (
    RECIPIENTS,
    TABS,
    bodies_of,
    editing_of,
    lists_of,
    typed_in,
    typed_of,
    values_of,
)

router = guarded(Right.SETTINGS, limit=BodyLimit(lambda _person: 8_000_000))
PATH = "/settings/recipients"

MOST_UNKNOWN = 50
"""Unknown wordings that a page shows, each with what it may mean."""


MOST_BLOCKING = 20
"""Bodies that a page shows of those that keep invoices from going."""


@dataclass(frozen=True, kw_only=True)
class Import:
    """A list as a file: what it would change, or what is wrong with it. `content`: the file, for the second step."""

    name: str
    content: str
    replaces: bool
    plan: Plan | None = None
    faults: Sequence[str] = ()
    stale: bool = False


@router.get(PATH)
async def recipients(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """One of the lists, and the form of one body; or what the directory finds for a text."""
    text = request.query_params.get("directory")
    if text is None:
        return await run_in_threadpool(lambda: _shown(request, person, services, form=_opened(request, person)))

    def searched() -> Response:
        counted(services, person, "directory", MOST_SEARCHES)
        try:
            found = services.directory_search(viewer=person.viewer).search(text)
        except InputError as error:
            return _shown(request, person, services, error=error, status=422)
        return _shown(request, person, services, searched=found)

    return await asking_chorus(searched)


def _opened(request: Request, person: Person) -> ItemForm | None:
    """The form of the body `siret`, the empty one, or one begun with what the directory says of the body `add`."""
    query = request.query_params
    siret, add = query.get("siret"), query.get("add", "")
    if RECIPIENTS.find(person.configuration, add) is not None:
        siret = add
    if siret is not None:
        known = RECIPIENTS.one(person.configuration, siret)
        return ItemForm(typed=typed_of(known), identity=siret, digest=digest_of(known))
    if add or query.get("new"):
        return ItemForm(typed={**typed_of(None), "siret": add, "wordings": query.get("called", "")})
    return None


@router.get(PATH + "/recipients.csv")
def exported(person: CurrentPerson) -> Response:
    """The list as a file that a French Excel opens; importing it changes nothing."""
    headers = {"Content-Disposition": 'attachment; filename="destinataires.csv"'}
    return Response(write(person.configuration.recipients), media_type="text/csv", headers=headers)


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores a body with its wordings and services."""
    form = await _form(request)

    def put() -> Applied:
        made = _made(person, form)
        editing = settings_editing_of(services, person)
        return RECIPIENTS.put(editing, made, identity=form.identity, digest=form.digest)

    return await run_in_threadpool(lambda: _stored(request, person, services, form, put))


@router.post(PATH + "/remove")
async def remove(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Takes a body out of the list; lines learned of it stay."""
    form = await _form(request)

    def removed() -> Applied:
        return RECIPIENTS.remove(settings_editing_of(services, person), form.identity or "", form.digest)

    return await run_in_threadpool(lambda: _stored(request, person, services, form, removed))


@router.post(PATH + "/confirm")
async def confirm_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """A wording means a body from now on: a suggestion by its id, or a wording with the SIRET that somebody typed."""
    return await _line(request, person, services, lambda editing, asked, siret: confirm(editing, asked, siret).revision)


@router.post(PATH + "/keep")
async def keep_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """A learned line becomes one that only a person changes."""
    return await _line(request, person, services, lambda editing, asked, siret: keep(editing, asked, siret).revision)


@router.post(PATH + "/forget")
async def forget_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """A learned line goes."""
    return await _line(request, person, services, forget)


@router.post(PATH + "/import")
async def import_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """What a CSV file would change; with the plan's revision it is stored, unless the list is another one by now."""
    async with request.form() as form:
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) and file.filename else _content(form)
        name = file.filename if isinstance(file, UploadFile) and file.filename else str(form.get("name") or "csv")
        replaces, expected = bool(form.get("replace")), row_id(str(form.get("revision") or ""))
    given = Import(name=name, content=base64.b64encode(content).decode("ascii"), replaces=replaces)

    def imported() -> Response:
        editing = editing_of(services, person)
        try:
            lines = read(content, name)
            plan = plan_import(editing, lines, replace=replaces, name=name)
            if expected == plan.revision:
                applied = import_lines(editing, lines, replace=replaces, name=name)
                return _done(request, applied.revision)
        except ConfigurationFileError as error:
            faults = error.faults_in(language_of(request, person))
            return _shown(request, person, services, given=replace(given, faults=faults), status=422)
        stale = expected is not None
        found = replace(given, plan=plan, stale=stale)
        return _shown(request, person, services, given=found, status=409 if stale else 200)

    return await run_in_threadpool(imported)


def _content(form: FormData) -> bytes:
    try:
        return base64.b64decode(str(form.get("content") or ""), validate=True)
    except binascii.Error:
        return b""


async def _form(request: Request) -> ItemForm:
    async with request.form() as form:
        return ItemForm(
            typed=typed_in(form),
            identity=str(form.get("identity") or "") or None,
            digest=str(form.get("digest") or ""),
        )


def _made(person: Person, form: ItemForm) -> Recipient:
    return RECIPIENTS.made(values_of(form.typed, RECIPIENTS.find(person.configuration, form.identity)))


def _stored(
    request: Request, person: Person, services: Services, form: ItemForm, work: Callable[[], Applied]
) -> Response:
    return stored(
        form,
        RECIPIENTS,
        services,
        made=lambda: _made(person, form),
        work=work,
        done=lambda revision: _done(request, revision),
        shown=lambda shown, status: _shown(request, person, services, form=shown, status=status),
    )


async def _line(
    request: Request, person: Person, services: Services, work: Callable[[RecipientEditing, str, str | None], int]
) -> Response:
    """Something about one wording."""
    async with request.form() as form:
        asked, siret = str(form.get("asked") or ""), str(form.get("siret") or "").strip() or None

    def done() -> Response:
        try:
            return _done(request, work(editing_of(services, person), asked, siret))
        except InputError as error:
            return _shown(request, person, services, error=error, status=422)

    return await run_in_threadpool(done)


def _done(request: Request, revision: int) -> Response:
    return RedirectResponse(f"{address_of(request).root}{PATH}?{urlencode({'done': revision})}", 303)


def _shown(
    request: Request,
    person: Person,
    services: Services,
    *,
    form: ItemForm | None = None,
    given: Import | None = None,
    error: InputError | None = None,
    searched: FoundBodies | None = None,
    status: int = 200,
) -> Response:
    """`searched`: what the directory found for the text of the address."""
    asked = Query(request, keys=("tab", "q", "sort", "directory", "wording", *PLACES), sort="position")
    tab = asked.one("tab") if asked.one("tab") in TABS else TABS[0]
    lists = lists_of(services, person)
    unknown = lists.suggestions(person.viewer, None, PageRequest(sort="position", limit=MOST_UNKNOWN))
    listed = {"configured": lists.configured, "learned": lists.learned_lines}.get(tab or "")
    return settings_page(
        request,
        "recipients",
        "settings_recipients.html",
        status=status,
        asked=asked,
        tab=tab,
        found=None if listed is None else listed(person.viewer, asked.one("q"), asked.page()),
        unknown=unknown.items,
        searched=searched,
        bodies=bodies_of(services, person),
        blocking=blocking(services.store.directory, services.clock, person.viewer)[:MOST_BLOCKING],
        sees_invoices=bool(person.viewer.provider_keys),
        kinds=tuple(BodyKind),
        form=form,
        given=given,
        error=error,
        done=row_id(request.query_params.get("done")),
    )
