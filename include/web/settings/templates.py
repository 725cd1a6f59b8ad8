"""The wording of a mail as its form writes it, and the mail it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from include.application.administration.item_editing import ItemList
from include.application.administration.mail_templates import check_template, standard_template, try_template
from include.application.ports.mail import Message
from include.domain.configuration import Configuration, Template
from include.domain.errors import NotThereError
from include.domain.notification import EventKind
from include.texts import LANGUAGES, Language, Text
from include.web.guards.person import Person
from include.web.host import Services
from include.web.remote_calls import counted
from include.web.settings.file import editing_of

TEMPLATES = ItemList(section="templates", kind=Template, screen="templates")

MOST_PREVIEWS = 90
"""Mails that one person may have rendered in a minute: each takes a process of its own."""


def kind_of(event: str, language: str) -> tuple[EventKind, Language]:
    """Which mail is meant; NotThereError for one that there is not."""
    found = next((one for one in LANGUAGES if one == language), None)
    if event not in list(EventKind) or found is None:
        raise NotThereError("no_such_item", name=f"{event} {language}")
    return EventKind(event), found


def typed_of(template: Template) -> dict[str, Any]:
    """What stands in the form."""
    return template.model_dump(mode="json")


def own_or_standard(configuration: Configuration, event: EventKind, language: Language) -> tuple[Template, bool]:
    """The administrator's wording, or the product's to begin with; whether it is the administrator's."""
    standard = standard_template(event, language)
    own = TEMPLATES.find(configuration, standard.identity)
    return (standard, False) if own is None else (own, True)


def typed_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote; browsers send lines with two signs at their ends."""
    words = {name: str(form.get(name) or "") for name in ("event", "language", "subject", "body")}
    return {**words, "body": words["body"].replace("\r\n", "\n")}


def made(services: Services, person: Person, typed: Mapping[str, Any]) -> Template:
    """The template, rendered once to see that it can be; FaultyItemError says which part cannot and why."""
    template = TEMPLATES.made(typed)
    editing = editing_of(services, person)

    def faults_of(one: Template) -> Sequence[Text]:
        return [fault.what for fault in editing.template_faults(Configuration(templates=(one,)))]

    check_template(template, faults_of)
    return template


def preview_of(services: Services, person: Person, template: Template, *, own: bool) -> Message:
    """The mail about two invented invoices, as it would come to this person; not `own`: in the product's wording."""
    counted(services, person, "template", MOST_PREVIEWS)
    current = person.configuration
    known = next((one.mail for one in current.people.users if one.name == person.name), None)
    renderer = services.renderer(current.model_copy(update={"templates": (template,) if own else ()}))
    return try_template(renderer, EventKind(template.event), template.language, known, services.clock)
