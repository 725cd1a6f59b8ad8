"""`chorus run retrieval`, `chorus run watch`, `chorus retrieval status`: what became of invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.output import DONE, SURROUNDINGS, fail, print_lines, print_object, print_table

if TYPE_CHECKING:
    from include.application.retrieve_invoices import RetrievalReport
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
    from include.application.retrieve_invoices import in_mode, retrieve_invoices, window_start
    from include.bootstrap import services

    since = window_start(from_.date() if from_ else None, to.date() if to else None)
    found = services()
    use = found.retrieving()
    chosen = _chosen(found, provider) or in_mode(use.configuration, "local")
    _pass(found, chosen, lambda one: retrieve_invoices(one, use, since=since), not no_notify, as_json)


def watch(provider: Providers = None, no_notify: NoNotify = False, as_json: Json = False) -> None:
    """One pass of the hourly watch: status changes of providers in Remote mode."""
    from include.application.retrieve_invoices import in_mode, watch_statuses
    from include.bootstrap import services

    found = services()
    use = found.retrieving()
    chosen = _chosen(found, provider) or in_mode(use.configuration, "remote")
    _pass(found, chosen, lambda one: watch_statuses(one, use), not no_notify, as_json)


@app.callback()
def _group() -> None:
    """Keeps `status` a sub-command while it is the only one."""


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Shows for each provider when it was last retrieved to the end, with counts, and what is wrong."""
    from include.application.retrieve_invoices import retrieval_status
    from include.bootstrap import services

    rows = retrieval_status(services().retrieving())
    if as_json:
        print_lines(rows)
        return
    columns = ("provider", "loading", "last_good_at", "full_at", "histories_waiting", "failure")
    print_table(columns, ([row[name] for name in columns] for row in rows))


def _chosen(found: Services, names: list[str] | None) -> list[Provider]:
    river = found.river() if names else None
    return [river.provider(name) for name in names or ()] if river else []


def _pass(
    found: Services,
    chosen: list[Provider],
    work: Callable[[Provider], RetrievalReport],
    notify: bool,
    as_json: bool,
) -> None:
    from include.application.retrieve_invoices import for_each

    try:
        done = for_each(chosen, work, found.clock)
        if notify:
            trouble = found.river().notify().trouble
            done.troubles += [trouble] if trouble else []
    finally:
        found.close()
    if as_json:
        print_object({"counts": done.counts, "seconds": round(done.seconds, 3)})
    else:
        print_table(("what", "invoices"), done.counts.items())
    for note in done.notes:
        typer.echo(note, err=True)
    if not chosen:
        typer.echo("No provider is loaded this way: see providers.loading in the configuration.", err=True)
    for one in done.troubles:
        fail(one)
    raise typer.Exit(SURROUNDINGS if done.troubles else DONE)
