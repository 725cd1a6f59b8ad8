"""`chorus invoices compare`: our invoices against the platform's list."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from include.cli.documents import Json
from include.cli.output import DONE, FOUND, plain, print_lines, print_table

_SHOWN = ("provider", "kind", "invoice_id", "chorus_id", "invoice_number", "ours", "theirs", "todo")


def compare(
    csv_file: Annotated[
        Path | None, typer.Option("--csv", dir_okay=False, help="Write the findings there (UTF-8 with BOM, `;`).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Holds what we sent against what the last retrieval brought, and shows each difference with what to do."""
    from include.application.reconcile import COLUMNS, list_findings, reconcilable, reconcile
    from include.bootstrap import services

    found = services()
    try:
        _, configuration = found.store.configuration.current()
        providers = reconcilable(configuration)
        for provider in providers:
            reconcile(provider, found.store.findings, found.clock)
        rows = list_findings(found.store.findings, providers, "fr" if as_json else found.settings.language)
    finally:
        found.close()
    if csv_file is not None:
        with csv_file.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(COLUMNS)
            writer.writerows([["" if row[name] is None else plain(row[name]) for name in COLUMNS] for row in rows])
    if as_json:
        print_lines(rows)
    elif csv_file is None:
        print_table(_SHOWN, ([row[name] for name in _SHOWN] for row in rows))
    raise typer.Exit(FOUND if rows else DONE)
