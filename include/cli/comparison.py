"""`chorus invoices compare`: our invoices against the platform's list."""

from __future__ import annotations

import typer

from include.cli.documents import Json
from include.cli.output import DONE, FOUND, print_lines, print_table
from include.cli.table_files import Csv, Excel, Parquet, asked_for

_SHOWN = ("provider", "kind", "invoice_id", "chorus_id", "invoice_number", "ours", "theirs", "todo")


def compare(csv: Csv = None, parquet: Parquet = None, excel: Excel = None, as_json: Json = False) -> None:
    """Holds what we sent against what the last retrieval brought, and shows each difference with what to do."""
    from include.application.reconcile import columns, in_words, list_findings, reconcilable, reconcile
    from include.bootstrap import services

    file = asked_for(csv=csv, parquet=parquet, excel=excel)
    found = services()
    try:
        _, configuration = found.store.configuration.current()
        providers = reconcilable(configuration)
        for provider in providers:
            reconcile(provider, found.store.findings, found.clock)
        rows = list_findings(
            found.store.findings, providers, found.settings.json_language if as_json else found.settings.language
        )
    finally:
        found.close()
    if file is not None:
        language = found.settings.language
        file.write(columns(language), [[in_words(row, language) for row in rows] if file.form.for_people else rows])
    if as_json:
        print_lines(rows)
    elif file is None:
        print_table(_SHOWN, ([row[name] for name in _SHOWN] for row in rows))
    raise typer.Exit(FOUND if rows else DONE)
