"""Digests as mails: subject, text and HTML from Jinja2 templates, ours or the administrator's own.

Ours: the frames `mail.html`, `mail.txt` and the lists `rows.html`, `rows.txt` are the same for all; their words
stand in the catalogues, under `mail.`. Data is always a value, never a part of a template: what stands in an invoice
is neither evaluated nor trusted as markup.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from include.adapters.notification.rows import Row, rows_of
from include.adapters.notification.sandbox_process import TemplateFaultError, render_apart
from include.application.ports.mail import SHOWN_EVENTS, Message
from include.application.ports.outbox import Delivery
from include.domain.configuration import Configuration, Template, User
from include.domain.notification import Event, EventKind, one_line
from include.texts import LANGUAGES, Language, Text, foreign_failure, translate
from include.texts.jinja import speak

logger = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
TEMPLATES = Path(__file__).parent / "templates"
ENVIRONMENTS = frozenset({"simulator", "qualification"})
"""Words beside the provider's name for environments that are no production, so that nobody takes a test for the real
thing."""

SAMPLE = Row(
    document="facture.pdf",
    number="2026-417",
    recipient="Mairie (12345678200051)",
    total="1 800,00 EUR",
    state="À compléter",
    reasons=("...",),
    provider="...",
)


class MailRenderer:
    """Renders with the templates, the provider names and the address of the screens of one configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._own = {(own.event, own.language): own for own in configuration.templates}
        self._screens_url = (configuration.mail and configuration.mail.screens_url) or ""
        self._ours = {language: _environment(language) for language in LANGUAGES}

    def render(self, delivery: Delivery, events: Sequence[Event], person: User) -> Message:
        """The mail. Where the administrator's template is faulty, ours is taken: the mail leaves all the same."""
        language = person.reads_mails_in
        providers = self._provider_names(language)
        values = self._values(rows_of(events, language, providers), delivery.count)
        values.update(kind=delivery.kind.value, language=language)
        own = self._own.get((delivery.kind.value, language))
        subject, text, html = self._own_or_ours(own, values)
        return Message(
            message_id=delivery.message_id,
            recipient=person.mail or "",
            subject=one_line(subject, LONGEST_SUBJECT),
            text=text,
            html=html,
        )

    def faults(self, template: Template) -> list[Text]:
        """What is wrong with an administrator's template, found by rendering it with one invoice and with many."""
        if template.event not in list(EventKind):
            return [Text("fault.template_event", {"event": template.event, "events": ", ".join(EventKind)})]
        try:
            for count in (1, SHOWN_EVENTS):
                values = self._values([SAMPLE] * count, count)
                self._from_own(template, values | {"kind": template.event, "language": template.language})
        except (TemplateError, TypeError, ValueError) as error:
            told = {"event": template.event, "language": template.language, "cause": _cause(error)}
            return [Text("fault.template", told)]
        return []

    def _provider_names(self, language: Language) -> dict[str, str]:
        return {
            provider.key: f"{provider.name} ({translate(f'mail.environment.{provider.environment}', language)})"
            if provider.environment in ENVIRONMENTS
            else provider.name
            for provider in self._configuration.providers
        }

    def _values(self, rows: Sequence[Row], count: int) -> dict[str, object]:
        names = list(dict.fromkeys(row.provider for row in rows if row.provider))
        return {
            "rows": rows,
            "count": count,
            "others": max(0, count - len(rows)),
            "provider": names[0] if len(names) == 1 else "",
            "providers": names,
            "screens_url": self._screens_url,
        }

    def _own_or_ours(self, own: Template | None, values: dict[str, object]) -> tuple[str, str, str]:
        if own is not None:
            try:
                return self._from_own(own, values)
            except (TemplateError, TypeError, ValueError) as error:
                logger.error("The template of %s (%s) is faulty, ours is used: %s", own.event, own.language, error)
        return self._from_ours(values)

    def _from_ours(self, values: dict[str, object]) -> tuple[str, str, str]:
        kind, language, count = str(values["kind"]), _language(values), values["count"]
        headline, intro = (translate(f"mail.{part}.{kind}", language, count=count) for part in ("headline", "intro"))
        framed = {**values, "headline": headline, "intro": intro, "show_rows": True}
        return self._file("subject.txt", framed), self._file("mail.txt", framed), self._file("mail.html", framed)

    def _from_own(self, own: Template, values: dict[str, object]) -> tuple[str, str, str]:
        """The administrator's subject and body; `{{ table }}` in the body is the list of invoices.

        The body is plain text for both forms of the mail. In HTML all of it is escaped; the list is put in afterwards,
        at a mark that no data can contain.
        """
        mark = f"table-{secrets.token_hex(16)}"
        rendered = render_apart({"subject": own.subject, "body": own.body}, {**values, "table": mark})
        subject, body = one_line(rendered["subject"]), rendered["body"]
        framed = {**values, "headline": subject, "show_rows": False}
        text = body.replace(mark, self._file("rows.txt", values))
        html = escape(body).replace("\n", Markup("<br>\n")).replace(mark, Markup(self._file("rows.html", values)))
        return (
            subject,
            self._file("mail.txt", {**framed, "intro": text}),
            self._file("mail.html", {**framed, "intro": html}),
        )

    def _file(self, name: str, values: dict[str, object]) -> str:
        return self._ours[_language(values)].get_template(name).render(values)


def _language(values: Mapping[str, object]) -> Language:
    return "en" if values["language"] == "en" else "fr"


def _cause(error: Exception) -> object:
    return error.cause if isinstance(error, TemplateFaultError) else foreign_failure(error)


def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    speak(made, language)
    return made
