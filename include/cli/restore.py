"""`chorus restore`: after our database was set back to a backup (docs/restore.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.output import DONE, FOUND, SURROUNDINGS, fail, print_object, print_table, print_text, say
from include.cli.progress_bar import progress_bar
from include.domain.rights import OWNER
from include.texts import Text

if TYPE_CHECKING:
    from include.application.tracking.restore import RestoreReport
    from include.application.tracking.retrieve_invoices import RetrievalReport
    from include.bootstrap import Services
    from include.domain.configuration import Provider

app = typer.Typer(help="After our database was set back to a backup.", no_args_is_help=True)

Providers = Annotated[list[str] | None, typer.Option("--provider", help="These only (name or SIRET).")]
LISTED = ("provider", "invoice_number", "chorus_id", "deposited_on", "total", "document", "what")


@app.command()
def check(
    provider: Providers = None, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
) -> None:
    """Says what Chorus Pro has and our database lacks; asks live, changes nothing. Exit code 1: something was found."""
    from include import bootstrap

    services = bootstrap.services()
    try:
        with progress_bar() as watch:
            reports = [services.restoring(viewer=OWNER).check(one, watch) for one in _chosen(services, provider)]
        documents = _documents(services, reports)
    finally:
        services.close()
    counts = {name: sum(report.counts()[name] for report in reports) for name in ("adopt", "waits", "foreign")}
    rows = [row for report in reports for row in _rows(report, documents)]
    if as_json:
        print_object({"counts": counts, "rows": rows})
    else:
        shown = [{**row, "what": Text(f"cell.{row['what']}")} for row in rows]
        print_table(LISTED, ([row[name] for name in LISTED] for row in shown))
        say("restore_found", adopt=counts["adopt"], waits=counts["waits"], foreign=counts["foreign"])
    failures = [report.failure for report in reports if report.failure]
    for failure in failures:
        fail(failure)
    raise typer.Exit(SURROUNDINGS if failures else FOUND if rows else DONE)


@app.command()
def adopt(
    provider: Providers = None,
    document: Annotated[
        list[int] | None,
        typer.Option(help="This document only (id), though its values differ there: you looked at both."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Takes back what is ours: equal values are ours again, other values wait for a person. Safe to repeat."""
    from include import bootstrap

    services = bootstrap.services()
    try:
        if document:
            for one in document:
                services.restoring(viewer=OWNER).adopt_document(one)
            raise typer.Exit(DONE)
        if not services.sending_off:
            say("sending_is_on", err=True)
        with progress_bar() as watch:
            reports = [services.restoring(viewer=OWNER).adopt(one, watch) for one in _chosen(services, provider)]
    finally:
        services.close()
    _show(reports, as_json)
    failures = [failure for report in reports for failure in (report.failure, report.stopped) if failure]
    for failure in failures:
        fail(failure)
    waiting = sum(report.stored.waiting for report in reports)
    raise typer.Exit(SURROUNDINGS if failures else FOUND if waiting else DONE)


def _show(reports: list[RetrievalReport], as_json: bool) -> None:
    counts: dict[str, int] = {}
    for report in reports:
        for name, count in report.counts().items():
            counts[name] = counts.get(name, 0) + count
    if as_json:
        print_object({"counts": counts})
    else:
        print_table(("counted", "invoices"), counts.items())
    for report in reports:
        for note in report.notes:
            print_text(note, err=True)


def _chosen(services: Services, names: list[str] | None) -> list[Provider]:
    from include.application.providers.find_provider import find_provider

    _, configuration = services.store.configuration.current()
    return list(services.restoring(viewer=OWNER).chosen([find_provider(configuration, name) for name in names or ()]))


def _documents(services: Services, reports: list[RestoreReport]) -> dict[int, int]:
    """Ids of documents by those of their invoices."""
    ids = [one.invoice_id for report in reports for one in report.found if one.invoice_id is not None]
    return {
        one.invoice_id: one.document_id
        for one in services.store.resubmission.candidates(
            states=("ready", "refused", "unknown", "to_complete"), invoice_ids=ids
        )
    }


def _rows(report: RestoreReport, documents: dict[int, int]) -> list[dict[str, Any]]:
    from include.domain.tracking import amount_text

    return [
        {
            "provider": report.provider.name,
            "invoice_number": one.row.number,
            "chorus_id": one.row.chorus_id,
            "deposited_on": one.row.deposited_on,
            "total": amount_text(one.row.total_incl_tax, unsigned=True),
            "status": one.row.status,
            "what": one.fate,
            "document": None if one.invoice_id is None else documents.get(one.invoice_id),
        }
        for one in report.found
    ]
