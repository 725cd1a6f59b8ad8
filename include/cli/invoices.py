"""`chorus invoices`: what was sent, and what the platform says of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.comparison import compare
from include.cli.corrections import complete, recycle, reject_handled
from include.cli.documents import As, Json, print_moves
from include.cli.evidence import References, evidence, verify
from include.cli.output import (
    DONE,
    FOUND,
    SURROUNDINGS,
    fail,
    print_lines,
    print_object,
    print_table,
    print_text,
    reader_language,
    say_if_unconfigured,
)
from include.cli.table_files import Csv, Excel, Parquet, asked_for
from include.texts import Text

if TYPE_CHECKING:
    from include.application.ports.archive import ArchivedInvoice
    from include.application.ports.invoice_views import InvoiceDetail, InvoiceRow
    from include.domain.configuration import Configuration
    from include.domain.reasons import Language

app = typer.Typer(help="Invoices on Chorus Pro.", no_args_is_help=True)
app.command()(recycle)
app.command()(complete)
app.command("reject-handled")(reject_handled)
app.command()(compare)

_DAY = ["%Y-%m-%d"]
LISTED = ("id", "chorus_id", "provider", "invoice_number", "state", "status", "recipient_siret", "total_incl_tax")
RETURNED = ("id", "provider", "invoice_number", "status", "status_at", "comment", "action", "deadline")
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
    text: Annotated[
        str | None, typer.Option("--search", help="Part of the number, file, recipient's name or SIRET, Chorus Pro id.")
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that should have been paid by today.")] = False,
    csv: Csv = None,
    parquet: Parquet = None,
    excel: Excel = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Lists everything that was ever sent, also what the platform does not know yet (without status)."""
    from include import bootstrap
    from include.application.views import json_rows
    from include.application.views.export_invoices import columns, export_invoices
    from include.application.views.filters import invoice_filter, viewer_of
    from include.cli.live_listing import list_live, tell_last_retrievals
    from include.domain.configuration.base import PARIS
    from include.domain.errors import InputError

    file = asked_for(csv=csv, parquet=parquet, excel=excel)
    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    if live and file is not None:
        raise InputError("live_into_a_file", form=file.form)
    days = (from_.date() if from_ else None, to.date() if to else None)
    if live:
        raise typer.Exit(list_live(services, provider=provider, status=status, days=days, user=user, as_json=as_json))
    say_if_unconfigured(configuration)
    statuses = [status] if status else []
    today = services.clock.now().astimezone(PARIS).date()
    wanted = invoice_filter(
        configuration,
        text=text,
        statuses=statuses,
        provider=provider,
        deposited=days,
        overdue_on=today if overdue else None,
    )
    language, who = reader_language(), viewer_of(configuration, user)
    views = services.store.invoice_views
    if file is not None:
        words = language if file.form.for_people else None
        file.write(columns(language), export_invoices(views, configuration, who, wanted, words, today=today))
        return
    rows = views.rows(who, wanted)
    if as_json:
        words = reader_language(as_json=True)
        print_lines(json_rows.invoice(row, configuration, words, today=today) for row in rows)
        return
    tell_last_retrievals(services)
    print_table(LISTED, (listed_row(row, configuration) for row in rows))


def listed_row(row: InvoiceRow | ArchivedInvoice, configuration: Configuration) -> tuple[object, ...]:
    """An invoice as one row for people, with the columns LISTED."""
    from include.application.views.filters import provider_name

    provider = provider_name(configuration, row.provider_key)
    known = (row.invoice_number, row.state, row.status, row.recipient_siret, row.total_incl_tax)
    return row.id, row.chorus_id, provider, *known


