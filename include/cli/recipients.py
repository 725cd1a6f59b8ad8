"""`chorus recipients`: wordings on invoices and the public bodies that they mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.output import (
    DONE,
    print_lines,
    print_object,
    print_table,
    print_text,
    reader_language,
    say,
    write_file,
)
from include.texts import translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from include.application.administration.recipients import RecipientEditing
    from include.application.ports.configuration import ConfigurationChange
    from include.bootstrap import Services
    from include.domain.configuration import Configuration

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
    text: Annotated[str | None, typer.Option("--search", help="Part of a wording, SIRET or service code.")] = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="What this user would see.")] = None,
    as_json: Json = False,
) -> None:
    """Lists what the configuration says; or the learned lines; or what waits for a person, with suggestions."""
    from include import bootstrap

    services = bootstrap.services()
    try:
        rows = list(_listed(services, user, text, learned=learned, suggestions=suggestions))
    finally:
        services.close()
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
    from include import bootstrap
    from include.adapters.local_files import read_named_file
    from include.application.administration.recipients_csv import import_lines, plan_import, read

    lines = read(read_named_file(file), file.name)
    services = bootstrap.services()
    try:
        editing = _editing(services)
        if dry_run:
            planned = plan_import(editing, lines, replace=replace, name=file.name)
            _told_plan(planned.said(reader_language()), planned.revision, planned.changes, as_json)
            return
        applied = import_lines(editing, lines, replace=replace, name=file.name)
    finally:
        services.close()
    _told(applied.revision, applied.changes, as_json)


def stored_configuration(*, with_learned: bool) -> Configuration:
    """The configuration as it stands; `with_learned`: with lines learned from what was sent, as if they were kept."""
    from include import bootstrap
    from include.application.administration import recipients

    services = bootstrap.services()
    try:
        configuration = services.store.configuration.current()[1]
        lines = services.store.recipients.lines() if with_learned else []
    finally:
        services.close()
    return recipients.with_learned(configuration, lines) if with_learned else configuration


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; left out: stdout.")] = None,
    with_learned: Annotated[bool, typer.Option("--with-learned", help="Learned lines that are in use too.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="For programs: without the guard that keeps Excel from changing numbers.")
    ] = False,
) -> None:
    """Writes the list as CSV for a French Excel: UTF-8 with BOM, separated by `;`. Importing it changes nothing."""
    from include.application.administration.recipients_csv import write

    content = write(stored_configuration(with_learned=with_learned).recipients, plain=plain)
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
    """Makes a wording mean a body from now on; invoices that wait for it are assessed again in the next pass."""
    from include import bootstrap
    from include.application.administration import recipients
    from include.domain.values import normalise_siret, siret_checks

    digits = normalise_siret(siret or "")
    if digits and not siret_checks(digits):
        say("check_digit", err=True, siret=digits)
    services = bootstrap.services()
    try:
        applied = recipients.confirm(_editing(services), wording, siret, service=service)
    finally:
        services.close()
    _told(applied.revision, applied.changes, as_json)


@app.command()
def keep(wording: Wording, siret: OnlySiret = None, as_json: Json = False) -> None:
    """Takes the learned lines of a wording into the configuration, where only a person changes them."""
    from include import bootstrap
    from include.application.administration import recipients

    services = bootstrap.services()
    try:
        applied = recipients.keep(_editing(services), wording, siret)
    finally:
        services.close()
    _told(applied.revision, applied.changes, as_json)


@app.command()
def forget(wording: Wording, siret: OnlySiret = None, as_json: Json = False) -> None:
    """Deletes the learned lines of a wording; invoices that they decided and that wait are assessed again."""
    from include import bootstrap
    from include.application.administration import recipients

    services = bootstrap.services()
    try:
        revision = recipients.forget(_editing(services), wording, siret)
    finally:
        services.close()
    if as_json:
        print_object({"revision": revision})
    else:
        say("line_forgotten", revision=revision)


def _editing(services: Services) -> RecipientEditing:
    from include.application.administration.recipients import RecipientEditing
    from include.domain.rights import OWNER

    return RecipientEditing(
        configuration=services.store.configuration,
        learned=services.store.recipients,
        clock=services.clock,
        actor=services.settings.actor,
        viewer=OWNER,
    )


def _listed(
    services: Services, user: str | None, text: str | None, *, learned: bool, suggestions: bool
) -> Iterator[dict[str, Any]]:
    import dataclasses

    from include.application.administration.recipient_lists import RecipientLists, suggestion_row
    from include.application.ports.paging import every
    from include.application.views.filters import viewer_of

    _, configuration = services.store.configuration.current()
    lists = RecipientLists(configuration=configuration, learned=services.store.recipients)
    viewer = viewer_of(configuration, user)
    if suggestions:
        for proposed in every(lambda request: lists.suggestions(viewer, text, request), sort="position"):
            yield suggestion_row(proposed)
    elif learned:
        for row in every(lambda request: lists.learned_lines(viewer, text, request), sort="position"):
            yield {**dataclasses.asdict(row.line), "use": row.use}
    else:
        for line in every(lambda request: lists.configured(viewer, text, request), sort="position"):
            yield dataclasses.asdict(line)


def _told(revision: int, changes: Sequence[ConfigurationChange], as_json: bool) -> None:
    from include.application.administration.configuration_changes import as_diff

    language = reader_language()
    closing = translate("cli.stored" if changes else "cli.unchanged", language, revision=revision)
    _told_plan("\n".join([*as_diff(changes, language), closing]), revision, changes, as_json)
    raise typer.Exit(DONE)


def _told_plan(text: str, revision: int, changes: Sequence[ConfigurationChange], as_json: bool) -> None:
    import dataclasses

    if as_json:
        print_object({"revision": revision, "changes": [dataclasses.asdict(change) for change in changes]})
    else:
        print_text(text)
