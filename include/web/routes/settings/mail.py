"""How mails leave, and one to oneself to see that they do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from include.application.administration.item_editing import FaultyItemError
from include.application.administration.mail_trial import send_to_oneself
from include.domain.errors import ConnectorError
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.host import Services
from include.web.remote_calls import asking_chorus, counted
from include.web.rendering.language import language_of
from include.web.rendering.query import row_id
from include.web.settings.file import editing_of
from include.web.settings.items import ItemForm
from include.web.settings.menu import settings_page
from include.web.settings.sections import MAIL

router = guarded(Right.SETTINGS)
PATH = "/settings/mail"

MAILS_A_MINUTE = 5
"""To oneself: each may wait for a server that does not answer."""


@router.get(PATH)
def mail(request: Request, person: CurrentPerson) -> Response:
    """The server, or none."""
    return _shown(request, person, MAIL.opened(person.configuration, language_of(request, person)))


@router.post(PATH)
async def save(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """Stores it."""
    async with request.form() as given:
        form = MAIL.sent(given)
    return await run_in_threadpool(
        lambda: MAIL.save(
            request,
            form,
            editing_of(services, person),
            services,
            lambda again, status: _shown(request, person, again, status=status),
        )
    )


@router.post(PATH + "/try")
async def try_it(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """A mail to oneself as the form is written; nothing is stored."""
    async with request.form() as given:
        form = MAIL.sent(given)
    counted(services, person, "mail_trial", MAILS_A_MINUTE)
    return await asking_chorus(lambda: _tried(request, person, services, form))


def _tried(request: Request, person: Person, services: Services, form: ItemForm) -> Response:
    try:
        wanted = MAIL.values.tried(editing_of(services, person), MAIL.values_in(form.typed))
    except FaultyItemError as error:
        return _shown(request, person, replace(form, fault=error), status=422)
    try:
        message = send_to_oneself(
            wanted, person.viewer, person.name, services.renderer(wanted), services.mailer(wanted), services.clock
        )
    except ConnectorError as error:
        return _shown(request, person, form, failed=error)
    return _shown(request, person, form, sent=message.recipient)


def _shown(request: Request, person: Person, form: ItemForm, *, status: int = 200, **outcome: Any) -> Response:
    """`sent`: the address to which a mail went; `failed`: why it did not go."""
    language, configuration = language_of(request, person), person.configuration
    me = next((one for one in configuration.people.users if one.name == person.name), None)
    return settings_page(
        request,
        "mail",
        "settings_mail.html",
        status=status,
        form=form,
        card=MAIL.cards(language)[0],
        labels=MAIL.labels(form.typed, language),
        address_of_mine=None if me is None else me.mail,
        without_mail=sum(1 for one in configuration.people.users if not one.mail),
        sent=outcome.get("sent"),
        failed=outcome.get("failed"),
        done=row_id(request.query_params.get("done")),
    )
