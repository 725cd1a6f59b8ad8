"""`chorus directory`: the public bodies as the platform's directory shows them, and the invoices that they block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.output import DONE, FOUND, SURROUNDINGS, fail, print_lines, print_object, print_table, reader_language
from include.cli.progress_bar import progress_bar
from include.texts import Language, Text

if TYPE_CHECKING:
    from include.application.administration.directory_refresh import EntryChange, HeldEntry, Refreshed
    from include.domain.directory import DirectoryEntry

app = typer.Typer(help="Public bodies as the platform's directory shows them.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command()
def refresh(
    sirets: Annotated[list[str] | None, typer.Argument(help="These bodies; left out: every body in use.")] = None,
    as_json: Json = False,
) -> None:
    """Asks the platform anew and says what changed. Invoices that use a changed entry are assessed again."""
    from include import bootstrap
    from include.application.administration.directory_refresh import refresh_directory
    from include.application.administration.recipients import checked_siret

    named = [checked_siret(siret) for siret in sirets or ()]
    services = bootstrap.services()
    try:
        with progress_bar() as watch:
            report = refresh_directory(
                cache=services.store.directory,
                book=services.store.directory,
                providers=services.store.providers,
                chorus=services.chorus,
                configuration=services.store.configuration.current()[1],
                clock=services.clock,
                sirets=named,
                watch=watch,
            )
    finally:
        services.close()
    language = reader_language(as_json=as_json)
    if as_json:
        rows = [_refreshed(body, language) for body in report.bodies]
        print_object({"bodies": rows, "changed": sum(bool(body.changes) for body in report.bodies)})
    else:
        columns = ("environment", "siret", "name", "outcome", "changes")
        print_table(columns, (_row(body, language) for body in report.bodies))
    for failure in report.failures:
        fail(failure)
    missing = named and not all(body.known for body in report.bodies)
    raise typer.Exit(SURROUNDINGS if report.failures else FOUND if missing else DONE)


def _refreshed(body: Refreshed, language: Language) -> dict[str, Any]:
    import dataclasses

    entry = body.entry
    return {
        "environment": body.environment,
        "siret": body.siret,
        "name": entry.name if entry else None,
        "known": body.known,
        "active": entry.active if entry else None,
        "outcome": _outcome(body),
        "message": body.refusal.message(language) if body.refusal is not None else None,
        "changes": [dataclasses.asdict(change) for change in body.changes],
    }


OUTCOMES = ("refused", "not asked", "unknown to the platform", "changed", "new", "unchanged")
REFUSED, NOT_ASKED, UNKNOWN, CHANGED, NEW, UNCHANGED = OUTCOMES


def _outcome(body: Refreshed) -> str:
    if body.refusal is not None:
        return REFUSED
    if body.entry is None:
        return NOT_ASKED
    if not body.known:
        return UNKNOWN
    return CHANGED if body.changes else NEW if body.new else UNCHANGED


def _row(body: Refreshed, language: Language) -> tuple[object, ...]:
    """A body that was asked for as one row for people."""
    outcome = _outcome(body) if body.refusal is None else body.refusal.message(language)
    changes = tuple(_change(change) for change in body.changes)
    return body.environment, body.siret, body.entry and body.entry.name, outcome, changes


def _change(change: EntryChange) -> Text:
    told = {"fact": Text(f"fact.{change.what}"), "before": _value(change.before), "after": _value(change.after)}
    if change.service:
        return Text("cell.service_changed", {"service": change.service, **told})
    return Text("cell.changed", told)


def _value(value: object) -> object:
    """A fact of the directory as a part of a text."""
    return Text("cell.yes" if value else "cell.no") if isinstance(value, bool) else "" if value is None else value


@app.command("list")
def list_(
    blocked: Annotated[bool, typer.Option("--blocked", help="Only what blocks invoices.")] = False,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="What this user would see.")] = None,
    as_json: Json = False,
) -> None:
    """Lists the bodies that we asked for, their services, and the unsent invoices that they block."""
    from include import bootstrap
    from include.application.administration.directory_refresh import list_directory
    from include.application.views.filters import viewer_of

    services = bootstrap.services()
    try:
        viewer = viewer_of(services.store.configuration.current()[1], user)
        held = list_directory(services.store.directory, services.clock, viewer)
    finally:
        services.close()
    chosen = [entry for entry in held if entry.blocked or not blocked]
    if as_json:
        print_lines(_held(entry) for entry in chosen)
        return
    columns = ("environment", "siret", "name", "active", "services", "age_hours", "blocked", "documents")
    print_table(columns, (_held_row(entry) for entry in chosen))


def _held(held: HeldEntry) -> dict[str, Any]:
    entry = held.entry
    return {
        "environment": held.environment,
        "siret": entry.siret,
        "name": entry.name,
        "known": entry.structure_id != 0,
        "active": entry.active,
        "services": [{"code": s.code, "name": s.name, "active": s.active} for s in entry.services],
        "fetched_at": entry.fetched_at,
        "age_hours": _age_hours(held),
        "unsent": held.uses,
        "blocked": len(held.blocked),
        "blocked_services": held.blocked_services,
        "invoices": [use.invoice_id for use in held.blocked],
        "documents": [use.document_id for use in held.blocked],
    }


def _held_row(held: HeldEntry) -> tuple[object, ...]:
    """A body that we hold as one row for people."""
    entry, documents = held.entry, [use.document_id for use in held.blocked]
    body = (held.environment, entry.siret, entry.name, entry.active, _codes(entry))
    return *body, _age_hours(held), len(held.blocked), documents


def _age_hours(held: HeldEntry) -> float:
    return round(held.age.total_seconds() / 3600, 1)


def _codes(entry: DirectoryEntry) -> Text | str:
    """Service codes, those in use first; the closed ones are named as such."""
    active, closed = (", ".join(s.code for s in entry.services if s.active is in_use) for in_use in (True, False))
    return Text("cell.closed_services", {"active": active, "closed": closed}) if closed else active
