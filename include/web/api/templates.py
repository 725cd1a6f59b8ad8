"""Wordings of mails for programs: which are one's own, and the mail that one makes which is not saved."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.item_editing import FaultyItemError
from include.application.administration.mail_templates import list_templates
from include.web.api.answers import JsonAnswer
from include.web.api.refusals import faulty_item
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.settings.templates import kind_of, made, preview_of

router = guarded(Right.SETTINGS)
PREFIX = "/api/v1/templates"


class Wanted(BaseModel):
    """A template as in the file."""

    model_config = ConfigDict(extra="forbid")
    event: str
    language: str
    subject: str
    body: str


@router.get(PREFIX)
def templates(person: CurrentPerson) -> Response:
    """Every mail, as `chorus templates list --json` prints it."""
    return JsonAnswer({"items": list(list_templates(person.configuration))})


@router.post(PREFIX + "/try")
def try_it(request: Request, given: Wanted, person: CurrentPerson, services: CurrentServices) -> Response:
    """The mail that it makes of two invented invoices, or which part cannot be rendered; nothing is stored."""
    kind_of(given.event, given.language)
    try:
        template = made(services, person, given.model_dump())
    except FaultyItemError as error:
        return faulty_item(request, error)
    message = preview_of(services, person, template, own=True)
    return JsonAnswer({"subject": message.subject, "text": message.text, "html": message.html})
