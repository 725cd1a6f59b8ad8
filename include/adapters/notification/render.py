"""Digests as mails: subject, text and HTML from Jinja2 templates, ours or the administrator's own.

Ours: `templates/<language>/<kind>.headline` and `.intro` say what happened, `words.txt` the fixed words; the frames
`mail.html`, `mail.txt` and the lists `rows.html`, `rows.txt` are the same for all. Data is always a value, never a part
of a template: what stands in an invoice is neither evaluated nor trusted as markup.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from include.adapters.notification.rows import Row, rows_of
from include.adapters.notification.sandbox import OwnTemplates, render_own
from include.application.outbox_port import Delivery
from include.application.ports import Message
from include.application.send_notifications import SHOWN_EVENTS
from include.domain.configuration import Configuration, Template, User
from include.domain.notification import Event, EventKind, one_line
from include.domain.reasons import Language

logger = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
TEMPLATES = Path(__file__).parent / "templates"
ENVIRONMENTS: dict[Language, dict[str, str]] = {
    "fr": {"simulator": "simulateur", "qualification": "qualification"},
    "en": {"simulator": "simulator", "qualification": "qualification"},
}
"""Said beside the provider's name, so that nobody takes a test for the real thing; production is not said."""

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
        self._ours = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, delivery: Delivery, events: Sequence[Event], person: User) -> Message:
        """The mail. Where the administrator's template is faulty, ours is taken: the mail leaves all the same."""
        language = person.language
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

    def faults(self, template: Template) -> list[str]:
        """What is wrong with an administrator's template, found by rendering it with one invoice and with many."""
        if template.event not in list(EventKind):
            return [f"templates: there is no event {template.event!r}; there are {', '.join(EventKind)}"]
        try:
            for count in (1, SHOWN_EVENTS):
                values = self._values([SAMPLE] * count, count)
                self._from_own(template, values | {"kind": template.event, "language": template.language})
        except (TemplateError, TypeError, ValueError) as error:
            return [f"templates: {template.event} ({template.language}): {error}"]
        return []

    def _provider_names(self, language: Language) -> dict[str, str]:
        marks = ENVIRONMENTS[language]
        return {
            provider.key: f"{provider.name} ({marks[provider.environment]})"
            if provider.environment in marks
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
        name = f"{values['language']}/{values['kind']}"
        headline, intro = (self._file(f"{name}.{part}", values).strip() for part in ("headline", "intro"))
        framed = {**values, "headline": headline, "intro": intro, "show_rows": True}
        return self._file("subject.txt", framed), self._file("mail.txt", framed), self._file("mail.html", framed)

    def _from_own(self, own: Template, values: dict[str, object]) -> tuple[str, str, str]:
        """The administrator's subject and body; `{{ table }}` in the body is the list of invoices.

        The body is plain text for both forms of the mail. In HTML all of it is escaped; the list is put in afterwards,
        at a mark that no data can contain.
        """
        mark = f"table-{secrets.token_hex(16)}"
        environment = OwnTemplates()
        subject = one_line(render_own(environment.from_string(own.subject), values))
        body = render_own(environment.from_string(own.body), {**values, "table": mark})
        framed = {**values, "headline": subject, "show_rows": False}
        text = body.replace(mark, self._file("rows.txt", values))
        html = escape(body).replace("\n", Markup("<br>\n")).replace(mark, Markup(self._file("rows.html", values)))
        return (
            subject,
            self._file("mail.txt", {**framed, "intro": text}),
            self._file("mail.html", {**framed, "intro": html}),
        )

    def _file(self, name: str, values: dict[str, object]) -> str:
        return self._ours.get_template(name).render(values)
