"""`chorus invoices`: what was sent, and what the platform says of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from include.cli.comparison import compare
from include.cli.corrections import complete, recycle, reject_handled
from include.cli.documents import As, Json
from include.cli.evidence import References, evidence, verify
from include.cli.output import (
    DONE,
    FOUND,
    SURROUNDINGS,
    fail,
    print_lines,
    print_object,
    print_table,
    say_if_unconfigured,
)
from include.cli.table_files import Csv, Excel, Parquet, asked_for

app = typer.Typer(help="Invoices on Chorus Pro.", no_args_is_help=True)
app.command()(recycle)
app.command()(complete)
app.command("reject-handled")(reject_handled)
app.command()(compare)

_DAY = ["%Y-%m-%d"]
LISTED = ("id", "chorus_id", "provider", "invoice_number", "state", "status", "recipient_siret", "total_incl_tax")
app.command()(evidence)
app.command()(verify)


@app.command("list")
def list_(
    provider: Annotated[str | None, typer.Option(help="Only those of this provider (name or SIRET).")] = None,
    status: Annotated[str | None, typer.Option(help="Only those with this Chorus Pro status.")] = None,
    from_: Annotated[dt.datetime | None, typer.Option("--from", formats=_DAY, help="First day (Paris).")] = None,
    to: Annotated[dt.datetime | None, typer.Option("--to", formats=_DAY, help="Last day (Paris).")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask Chorus Pro now, for providers in Remote mode or the one named.")
    ] = False,
    csv: Csv = None,
    parquet: Parquet = None,
    excel: Excel = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Lists everything that was ever sent, also what the platform does not know yet (without status)."""
    from include.application.export_invoices import columns, export_invoices
    from include.application.listing import Filters, list_invoices
    from include.bootstrap import services
    from include.cli.live_listing import last_retrievals, list_live
    from include.domain.errors import InputError

    file = asked_for(csv=csv, parquet=parquet, excel=excel)
    found = services()
    _, configuration = found.store.configuration.current()
    if live and file is not None:
        raise InputError(f"--{file.form} writes stored rows, --live asks Chorus Pro.", todo="Leave one of them out.")
    days = (from_.date() if from_ else None, to.date() if to else None)
    if live:
        raise typer.Exit(list_live(found, provider=provider, status=status, days=days, user=user, as_json=as_json))
    say_if_unconfigured(configuration)
    wanted = Filters(status=status, provider=provider, from_date=days[0], to_date=days[1])
    language = found.settings.language
    if file is not None:
        words = language if file.form.for_people else None
        rows = export_invoices(found.store.listings, configuration, wanted, language=words, user=user)
        file.write(columns(language), rows)
        return
    listed = list_invoices(
        found.store.listings,
        configuration,
        wanted,
        language=found.settings.json_language if as_json else language,
        user=user,
    )
    if as_json:
        print_lines(listed)
        return
    for line in last_retrievals(found):
        typer.echo(line)
    print_table(LISTED, ([row[name] for name in LISTED] for row in listed))


@app.command()
def show(ids: References, user: As = None, as_json: Json = False) -> None:
    """Shows invoices with their attempts, the platform's raw answers and their moves."""
    from include.application.listing import show_invoice
    from include.bootstrap import services
    from include.domain.correction import days_left
    from include.domain.errors import NotThereError
    from include.domain.lifecycle import State

    found = services()
    _, configuration = found.store.configuration.current()
    language = found.settings.json_language if as_json else found.settings.language
    missing, now = False, found.clock.now()
    for reference in ids:
        row = show_invoice(found.store.listings, configuration, reference, language=language, user=user)
        if row is None:
            fail(NotThereError(f"There is no invoice {reference}.", todo="`chorus invoices list` shows the ids."))
            missing = True
            continue
        row["days_left"] = days_left(State(row["state"]), row["status"], row["status_at"], now)
        if as_json:
            print_object(row)
        else:
            standing = (row["invoice_number"], row["state"], row["status"], row["days_left"])
            print_table(("invoice", "state", "status", "days left"), [standing])
            tries = [
                (a["id"], a["state"], a["claimed_at"], a["chorus_id"], a["refusal_label"]) for a in row["attempts"]
            ]
            print_table(("attempt", "state", "claimed at", "Chorus Pro id", "refusal"), tries, title="Attempts")
            history = [(m["at"], m["from"], m["to"], m["cause"], m["actor"]) for m in row["moves"]]
            print_table(("at", "from", "to", "cause", "actor"), history, title="Moves")
            told = [(e["at"], e["kind"], e["code"], e["comment"]) for e in row["history"]]
            print_table(("at", "what", "code", "comment"), told, title="History on Chorus Pro")
    raise typer.Exit(FOUND if missing else DONE)


@app.command()
def retry(ids: References, as_json: Json = False) -> None:
    """Tries again: an unknown outcome is searched first, never sent first; a refused one is judged again."""
    from include.application.resend import retry_invoices
    from include.bootstrap import services

    found = services()
    try:
        report = retry_invoices(found.river(), found.store.listings, ids, actor=found.settings.actor)
    finally:
        found.close()
    if as_json:
        print_object({"invoices": report.outcomes, "counts": report.counts})
    else:
        print_table(("invoice", "outcome"), [(o["id"], o["outcome"]) for o in report.outcomes])
    for trouble in report.troubles:
        fail(trouble)
    raise typer.Exit(SURROUNDINGS if report.troubles else DONE if report.complete else FOUND)