@app.command()
def returned(
    tab: Annotated[str | None, typer.Argument(help="suspended, to_recycle or rejected; left out: all.")] = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Lists what recipients gave back: the command that answers it, and until when Chorus Pro lets one wait."""
    from include import bootstrap
    from include.application.ports.paging import every
    from include.application.views import json_rows
    from include.application.views.filters import returned_filter, viewer_of
    from include.domain.configuration.base import PARIS

    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    viewer, wanted = viewer_of(configuration, user), returned_filter(tab)
    today = services.clock.now().astimezone(PARIS).date()
    words = reader_language(as_json=as_json)
    found = every(lambda request: services.store.invoice_views.page(viewer, wanted, request), sort="deadline")
    if as_json:
        print_lines(json_rows.returned(row, configuration, words, today=today) for row in found)
        return
    print_table(RETURNED, (_returned_row(row, configuration) for row in found))


def _returned_row(row: InvoiceRow, configuration: Configuration) -> tuple[object, ...]:
    """A returned invoice as one row for people, with the columns RETURNED."""
    from include.application.views.filters import provider_name
    from include.application.views.json_rows import action
    from include.domain.correction import acknowledge_by

    given_back = (row.status, row.status_at, row.comment, action(row.status), acknowledge_by(row.status, row.status_at))
    return row.id, provider_name(configuration, row.provider_key), row.invoice_number, *given_back


@app.command()
def show(ids: References, user: As = None, as_json: Json = False) -> None:
    """Shows invoices with their attempts, the platform's raw answers and their moves."""
    from include import bootstrap
    from include.application.views.filters import viewer_of
    from include.application.views.json_rows import invoice_detail
    from include.domain.configuration.base import PARIS
    from include.domain.correction import days_left
    from include.domain.errors import NotThereError

    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    language = reader_language(as_json=as_json)
    missing, now = False, services.clock.now()
    for reference in ids:
        detail = services.store.invoice_views.detail(viewer_of(configuration, user), reference)
        if detail is None:
            fail(NotThereError("no_such_invoice", reference=reference))
            missing = True
            continue
        left = days_left(detail.row.state, detail.row.status, detail.row.status_at, now)
        if as_json:
            shown = invoice_detail(detail, configuration, language, today=now.astimezone(PARIS).date())
            print_object({**shown, "days_left": left})
        else:
            _print_detail(detail, left, language)
    raise typer.Exit(FOUND if missing else DONE)


def _print_detail(detail: InvoiceDetail, days_left: int | None, language: Language) -> None:
    """One invoice as tables for people."""
    row = detail.row
    standing = (row.invoice_number, row.state, row.status, days_left)
    print_table(("invoice", "state", "status", "days_left"), [standing])
    tries = [
        (
            one.id,
            Text(f"evidence.outcome.{one.state}"),
            one.claimed_at,
            one.chorus_id,
            one.refusal_label or (one.note and one.note.text(language)),
        )
        for one in detail.attempts
    ]
    print_table(("attempt", "outcome", "claimed_at", "chorus_id", "refusal"), tries, title=Text("title.attempts"))
    print_moves(detail.moves, language)
    told = [(one.at, Text(f"evidence.kind.{one.kind}"), one.code, one.comment) for one in detail.history]
    print_table(("at", "what", "status", "comment"), told, title=Text("title.history"))


@app.command()
def retry(ids: References, as_json: Json = False) -> None:
    """Tries again: an unknown outcome is searched first, never sent first; a refused one is assessed again."""
    from include import bootstrap
    from include.domain.rights import OWNER

    services = bootstrap.services()
    try:
        report = services.send_again(viewer=OWNER).invoices(ids)
    finally:
        services.close()
    if as_json:
        print_object({"invoices": [vars(one) for one in report.outcomes], "counts": report.counts})
    else:
        print_table(("invoice", "outcome"), [(one.id, one.outcome) for one in report.outcomes])
    for note in report.notes:
        print_text(note, err=True)
    for failure in report.failures:
        fail(failure)
    raise typer.Exit(SURROUNDINGS if report.failures else DONE if report.complete else FOUND)
