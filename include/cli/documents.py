"""`chorus documents`: what the portal gave, where each document stands and why, and what a person does about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.output import (
    DONE,
    FOUND,
    SURROUNDINGS,
    fail,
    print_lines,
    print_object,
    print_table,
    print_text,
    reader_language,
    say_if_unconfigured,
    write_file,
)
from include.domain.fields import as_json
from include.domain.fields.shown import shown_value
from include.domain.transitions.change import SYSTEM
from include.texts import Text

if TYPE_CHECKING:
    from include.application.ports.document_views import DocumentDetail, DocumentRow, MoveRow
    from include.bootstrap import Services
    from include.domain.configuration import Configuration
    from include.domain.fields import Candidate
    from include.domain.reasons import Language

app = typer.Typer(help="Documents of the portal on their way to Chorus Pro.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
As = Annotated[str | None, typer.Option("--as", metavar="USER", help="Exactly what this user would see.")]
Ids = Annotated[list[int], typer.Argument(help="Document ids, from `chorus documents list`.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept in the history.")]
WhyIfAny = Annotated[str | None, typer.Option("--reason", help="Why; kept in the history.")]


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="Only those in this state; may be given again.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those of this provider (name or SIRET).")] = None,
    text: Annotated[
        str | None, typer.Option("--search", help="Part of the number, file, recipient's name or SIRET, Chorus Pro id.")
    ] = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Lists documents with their state and, where they wait, the reasons."""
    from include import bootstrap
    from include.application.views import json_rows
    from include.application.views.filters import document_filter, viewer_of

    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    say_if_unconfigured(configuration)
    wanted = document_filter(configuration, states=state or (), text=text, provider=provider)
    rows = services.store.document_views.rows(viewer_of(configuration, user), wanted)
    if as_json:
        print_lines(json_rows.document(row, configuration, reader_language(as_json=True)) for row in rows)
        return
    columns = ("id", "document", "read_from", "number", "recipient", "total", "state", "chorus_id_or_reasons")
    print_table(columns, (table_row(row, reader_language()) for row in rows))


def table_row(row: DocumentRow, language: Language) -> tuple[object, ...]:
    """A document as one row for people."""
    remark = (
        row.chorus_id
        or " ".join(reason.message_stored(language) for reason in row.reasons)
        or (row.held_reason and row.held_reason.text(language))
    )
    return (
        row.id,
        row.name,
        row.kind,
        row.invoice_number,
        row.recipient_siret,
        row.total_incl_tax,
        row.state,
        remark,
    )


@app.command()
def show(document: Annotated[int, typer.Argument(help="Document id.")], user: As = None, as_json: Json = False) -> None:
    """Shows one document: every field with its source and evidence, its reasons, moves and attempts."""
    from include import bootstrap
    from include.application.views.filters import provider_name
    from include.application.views.json_rows import document_detail

    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    language = reader_language(as_json=as_json)
    detail = _detail(services, configuration, document, user)
    if as_json:
        print_object(document_detail(detail, configuration, language))
        return
    row = detail.row
    provider = provider_name(configuration, row.provider_key)
    head = (row.id, row.name, row.content_version, row.state, provider)
    print_table(("id", "document", "content_version", "state", "provider"), [head])
    print_table(
        ("field", "value", "source", "page", "confidence", "evidence"),
        [_shown(name, value.chosen, language) for name, value in detail.draft.fields.items()],
        title=Text("title.fields"),
    )
    if row.reasons:
        print_table(("reasons",), [(reason.message_stored(language),) for reason in row.reasons])
    print_moves(detail.moves, language)


def _shown(name: str, found: Candidate, language: Language) -> tuple[object, ...]:
    """A field as one row for people."""
    value = shown_value(name, as_json(found.value), language)
    sure = Text("cell.percent", {"number": round(100 * found.confidence)})
    remembered = Text("origin.layout_memory", {"count": found.remembered}) if found.remembered else None
    return name, value, found.source, found.page, sure, remembered


def print_moves(moves: Sequence[MoveRow], language: Language) -> None:
    """Who moved it, when and why; the connector itself by its name."""
    own = Text("evidence.connector")
    history = [(m.at, m.before, m.after, m.cause.text(language), own if m.actor == SYSTEM else m.actor) for m in moves]
    print_table(("at", "from", "to", "cause", "actor"), history, title=Text("title.moves"))


