"""`chorus invoices compare`: our invoices against the platform's list."""

from __future__ import annotations

import typer

from include.cli.documents import Json
from include.cli.output import DONE, FOUND, SURROUNDINGS, fail, print_lines, print_table, reader_language
from include.cli.table_files import Csv, Excel, Parquet, asked_for

_SHOWN = ("provider", "kind", "invoice_id", "chorus_id", "invoice_number", "ours", "theirs", "todo")


def compare(csv: Csv = None, parquet: Parquet = None, excel: Excel = None, as_json: Json = False) -> None:
    """Holds what we sent against what the last retrieval brought, and shows each difference with what to do."""
    from include import bootstrap
    from include.application.tracking.reconcile import columns, list_findings, reconcilable, reconcile

    file = asked_for(csv=csv, parquet=parquet, excel=excel)
    services = bootstrap.services()
    try:
        _, configuration = services.store.configuration.current()
        providers = reconcilable(configuration)
        failures = []
        for provider in providers:
            store = services.store
            failures += reconcile(provider, store.findings, services.clock, store.internal_errors).failures
        found = list_findings(services.store.findings, providers)
    finally:
        services.close()
    if file is not None:
        language, for_people = reader_language(), file.form.for_people
        told = [one.row_in_words(language) if for_people else one.row(language) for one in found]
        file.write(columns(language), [told])
    rows = [one.row(reader_language(as_json=as_json)) for one in found]
    if as_json:
        print_lines(rows)
    elif file is None:
        print_table(_SHOWN, ([row[name] for name in _SHOWN] for row in rows))
    for failure in failures:
        fail(failure)
    raise typer.Exit(SURROUNDINGS if failures else FOUND if rows else DONE)
