"""`chorus layouts`: what was learned about where values stand on a supplier's invoices."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.application.views.json_rows import plain
from include.cli.documents import As, Json
from include.cli.output import print_lines, print_object, print_table, print_text, say, write_file

if TYPE_CHECKING:
    from include.application.reading.layouts import LayoutRow

app = typer.Typer(help="What was learned about where values stand on a supplier's invoices.", no_args_is_help=True)


@app.command("list")
def list_(user: As = None, as_json: Json = False) -> None:
    """Lists the layouts that are known: of which provider and rule, from how many invoices, and of which fields."""
    rows = _rows(user)
    if as_json:
        print_lines(_plain(row) for row in rows)
        return
    columns = ("layout", "provider", "rule", "invoices", "last_taught", "fields")
    print_table(
        columns,
        (
            (r.id, r.provider, r.classification_rule, len(r.examples), r.last_taught_at, ", ".join(r.fields))
            for r in rows
        ),
    )


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; left out: stdout.")] = None,
    user: As = None,
) -> None:
    """Writes all that is kept as JSON: words of labels, distances, shapes; no values."""
    import json

    from include.application.reading.layouts import exported

    text = json.dumps(plain({"layouts": exported(_rows(user))}), ensure_ascii=False, indent=1)
    if file is None:
        print_text(text)
    else:
        write_file(file, f"{text}\n".encode())


@app.command()
def forget(
    layouts: Annotated[list[str] | None, typer.Argument(help="Layout ids, from `chorus layouts list`.")] = None,
    provider: Annotated[str | None, typer.Option(help="Those of this provider (name or SIRET).")] = None,
    rule: Annotated[str | None, typer.Option(help="Those of this classification rule.")] = None,
    field: Annotated[list[str] | None, typer.Option(help="Only what they teach of this field.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    as_json: Json = False,
) -> None:
    """Forgets layouts; invoices that wait with remembered values are read again in the next pass."""
    from include import bootstrap
    from include.application.reading.layouts import Wanted, forget_layouts
    from include.domain.rights import OWNER

    wanted = Wanted(
        ids=tuple(layouts or ()), provider=provider, rule=rule, everything=everything, fields=tuple(field or ())
    )
    services = bootstrap.services()
    try:
        _, configuration = services.store.configuration.current()
        done = forget_layouts(
            services.store.layouts, configuration, services.clock, wanted, actor=services.settings.actor, viewer=OWNER
        )
    finally:
        services.close()
    if as_json:
        print_object({"revision": done.revision, "layouts": done.layouts})
    else:
        say("layouts_forgotten", layouts=", ".join(done.layouts), revision=done.revision)


def _rows(user: str | None) -> list[LayoutRow]:
    from include import bootstrap
    from include.application.reading.layouts import list_layouts
    from include.application.views.filters import viewer_of

    services = bootstrap.services()
    try:
        _, configuration = services.store.configuration.current()
        return list_layouts(services.store.layouts, configuration, viewer=viewer_of(configuration, user))
    finally:
        services.close()


def _plain(row: LayoutRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "provider": row.provider,
        "classification_rule": row.classification_rule,
        "invoices": [one.invoice_id for one in row.examples],
        "first_taught_at": row.first_taught_at,
        "last_taught_at": row.last_taught_at,
        "fields": {name: dataclasses.asdict(taught) for name, taught in row.fields.items()},
    }
