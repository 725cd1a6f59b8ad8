"""`chorus bank-details`: what the platform lists for a supplier, beside what the configuration says."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.output import print_lines, print_table

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
    from include.application.bank_details import BankLists, list_bank_details
    from include.application.listing import viewer_of
    from include.bootstrap import services

    found = services()
    try:
        configuration = found.store.configuration.current()[1]
        chosen = found.river().provider(provider)
        viewer = viewer_of(configuration, user)
        rows = []
        if viewer.everything or chosen.key in viewer.provider_keys:
            lists = BankLists(found.store.providers, found.chorus, found.clock)
            language = found.settings.json_language if as_json else found.settings.language
            rows = list(list_bank_details(chosen, lists.refresh(chosen), language=language))
    finally:
        found.close()
    if as_json:
        print_lines(rows)
        return
    shown = [
        (row["name"], row["on_platform"], "default" if row["default"] else "", ", ".join(row["labels"]), _told(row))
        for row in rows
    ]
    print_table(("name", "on the platform", "default", "labels", "problem"), shown)


def _told(row: dict[str, dict[str, str] | None]) -> str:
    problem = row["problem"]
    return problem["message"] if problem else ""
