"""`chorus templates`: the administrator's own wordings of mails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from include.cli.output import print_lines, print_object, print_table

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
    from include.application.templates import list_templates
    from include.bootstrap import services

    found = services()
    try:
        rows = list(list_templates(found.store.configuration.current()[1]))
    finally:
        found.close()
    if as_json:
        print_lines(rows)
        return
    shown = [(row["event"], row["language"], "own" if row["own"] else "product's", row["subject"]) for row in rows]
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
    from include.adapters.notification.render import MailRenderer
    from include.application.configure import look_around
    from include.application.templates import set_template
    from include.bootstrap import services
    from include.domain.configuration import Template

    kind = _kind(event)
    found = services()
    try:
        template = Template(event=kind.value, language=language, subject=_given(subject, "subject"), body=_read(body))
        configuration = found.store.configuration.current()[1]
        applied = set_template(
            found.store.configuration,
            template,
            MailRenderer(configuration).faults,
            found.clock,
            actor=found.settings.actor,
            look_around=lambda wanted: look_around(
                wanted, secrets=found.secrets, chorus=found.chorus, allow_production=found.settings.allow_production
            ),
        )
    finally:
        found.close()
    if as_json:
        print_object({"revision": applied.revision, "changed": bool(applied.changes)})
    else:
        done = "Set" if applied.changes else "Nothing changed"
        typer.echo(f"{done} (revision {applied.revision}).")


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
    from include.adapters.notification.sink import SinkMailer
    from include.application.templates import try_template
    from include.bootstrap import services

    kind = _kind(event)
    found = services()
    try:
        configuration = found.store.configuration.current()[1]
        address = to if to and to != "sink" else "test@localhost.localdomain"
        message = try_template(found.renderer(configuration), kind, language, address, found.clock)
        if to is not None:
            sink = SinkMailer(found.settings.mail_folder, clock=found.clock)
            (sink if to == "sink" else found.mailer(configuration)).send(message)
    finally:
        found.close()
    if as_json:
        print_object({"to": to, "message_id": message.message_id, "subject": message.subject, "text": message.text})
    elif to is None:
        typer.echo(f"{message.subject}\n\n{message.text}")
    else:
        typer.echo(
            f"Put into {found.settings.mail_folder}." if to == "sink" else f"Handed to the mail server for {to}."
        )


def _kind(event: str) -> EventKind:
    from include.domain.errors import InputError
    from include.domain.notification import EventKind

    if event not in list(EventKind):
        raise InputError(f"There is no event {event!r}.", todo=f"Allowed: {', '.join(EventKind)}.")
    return EventKind(event)


def _given(text: str, name: str) -> str:
    from include.domain.errors import InputError

    if not text.strip():
        raise InputError(f"The {name} is empty.", todo="A mail needs a subject and a text.")
    return text


def _read(path: Path) -> str:
    from include.domain.errors import InputError

    try:
        return _given(path.read_text(encoding="utf-8"), "body")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text: {error}.", todo="Save it as UTF-8.") from error
