"""`chorus documents`: what the portal gave, where each document stands and why, and what a person does about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from include.cli.output import (
    DONE,
    FOUND,
    SURROUNDINGS,
    fail,
    print_lines,
    print_object,
    print_table,
    say_if_unconfigured,
    write_file,
)

app = typer.Typer(help="Documents of the portal on their way to Chorus Pro.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
As = Annotated[str | None, typer.Option("--as", metavar="USER", help="Exactly what this user would see.")]
Ids = Annotated[list[int], typer.Argument(help="Document ids, from `chorus documents list`.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept in the history.")]


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those of this provider (name or SIRET).")] = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Lists documents with their state and, where they wait, the reasons."""
    from include.application.listing import list_documents
    from include.bootstrap import services

    found = services()
    _, configuration = found.store.configuration.current()
    say_if_unconfigured(configuration)
    rows = list_documents(
        found.store.listings,
        configuration,
        language=found.settings.json_language if as_json else found.settings.language,
        user=user,
        state=state,
        provider=provider,
    )
    if as_json:
        print_lines(rows)
        return
    columns = ("id", "document", "read from", "number", "recipient", "total", "state", "Chorus Pro id / reasons")
    print_table(columns, (table_row(row) for row in rows))


def table_row(row: dict[str, Any]) -> tuple[Any, ...]:
    """A document as one row for people."""
    told = row["chorus_id"] or " ".join(reason["message"] for reason in row["reasons"]) or row["shelved_reason"]
    return (
        row["id"],
        row["name"],
        row["kind"],
        row["invoice_number"],
        row["recipient_siret"],
        row["total_incl_tax"],
        row["state"],
        told,
    )


@app.command()
def show(document: Annotated[int, typer.Argument(help="Document id.")], user: As = None, as_json: Json = False) -> None:
    """Shows one document: every field with its source and evidence, its reasons, moves and attempts."""
    from include.application.listing import show_document
    from include.bootstrap import services
    from include.domain.errors import NotThereError

    found = services()
    _, configuration = found.store.configuration.current()
    language = found.settings.json_language if as_json else found.settings.language
    row = show_document(found.store.listings, configuration, document, language=language, user=user)
    if row is None:
        raise NotThereError(f"There is no document {document}.", todo="`chorus documents list` shows the ids.")
    if as_json:
        print_object(row)
        return
    print_table(("id", "document", "state", "provider"), [(row["id"], row["name"], row["state"], row["provider"])])
    fields = row["fields"].items()
    print_table(
        ("field", "value", "source", "page", "confidence", "evidence"),
        [(name, f["value"], f["source"], f["page"], f["confidence"], f["evidence"]) for name, f in fields],
        title="Fields",
    )
    print_table(("reasons",), [(reason["message"],) for reason in row["reasons"]])
    history = [(m["at"], m["from"], m["to"], m["cause"], m["actor"]) for m in row["moves"]]
    print_table(("at", "from", "to", "cause", "actor"), history, title="Moves")


@app.command("copy")
def copy_(
    document: Annotated[int, typer.Argument(help="Document id.")],
    target: Annotated[Path, typer.Argument(help="File to write.")],
    user: As = None,
) -> None:
    """Writes the searchable copy that was kept of a document (setting reading.searchable_copy) into a file."""
    from include.application.listing import show_document
    from include.bootstrap import services
    from include.domain.errors import NotThereError

    found = services()
    _, configuration = found.store.configuration.current()
    row = show_document(found.store.listings, configuration, document, language="en", user=user)
    if row is None:
        raise NotThereError(f"There is no document {document}.", todo="`chorus documents list` shows the ids.")
    if row["searchable_copy"] is None:
        raise NotThereError(
            f"No searchable copy is kept of document {document}.",
            why="The setting reading.searchable_copy asks for none of it, or none could be made.",
            todo="Change the setting, then `chorus documents reread`.",
        )
    write_file(target, found.files.get(row["searchable_copy"]))


@app.command()
def submit(
    ids: Ids,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Sends what is ready of these, whatever automatic submission says."""
    from include.application.resend import submit_documents
    from include.bootstrap import services

    found = services()
    try:
        report = submit_documents(found.river(), found.store.listings, ids, dry_run=dry_run)
    finally:
        found.close()
    if as_json:
        print_object({"documents": report.outcomes, "counts": report.counts})
    else:
        print_table(("document", "outcome"), [(o["id"], o["outcome"]) for o in report.outcomes])
    for trouble in report.troubles:
        fail(trouble)
    raise typer.Exit(SURROUNDINGS if report.troubles else DONE if report.complete else FOUND)


@app.command("set")
def set_(
    document: Annotated[int, typer.Argument(help="Document id.")],
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="An empty value takes an edit back.")],
) -> None:
    """Types values, as on the form; they win over everything that was read."""
    from include.application.edit_document import set_fields
    from include.bootstrap import services
    from include.domain.errors import InputError

    wrong = [text for text in values if "=" not in text]
    if wrong:
        raise InputError(
            f"{wrong[0]!r} is not FIELD=VALUE.", todo='Example: chorus documents set 7 invoice_number="F 12".'
        )
    found = services()
    pairs = dict(text.split("=", 1) for text in values)
    try:
        set_fields(found.desk(), document, pairs)
    finally:
        found.close()


@app.command()
def hold(ids: Ids, reason: Why) -> None:
    """Keeps documents back until they are released."""
    _each(ids, "hold", reason)


@app.command()
def release(ids: Ids, reason: Why = "released") -> None:
    """Takes up held documents where they were."""
    _each(ids, "release", reason)


@app.command()
def discard(ids: Ids, reason: Why) -> None:
    """Takes documents out for good; `restore` brings them back."""
    _each(ids, "discard", reason)


@app.command()
def restore(ids: Ids, reason: Why = "restored") -> None:
    """Brings discarded documents back."""
    _each(ids, "restore", reason)


@app.command()
def reread(ids: Ids, reason: Why = "read again") -> None:
    """Has documents read again in the next pass."""
    _each(ids, "reread", reason)


def _each(ids: list[int], action: str, reason: str) -> None:
    """Does it to each, tells which could not be done, and goes on."""
    from include.application import edit_document
    from include.bootstrap import services
    from include.domain.errors import ConnectorError

    found = services()
    desk = found.desk()
    failed = False
    for document_id in ids:
        try:
            getattr(edit_document, action)(desk, document_id, reason=reason)
        except ConnectorError as error:
            fail(error)
            failed = True
    raise typer.Exit(FOUND if failed else DONE)
