"""`chorus run`: one pass of a flow in this process, without Airflow."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.output import DONE, SURROUNDINGS, fail, print_object, print_table
from include.cli.retrieval import retrieval, watch

app = typer.Typer(help="One pass of a flow in this process, without Airflow.", no_args_is_help=True)


app.command()(retrieval)
app.command()(watch)


@app.command()
def submission(
    provider: Annotated[list[str] | None, typer.Option(help="Send for these only (name or SIRET).")] = None,
    document: Annotated[list[int] | None, typer.Option(help="These documents only (ids).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and judge; claim, send and mail nothing.")] = False,
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Do not mail.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """One pass of the ten-minute flow; safe beside a scheduler. It never sends where submission is not automatic."""
    from include.application.river import run_submission
    from include.application.watchdog import SUBMISSION
    from include.bootstrap import services
    from include.domain.errors import NotThereError

    found = services()
    try:
        river = found.begin_pass()
        chosen = [river.provider(name) for name in provider or ()]
        if document and len(river.ledger.invoices_of(document)) < len(set(document)):
            raise NotThereError(
                "Not every one of these documents exists.", todo="`chorus documents list` shows the ids."
            )
        report = run_submission(
            river,
            providers=chosen,
            document_ids=document or (),
            dry_run=dry_run,
            notify=not no_notify,
            told=lambda station: typer.echo(f"{station} ...", err=True),
        )
        if not (report.troubles or dry_run or chosen or document):
            found.store.watch.record_pass(SUBMISSION, now=found.clock.now())
    finally:
        found.close()
    if as_json:
        stations = {name: round(seconds, 3) for name, seconds in report.stations.items()}
        print_object({"counts": report.counts, "seconds": round(report.seconds, 3), "stations": stations})
    else:
        print_table(("state", "documents"), report.counts.items())
    for note in report.notes:
        typer.echo(note, err=True)
    for trouble in report.troubles:
        fail(trouble)
    raise typer.Exit(SURROUNDINGS if report.troubles else DONE)


@app.command()
def watchdog(
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Do not mail.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """One look-out: no good run, nothing submitted, stuck documents, silence, ending logins; each told once.

    Like the DAG it then removes personal data after its period, where `retention.automatic` is on.
    """
    from include.application.retention import retain_by_itself
    from include.bootstrap import services

    found = services()
    try:
        report = found.watchdog().look()
        store = found.store
        retain_by_itself(store.retention, store.watch, store.configuration.current()[1], found.clock)
        trouble = None if no_notify else found.river().notify().trouble
    finally:
        found.close()
    if as_json:
        print_object({"counts": report.counts, "seconds": round(report.seconds, 3)})
    else:
        print_table(("what", "findings"), report.counts.items())
    if trouble is not None:
        fail(trouble)
    raise typer.Exit(SURROUNDINGS if trouble else DONE)
