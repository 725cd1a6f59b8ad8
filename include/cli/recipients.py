"""`chorus recipients`: wordings on invoices and the public bodies that they mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.output import DONE, print_lines, print_object, print_table, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.application.configuration_port import Change
    from include.application.recipients import Desk, Suggestion
    from include.application.recipients_port import StoredLine
    from include.bootstrap import Services

app = typer.Typer(help="Wordings on invoices and the public bodies that they mean.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Wording = Annotated[str, typer.Argument(help="The wording, as printed; case, accents and punctuation do not count.")]
OnlySiret = Annotated[str | None, typer.Option("--siret", help="Only the lines of this body.")]


_CONFIGURED = ("siret", "wording", "service_code", "service_wording")
_LEARNED = ("environment", "wording", "siret", "service_code", "times_used", "last_at", "use")
_SUGGESTED = ("id", "wording", "siret", "known", "score", "documents")


@app.command("list")
def list_(
    learned: Annotated[bool, typer.Option("--learned", help="Lines learned from what was sent.")] = False,
    suggestions: Annotated[
        bool, typer.Option("--suggestions", help="Unknown wordings and what they may mean.")
    ] = False,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="What this user would see.")] = None,
    as_json: Json = False,
) -> None:
    """Lists what the configuration says; or the learned lines; or what waits for a person, with suggestions."""
    from include.bootstrap import services

    found = services()
    try:
        if suggestions:
            rows = _suggested(found, user)
        else:
            rows = _learned(found) if learned else _configured(found)
            rows = rows if user is None or _administers(found, user) else []
    finally:
        found.close()
    columns = _SUGGESTED if suggestions else _LEARNED if learned else _CONFIGURED
    if as_json:
        print_lines(rows)
    else:
        print_table(columns, ([row[name] for name in columns] for row in rows))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns siret;wording;service_code;service_wording.")],
    replace: Annotated[bool, typer.Option("--replace", help="The file is the whole list: other lines go.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Adds the lines of a CSV file to the configuration. If a line is wrong, all are told and nothing is changed."""
    from include.application.recipients_csv import import_lines, plan_import, read
    from include.bootstrap import services

    lines = read(_bytes(file), file.name)
    found = services()
    try:
        desk = _desk(found)
        if dry_run:
            planned = plan_import(desk, lines, replace=replace, name=file.name)
            _told_plan(planned.text, planned.revision, planned.changes, as_json)
            return
        applied = import_lines(desk, lines, replace=replace, name=file.name)
    finally:
        found.close()
    _told(applied.revision, applied.changes, as_json)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; left out: stdout.")] = None,
    with_learned: Annotated[bool, typer.Option("--with-learned", help="Learned lines that are in use too.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="For programs: without the guard that keeps Excel from changing numbers.")
    ] = False,
) -> None:
    """Writes the list as CSV for a French Excel: UTF-8 with BOM, separated by `;`. Importing it changes nothing."""
    from include.application import recipients
    from include.application.recipients_csv import write
    from include.bootstrap import services

    found = services()
    try:
        configuration = found.store.configuration.current()[1]
        if with_learned:
            configuration = recipients.with_learned(configuration, found.store.recipients.lines())
    finally:
        found.close()
    content = write(configuration.recipients, plain=plain)
    if file is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_file(file, content)


@app.command()
def confirm(
    wording: Annotated[str, typer.Argument(help="The wording as printed, or without SIRET the id of a suggestion.")],
    siret: Annotated[str | None, typer.Argument(help="The body that it means.")] = None,
    service: Annotated[
        str | None, typer.Option("--service", help="The wording means this service of the body too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Makes a wording mean a body from now on; invoices that wait for it are judged again in the next pass."""
    from include.application import recipients
    from include.bootstrap import services
    from include.domain.values import normalise_siret, siret_checks

    digits = normalise_siret(siret or "")
    if digits and not siret_checks(digits):
        print(f"warning: the check digit of {digits} is wrong; compare it with the directory.", file=sys.stderr)
    found = services()
    try:
        applied = recipients.confirm(_desk(found), wording, siret, service=service)
    finally:
        found.close()
    _told(applied.revision, applied.changes, as_json)


@app.command()
def keep(wording: Wording, siret: OnlySiret = None, as_json: Json = False) -> None:
    """Takes the learned lines of a wording into the configuration, where only a person changes them."""
    from include.application import recipients
    from include.bootstrap import services

    found = services()
    try:
        applied = recipients.keep(_desk(found), wording, siret)
    finally:
        found.close()
    _told(applied.revision, applied.changes, as_json)


@app.command()
def forget(wording: Wording, siret: OnlySiret = None, as_json: Json = False) -> None:
    """Deletes the learned lines of a wording; invoices that they decided and that wait are judged again."""
    from include.application import recipients
    from include.bootstrap import services

    found = services()
    try:
        revision = recipients.forget(_desk(found), wording, siret)
    finally:
        found.close()
    if as_json:
        print_object({"revision": revision})
    else:
        typer.echo(f"Forgotten (revision {revision}).")


def _desk(found: Services) -> Desk:
    from include.application.recipients import Desk

    return Desk(
        configuration=found.store.configuration,
        learned=found.store.recipients,
        clock=found.clock,
        actor=found.settings.actor,
    )


def _administers(found: Services, user: str) -> bool:
    """The list is the administrator's; suggestions are for whoever sees the invoices that wait."""
    from include.domain.rights import members

    configuration = found.store.configuration.current()[1]
    return user in members(configuration, configuration.administer)


def _configured(found: Services) -> list[dict[str, Any]]:
    import dataclasses

    from include.application.recipients import rows_of

    return [dataclasses.asdict(row) for row in rows_of(found.store.configuration.current()[1].recipients)]


def _learned(found: Services) -> list[dict[str, Any]]:
    from include.application.recipients import use_of

    lines = found.store.recipients.lines()
    recipients = found.store.configuration.current()[1].recipients
    return [{**_plain_line(line), "use": use_of(line, lines, recipients)} for line in lines]


def _plain_line(line: StoredLine) -> dict[str, Any]:
    import dataclasses

    return dataclasses.asdict(line)


def _suggested(found: Services, user: str | None) -> list[dict[str, Any]]:
    from include.application.listing import viewer_of
    from include.application.recipients import list_suggestions

    viewer = viewer_of(found.store.configuration.current()[1], user)
    return [_plain_suggestion(proposed) for proposed in list_suggestions(found.store.recipients, viewer)]


def _plain_suggestion(proposed: Suggestion) -> dict[str, Any]:
    return {
        "id": proposed.id,
        "wording": proposed.wording,
        "siret": proposed.siret,
        "known": proposed.known,
        "score": proposed.score,
        "invoices": proposed.invoice_ids,
        "documents": proposed.document_ids,
    }


def _told(revision: int, changes: Sequence[Change], as_json: bool) -> None:
    from include.application.configuration_changes import as_diff

    closing = f"Stored as revision {revision}." if changes else f"Nothing changed (revision {revision})."
    _told_plan("\n".join([*as_diff(changes), closing]), revision, changes, as_json)
    raise typer.Exit(DONE)


def _told_plan(text: str, revision: int, changes: Sequence[Change], as_json: bool) -> None:
    import dataclasses

    if as_json:
        print_object({"revision": revision, "changes": [dataclasses.asdict(change) for change in changes]})
    else:
        typer.echo(text)


def _bytes(file: Path) -> bytes:
    from include.domain.errors import InputError

    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", why="Nothing was changed.") from error
