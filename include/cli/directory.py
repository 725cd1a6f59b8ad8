"""`chorus directory`: the public bodies as the platform's directory shows them, and the invoices that they block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.output import DONE, FOUND, SURROUNDINGS, fail, print_lines, print_object, print_table

if TYPE_CHECKING:
    from include.application.directory_refresh import HeldEntry, Refreshed

app = typer.Typer(help="Public bodies as the platform's directory shows them.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


@app.command()
def refresh(
    sirets: Annotated[list[str] | None, typer.Argument(help="These bodies; left out: every body in use.")] = None,
    as_json: Json = False,
) -> None:
    """Asks the platform anew and says what changed. Invoices that use a changed entry are judged again."""
    from include.application.directory_refresh import refresh_directory
    from include.application.recipients import checked_siret
    from include.bootstrap import services

    named = [checked_siret(siret) for siret in sirets or ()]
    found = services()
    try:
        report = refresh_directory(
            cache=found.store.directory,
            book=found.store.directory,
            providers=found.store.providers,
            chorus=found.chorus,
            configuration=found.store.configuration.current()[1],
            clock=found.clock,
            sirets=named,
        )
    finally:
        found.close()
    rows = [_refreshed(body) for body in report.bodies]
    if as_json:
        print_object({"bodies": rows, "changed": sum(bool(body.changes) for body in report.bodies)})
    else:
        columns = ("environment", "siret", "name", "outcome", "changes")
        print_table(columns, [(r["environment"], r["siret"], r["name"], r["outcome"], _in_words(r)) for r in rows])
    for trouble in report.troubles:
        fail(trouble)
    missing = named and not all(body.known for body in report.bodies)
    raise typer.Exit(SURROUNDINGS if report.troubles else FOUND if missing else DONE)


def _refreshed(body: Refreshed) -> dict[str, Any]:
    import dataclasses

    entry = body.entry
    return {
        "environment": body.environment,
        "siret": body.siret,
        "name": entry.name if entry else None,
        "known": body.known,
        "active": entry.active if entry else None,
        "outcome": _outcome(body),
        "changes": [dataclasses.asdict(change) for change in body.changes],
    }


def _outcome(body: Refreshed) -> str:
    if body.refusal is not None:
        return body.refusal.message("en")
    if body.entry is None:
        return "not asked"
    if not body.known:
        return "unknown to the platform"
    return "changed" if body.changes else "new" if body.new else "unchanged"


def _in_words(row: dict[str, Any]) -> str:
    told = []
    for change in row["changes"]:
        where = f"service {change['service']} " if change["service"] else ""
        told.append(f"{where}{change['what']}: {change['before']} -> {change['after']}")
    return "; ".join(told)


@app.command("list")
def list_(
    blocked: Annotated[bool, typer.Option("--blocked", help="Only what blocks invoices.")] = False,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="What this user would see.")] = None,
    as_json: Json = False,
) -> None:
    """Lists the bodies that we asked for, their services, and the unsent invoices that they block."""
    from include.application.directory_refresh import list_directory
    from include.application.listing import viewer_of
    from include.bootstrap import services

    found = services()
    try:
        viewer = viewer_of(found.store.configuration.current()[1], user)
        held = list_directory(found.store.directory, found.clock, viewer)
    finally:
        found.close()
    rows = [_held(entry) for entry in held if entry.blocked or not blocked]
    if as_json:
        print_lines(rows)
        return
    columns = ("environment", "siret", "name", "active", "services", "age_hours", "blocked", "documents")
    print_table(columns, [(*(r[name] for name in columns[:4]), _codes(r), *(r[n] for n in columns[5:])) for r in rows])


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
        "age_hours": round(held.age.total_seconds() / 3600, 1),
        "unsent": held.uses,
        "blocked": len(held.blocked),
        "blocked_services": held.blocked_services,
        "invoices": [use.invoice_id for use in held.blocked],
        "documents": [use.document_id for use in held.blocked],
    }


def _codes(row: dict[str, Any]) -> str:
    """Service codes, the closed ones in brackets."""
    return ", ".join(s["code"] if s["active"] else f"({s['code']} closed)" for s in row["services"])
