"""`chorus messages`: what the platform's refusals mean."""

from __future__ import annotations

import typer

from include.cli.documents import Json
from include.cli.output import print_lines, print_table

app = typer.Typer(help="What the platform's refusals mean.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lists what the dictionary knows: field, cause with what to do, and whether trying again can help."""
    from include.application.messages import dictionary
    from include.settings import settings

    own = settings()
    rows = dictionary(own.json_language if as_json else own.language)
    if as_json:
        print_lines(rows)
        return
    columns = ("code", "field", "retry", "message")
    print_table(columns, ([row[name] for name in columns] for row in rows))


@app.command()
def unknown(as_json: Json = False) -> None:
    """Lists refusals that the dictionary does not know, most frequent first: report them to the maintainers."""
    from include.application.messages import unknown_messages
    from include.bootstrap import services

    rows = unknown_messages(services().store.refusals)
    if as_json:
        print_lines(rows)
        return
    columns = ("count", "kind", "number", "label", "last_at", "invoice_id")
    print_table(columns, ([row[name] for name in columns] for row in rows))