@app.command("copy")
def copy_(
    document: Annotated[int, typer.Argument(help="Document id.")],
    target: Annotated[Path, typer.Argument(help="File to write.")],
    user: As = None,
) -> None:
    """Writes the searchable copy that was kept of a document (setting reading.searchable_copy) into a file."""
    from include import bootstrap
    from include.domain.errors import NotThereError

    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    detail = _detail(services, configuration, document, user)
    if detail.searchable_copy is None:
        raise NotThereError("no_searchable_copy", document=document)
    write_file(target, services.files.get(detail.searchable_copy))


def _detail(services: Services, configuration: Configuration, document: int, user: str | None) -> DocumentDetail:
    from include.application.views.filters import viewer_of
    from include.domain.errors import NotThereError

    detail = services.store.document_views.detail(viewer_of(configuration, user), document)
    if detail is None:
        raise NotThereError("no_such_document", documents=document)
    return detail


Version = Annotated[
    int | None,
    typer.Option("--version", help="Only if its version is still this one (key `version` of the listings)."),
]


@app.command()
def submit(
    ids: Ids,
    version: Version = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Sends what is ready of these, whatever automatic submission says."""
    from include import bootstrap
    from include.domain.errors import InputError
    from include.domain.rights import OWNER

    if version is not None and len(ids) > 1:
        raise InputError("version_of_several")
    expected = None if version is None else {ids[0]: version}
    services = bootstrap.services()
    try:
        report = services.send_again(viewer=OWNER).documents(ids, dry_run=dry_run, expected=expected)
    finally:
        services.close()
    if as_json:
        print_object({"documents": [vars(one) for one in report.outcomes], "counts": report.counts})
    else:
        print_table(("document", "outcome"), [(one.id, one.outcome) for one in report.outcomes])
    for note in report.notes:
        print_text(note, err=True)
    for failure in report.failures:
        fail(failure)
    raise typer.Exit(SURROUNDINGS if report.failures else DONE if report.complete else FOUND)


@app.command("set")
def set_(
    document: Annotated[int, typer.Argument(help="Document id.")],
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="An empty value takes an edit back.")],
    version: Version = None,
) -> None:
    """Types values, as on the form; they win over everything that was read."""
    from include import bootstrap
    from include.application.mapping.edit_document import EditConflictError, set_fields
    from include.domain.errors import InputError
    from include.domain.rights import OWNER

    wrong = [text for text in values if "=" not in text]
    if wrong:
        raise InputError("no_assignment", text=wrong[0])
    services = bootstrap.services()
    pairs = dict(text.split("=", 1) for text in values)
    try:
        set_fields(services.document_editing(viewer=OWNER), document, pairs, expected=version)
    except EditConflictError as error:
        conflicts = error.conflicts.items()
        rows = [(name, one.stored, one.yours, one.by, one.at) for name, one in conflicts]
        print_table(("field", "stored", "yours", "actor", "at"), rows)
        raise
    finally:
        services.close()


@app.command()
def hold(ids: Ids, reason: Why) -> None:
    """Keeps documents back until they are released."""
    _each(ids, "hold", reason)


@app.command()
def release(ids: Ids, reason: WhyIfAny = None) -> None:
    """Takes up held documents where they were."""
    _each(ids, "release", reason)


@app.command()
def discard(ids: Ids, reason: Why) -> None:
    """Takes documents out for good; `restore` brings them back."""
    _each(ids, "discard", reason)


@app.command()
def restore(ids: Ids, reason: WhyIfAny = None) -> None:
    """Brings discarded documents back."""
    _each(ids, "restore", reason)


@app.command()
def reread(ids: Ids, reason: WhyIfAny = None) -> None:
    """Has documents read again in the next pass."""
    _each(ids, "reread", reason)


def _each(ids: list[int], action: str, reason: str | None) -> None:
    """Does it to each, tells which could not be done, and goes on."""
    from include import bootstrap
    from include.application.mapping import edit_document
    from include.domain.errors import ConnectorError
    from include.domain.rights import OWNER

    services = bootstrap.services()
    editing = services.document_editing(viewer=OWNER)
    failed = False
    for document_id in ids:
        try:
            getattr(edit_document, action)(editing, document_id, reason=reason)
        except ConnectorError as error:
            fail(error)
            failed = True
    raise typer.Exit(FOUND if failed else DONE)
