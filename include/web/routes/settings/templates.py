"""Wordings of mails: one's own beside the mail it makes, back to the product's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from include.application.administration.configure import Applied
from include.application.administration.item_editing import FaultyItemError, ItemChangedError, digest_of
from include.application.administration.mail_templates import ROW, VARIABLES
from include.application.ports.mail import Message
from include.domain.notification import EventKind
from include.texts import LANGUAGES, Language
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.rendering.pages import address_of
from include.web.rendering.query import row_id
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm, stored
from include.web.settings.menu import settings_page
from include.web.settings.templates import TEMPLATES, kind_of, made, own_or_standard, preview_of, typed_in, typed_of

router = guarded(Right.SETTINGS)
PATH = "/settings/templates"


@router.get(PATH)
def templates(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The mail of one event in one language: the first one where none is chosen."""
    query = request.query_params
    event, language = kind_of(
        query.get("event") or EventKind.AWAITING_SUBMISSION, query.get("language") or LANGUAGES[0]
    )
    return _as_stored(request, person, services, event, language)


@router.post(PATH + "/try")
async def try_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The mail that the form as it is makes; nothing is stored."""
    form = await _given(request)

    def tried() -> Response:
        try:
            template = made(services, person, form.typed)
        except FaultyItemError as error:
            return _shown(request, person, replace(form, fault=error), None, status=422)
        return _shown(request, person, form, preview_of(services, person, template, own=True))

    return await run_in_threadpool(tried)


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores it as the administrator's own."""
    form = await _given(request)

    def put() -> Applied:
        template = made(services, person, form.typed)
        theirs = TEMPLATES.find(services.store.configuration.current()[1], template.identity)
        if theirs is not None and not form.digest:
            raise ItemChangedError(theirs)
        known = template.identity if form.digest else None
        return TEMPLATES.put(editing_of(services, person), template, identity=known, digest=form.digest)

    return await run_in_threadpool(
        lambda: stored(
            form,
            TEMPLATES,
            services,
            made=lambda: TEMPLATES.made(form.typed),
            work=put,
            done=lambda revision: _done(request, form.typed, revision),
            shown=lambda again, status: _shown(request, person, again, None, status=status),
        )
    )


@router.post(PATH + "/reset")
async def reset(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Back to the product's wording."""
    form = await _given(request)

    def removed() -> Response:
        event, language = kind_of(form.typed["event"], form.typed["language"])
        try:
            applied = TEMPLATES.remove(editing_of(services, person), form.identity or "", form.digest)
        except ItemChangedError:
            current = services.store.configuration.current()[1]
            newer = replace(person, configuration=current)
            return _as_stored(request, newer, services, event, language, changed=True, status=409)
        return _done(request, form.typed, applied.revision)

    return await run_in_threadpool(removed)


async def _given(request: Request) -> ItemForm:
    async with request.form() as given:
        typed = typed_in(given)
        event, language = kind_of(typed["event"], typed["language"])
        return ItemForm(typed=typed, identity=f"{event} {language}", digest=str(given.get("digest") or ""))


def _done(request: Request, typed: Mapping[str, Any], revision: int) -> Response:
    query = urlencode({"event": typed["event"], "language": typed["language"], "done": revision})
    return RedirectResponse(f"{address_of(request).root}{PATH}?{query}", 303)


def _as_stored(
    request: Request,
    person: Person,
    services: Services,
    event: EventKind,
    language: Language,
    *,
    changed: bool = False,
    status: int = 200,
) -> Response:
    template, own = own_or_standard(person.configuration, event, language)
    digest = digest_of(template) if own else ""
    form = ItemForm(typed=typed_of(template), identity=template.identity, digest=digest)
    preview = preview_of(services, person, template, own=own)
    return _shown(request, person, form, preview, changed=changed, status=status)


def _shown(
    request: Request,
    person: Person,
    form: ItemForm,
    preview: Message | None,
    *,
    changed: bool = False,
    status: int = 200,
) -> Response:
    mail = person.configuration.mail
    return settings_page(
        request,
        "templates",
        "settings_templates.html",
        status=status,
        form=form,
        own={one.identity for one in person.configuration.templates},
        events=list(EventKind),
        languages=LANGUAGES,
        preview=preview,
        sender="" if mail is None else mail.sender,
        variables=VARIABLES,
        row=ROW,
        changed=changed,
        done=row_id(request.query_params.get("done")),
    )
