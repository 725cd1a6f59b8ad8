"""`chorus templates`: the administrator's own wordings of mails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from include.cli.output import print_lines, print_object, print_table, print_text, say
from include.texts import Text, foreign_failure

if TYPE_CHECKING:
    from include.domain.notification import EventKind

app = typer.Typer(help="Own wordings of the mails that people get.", no_args_is_help=True)

EventName = Annotated[
    str, typer.Argument(metavar="EVENT", help="awaiting_submission, submitted, status_changed or alert.")
]
LanguageName = Annotated[Literal["fr", "en"], typer.Argument(metavar="LANGUAGE", help="fr or en.")]


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Lists every mail with its own wording, if it has one; the others keep the product's."""
    from include import bootstrap
    from include.application.administration.mail_templates import list_templates

    services = bootstrap.services()
    try:
        rows = list(list_templates(services.store.configuration.current()[1]))
    finally:
        services.close()
    if as_json:
        print_lines(rows)
        return
    shown = [
        (row["event"], row["language"], Text("cell.own" if row["own"] else "cell.of_the_product"), row["subject"])
        for row in rows
    ]
    print_table(("event", "language", "wording", "subject"), shown)


@app.command("set")
def set_(
    event: EventName,
    language: LanguageName,
    subject: Annotated[str, typer.Option(help="The subject, a Jinja2 template.")],
    body: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="File with the text, a Jinja2 template.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Sets the wording of one mail in one language. One that cannot be rendered is refused, and nothing is stored."""
    from include import bootstrap
    from include.adapters.notification.render import MailRenderer
    from include.application.administration.configure import look_around
    from include.application.administration.mail_templates import set_template
    from include.domain.configuration import Template
    from include.domain.rights import OWNER

    kind = _kind(event)
    services = bootstrap.services()
    try:
        template = Template(event=kind.value, language=language, subject=_given(subject, "subject"), body=_read(body))
        configuration = services.store.configuration.current()[1]
        applied = set_template(
            services.store.configuration,
            template,
            MailRenderer(configuration).faults,
            services.clock,
            actor=services.settings.actor,
            viewer=OWNER,
            look_around=lambda wanted: look_around(
                wanted,
                secrets=services.secrets,
                chorus=services.chorus,
                allow_production=services.settings.allow_production,
            ),
        )
    finally:
        services.close()
    if as_json:
        print_object({"revision": applied.revision, "changed": bool(applied.changes)})
    else:
        say("stored" if applied.changes else "unchanged", revision=applied.revision)


@app.command()
def test(
    event: EventName,
    language: LanguageName,
    to: Annotated[
        str | None,
        typer.Option(help="sink: as a file beside the other mails; or a mail address. Left out: shown here."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Renders one mail as it would leave now, about two invented invoices."""
    from include import bootstrap
    from include.adapters.notification.sink import SinkMailer
    from include.application.administration.mail_templates import try_template

    kind = _kind(event)
    services = bootstrap.services()
    try:
        configuration = services.store.configuration.current()[1]
        address = to if to and to != "sink" else "test@localhost.localdomain"
        message = try_template(services.renderer(configuration), kind, language, address, services.clock)
        if to is not None:
            sink = SinkMailer(services.settings.mail_folder, clock=services.clock)
            (sink if to == "sink" else services.mailer(configuration)).send(message)
    finally:
        services.close()
    if as_json:
        print_object({"to": to, "message_id": message.message_id, "subject": message.subject, "text": message.text})
    elif to is None:
        print_text(f"{message.subject}\n\n{message.text}")
    else:
        say("mail_put" if to == "sink" else "mail_handed", folder=services.settings.mail_folder, to=to)


def _kind(event: str) -> EventKind:
    from include.domain.errors import InputError
    from include.domain.notification import EventKind

    if event not in list(EventKind):
        raise InputError("no_such_event", event=event, allowed=", ".join(EventKind))
    return EventKind(event)


def _given(text: str, name: str) -> str:
    from include.domain.errors import InputError

    if not text.strip():
        raise InputError("template_part_empty", name=name)
    return text


def _read(path: Path) -> str:
    from include.adapters.local_files import read_named_file
    from include.domain.errors import InputError

    try:
        return _given(read_named_file(path).decode("utf-8"), "body")
    except UnicodeDecodeError as error:
        raise InputError("file_no_text", file=path, cause=foreign_failure(error)) from error
