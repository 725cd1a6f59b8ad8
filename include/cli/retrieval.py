"""`chorus run retrieval`, `chorus run watch`, `chorus retrieval status`: what became of invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.output import (
    DONE,
    SURROUNDINGS,
    fail,
    print_lines,
    print_object,
    print_table,
    print_text,
    reader_language,
    say,
)
from include.cli.progress_bar import progress_bar
from include.texts import Language, said_stored

if TYPE_CHECKING:
    from include.application.progress import Watch
    from include.application.tracking.retrieve_invoices import RetrievalReport, RetrievalStanding
    from include.bootstrap import Services
    from include.domain.configuration import Provider

app = typer.Typer(help="How the retrieval of each provider stands.", no_args_is_help=True)

_DAY = ["%Y-%m-%d"]
Providers = Annotated[list[str] | None, typer.Option("--provider", help="These only (name or SIRET).")]
NoNotify = Annotated[bool, typer.Option("--no-notify", help="Do not mail.")]
Json = Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")]


def retrieval(
    provider: Providers = None,
    from_: Annotated[
        dt.datetime | None, typer.Option("--from", formats=_DAY, help="Statuses since this day (Paris), again.")
    ] = None,
    to: Annotated[
        dt.datetime | None, typer.Option("--to", formats=_DAY, help="Last day; what came after it is taken along.")
    ] = None,
    no_notify: NoNotify = False,
    as_json: Json = False,
) -> None:
    """One pass of the nightly flow: what changed on Chorus Pro since the last one, the first time everything.

    With --from (and --to): a window that is asked for again; the next pass is not moved by it.
    """
    from include import bootstrap
    from include.application.operations.watchdog import RETRIEVAL
    from include.application.tracking.retrieve_invoices import in_mode, retrieve_invoices, window_start

    since = window_start(from_.date() if from_ else None, to.date() if to else None)
    services = bootstrap.services()
    retrieving = services.retrieving()
    chosen = _chosen(services, provider) or in_mode(retrieving.configuration, "local")
    flow = None if provider or since else RETRIEVAL
    _pass(
        services,
        chosen,
        lambda one, watch: retrieve_invoices(one, retrieving, since=since, watch=watch),
        not no_notify,
        as_json,
        flow,
    )


def watch(provider: Providers = None, no_notify: NoNotify = False, as_json: Json = False) -> None:
    """One pass of the hourly watch: status changes of providers in Remote mode."""
    from include import bootstrap
    from include.application.operations.watchdog import WATCH
    from include.application.tracking.retrieve_invoices import in_mode, watch_statuses

    services = bootstrap.services()
    retrieving = services.retrieving()
    chosen = _chosen(services, provider) or in_mode(retrieving.configuration, "remote")
    flow = None if provider else WATCH
    _pass(
        services, chosen, lambda one, watch: watch_statuses(one, retrieving, watch=watch), not no_notify, as_json, flow
    )


@app.callback()
def _group() -> None:
    """Keeps `status` a sub-command while it is the only one."""


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Shows for each provider when it was last retrieved to the end, with counts, and what is wrong."""
    from include import bootstrap
    from include.application.tracking.retrieve_invoices import retrieval_status

    services = bootstrap.services()
    language = reader_language(as_json=as_json)
    rows = retrieval_status(services.retrieving())
    if as_json:
        print_lines(_in_json(row, language) for row in rows)
        return
    columns = ("provider", "loading", "last_good_at", "full_at", "histories_waiting", "failure")
    print_table(columns, (_row(row, language) for row in rows))


def _in_json(row: RetrievalStanding, language: Language) -> dict[str, object]:
    record = {**vars(row.record), "failure": _failure(row, language)}
    known = {"provider": row.provider.name, "loading": row.provider.loading, **record}
    return {**known, "histories_waiting": row.histories_waiting}


def _row(row: RetrievalStanding, language: Language) -> tuple[object, ...]:
    """The retrieval of one provider as one row for people."""
    provider, record = row.provider, row.record
    loaded = (record.last_good_at, record.full_at, row.histories_waiting)
    return provider.name, provider.loading, *loaded, _failure(row, language)


def _failure(row: RetrievalStanding, language: Language) -> str | None:
    return row.record.failure and said_stored(row.record.failure, language)


def _chosen(services: Services, names: list[str] | None) -> list[Provider]:
    from include.application.providers.find_provider import find_provider

    _, configuration = services.store.configuration.current()
    return [find_provider(configuration, name) for name in names or ()]


def _pass(
    services: Services,
    chosen: list[Provider],
    work: Callable[[Provider, Watch], RetrievalReport],
    notify: bool,
    as_json: bool,
    flow: str | None,
) -> None:
    """With `flow`: this was a whole pass of it."""
    from include.application.tracking.retrieve_invoices import for_each

    try:
        with progress_bar() as watch:
            done = for_each(chosen, lambda one: work(one, watch), services.clock, services.store.internal_errors)
        if notify:
            done.failures += services.pipeline().notify().failures
        if flow is not None:
            record = services.store.watch.record_failure if done.failures else services.store.watch.record_pass
            record(flow, now=services.clock.now())
    finally:
        services.close()
    if as_json:
        print_object({"counts": done.counts, "seconds": round(done.seconds, 3)})
    else:
        print_table(("counted", "invoices"), done.counts.items())
    for note in done.notes:
        print_text(note, err=True)
    if not chosen:
        say("nobody_loaded_so", err=True)
    for one in done.failures:
        fail(one)
    raise typer.Exit(SURROUNDINGS if done.failures else DONE)
