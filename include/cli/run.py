"""`chorus run`: one pass of a flow in this process, without Airflow."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.output import DONE, SURROUNDINGS, fail, print_object, print_table, print_text
from include.cli.progress_bar import progress_bar
from include.cli.retrieval import retrieval, watch

app = typer.Typer(help="One pass of a flow in this process, without Airflow.", no_args_is_help=True)


app.command()(retrieval)
app.command()(watch)


@app.command()
def submission(
    provider: Annotated[list[str] | None, typer.Option(help="Send for these only (name or SIRET).")] = None,
    document: Annotated[list[int] | None, typer.Option(help="These documents only (ids).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and assess; claim, send and mail nothing.")] = False,
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Do not mail.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """One pass of the ten-minute flow; safe beside a scheduler. It never sends where submission is not automatic."""
    from include import bootstrap
    from include.application.operations.watchdog import SUBMISSION
    from include.application.pipeline import Scope

    scope = Scope(
        providers=tuple(provider or ()), document_ids=tuple(document or ()), dry_run=dry_run, notify=not no_notify
    )
    services = bootstrap.services()
    try:
        with progress_bar() as watch:
            report = services.begin_pass().run(scope, watch)
        if not scope.narrowed:
            record = services.store.watch.record_failure if report.failures else services.store.watch.record_pass
            record(SUBMISSION, now=services.clock.now())
    finally:
        services.close()
    if as_json:
        stages = {name: round(seconds, 3) for name, seconds in report.stages.items()}
        print_object({"counts": report.counts, "seconds": round(report.seconds, 3), "stages": stages})
    else:
        print_table(("counted", "documents"), report.counts.items())
    for note in report.notes:
        print_text(note, err=True)
    for failure in report.failures:
        fail(failure)
    raise typer.Exit(SURROUNDINGS if report.failures else DONE)


@app.command()
def watchdog(
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Do not mail.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """One monitoring: no good run, nothing submitted, stuck documents, silence, ending logins; each told once.

    Like the DAG it then removes personal data after its period, where `retention.automatic` is on.
    """
    from include import bootstrap
    from include.application.operations.retention import retain_by_itself

    services = bootstrap.services()
    try:
        report = services.watchdog().look()
        store = services.store
        retain_by_itself(store.retention, store.watch, store.configuration.current()[1], services.clock)
        failures = [] if no_notify else services.pipeline().notify().failures
    finally:
        services.close()
    if as_json:
        print_object({"counts": report.counts, "seconds": round(report.seconds, 3)})
    else:
        print_table(("counted", "findings"), report.counts.items())
    for failure in failures:
        fail(failure)
    raise typer.Exit(SURROUNDINGS if failures else DONE)
