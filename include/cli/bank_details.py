"""`chorus bank-details`: what the platform lists for a supplier, beside what the configuration says."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.output import print_lines, print_table, reader_language
from include.texts import Text

app = typer.Typer(help="Bank details as Chorus Pro lists them for a supplier.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `list` a sub-command while it is the only one."""


@app.command("list")
def list_(
    provider: Annotated[str, typer.Option(help="The provider, by name or SIRET.")],
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Exactly what this user would see.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")] = False,
) -> None:
    """Asks the platform, and marks the default and the labels of the configuration that fit no account, or two."""
    from include import bootstrap
    from include.application.providers.bank_details import BankLists
    from include.application.providers.find_provider import find_provider
    from include.application.views import json_rows
    from include.application.views.bank_details import BankDetailRow, list_bank_details
    from include.application.views.filters import viewer_of

    services = bootstrap.services()
    try:
        configuration = services.store.configuration.current()[1]
        chosen = find_provider(configuration, provider)
        viewer = viewer_of(configuration, user)
        rows: list[BankDetailRow] = []
        if viewer.everything or chosen.key in viewer.provider_keys:
            lists = BankLists(services.store.providers, services.chorus, services.clock)
            rows = list(list_bank_details(chosen, lists.refresh(chosen)))
    finally:
        services.close()
    language = reader_language(as_json=as_json)
    if as_json:
        print_lines(json_rows.bank_detail(row, language) for row in rows)
        return
    print_table(
        ("name", "on_the_platform", "default", "labels", "problem"),
        (
            (
                row.name,
                row.on_platform,
                Text("cell.default") if row.default else "",
                ", ".join(row.labels),
                row.problem.message(language) if row.problem else "",
            )
            for row in rows
        ),
    )
