"""`chorus messages`: what the platform's refusals mean."""

from __future__ import annotations

import dataclasses

import typer

from include.cli.documents import Json
from include.cli.output import print_lines, print_table, reader_language

app = typer.Typer(help="What the platform's refusals mean.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lists what the dictionary knows: field, cause with what to do, and whether trying again can help."""
    from include.application.administration.refusal_catalog import dictionary

    rows = dictionary(reader_language(as_json=as_json))
    if as_json:
        print_lines(rows)
        return
    columns = ("code", "field", "retry", "message")
    print_table(columns, ([row[name] for name in columns] for row in rows))


@app.command()
def unknown(as_json: Json = False) -> None:
    """Lists refusals that the dictionary does not know, most frequent first: report them to the maintainers."""
    from include import bootstrap
    from include.application.administration.refusal_catalog import unknown_messages

    rows = [dataclasses.asdict(message) for message in unknown_messages(bootstrap.services().store.refusals)]
    if as_json:
        print_lines(rows)
        return
    columns = ("count", "kind", "number", "label", "last_at", "invoice_id")
    print_table(columns, ([row[name] for name in columns] for row in rows))
