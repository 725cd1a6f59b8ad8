"""`chorus criteria`: what each criterion takes of the portal as it stands, and explicit back-fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.documents import As
from include.cli.output import DONE, FOUND, print_object, print_table, say_if_unconfigured

if TYPE_CHECKING:
    from include.application.criteria_test import CriteriaReport, Why
    from include.application.portal_stock import StoredDocument
    from include.domain.reasons import Language

app = typer.Typer(help="Which documents of the portal are invoices for us.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def test(
    limit: Annotated[int, typer.Option(min=0, help="How many of the documents not taken are shown.")] = 50,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Says which documents each criterion takes of the portal as last seen, and why not. Changes nothing.

    With --as the documents are those that this user sees, in the tables and in the counts.
    """
    from include.application.criteria_test import try_criteria
    from include.application.listing import viewer_of
    from include.application.unconfigured import NEVER_LOOKED
    from include.bootstrap import services

    found = services()
    try:
        configuration = found.store.configuration.current()[1]
        rows = None if user is None else found.store.listings.documents(viewer_of(configuration, user))
        visible = None if rows is None else {row["id"] for row in rows}
        report = try_criteria(found.store.portal_stock, configuration, visible)
    finally:
        found.close()
    say_if_unconfigured(configuration)
    if not report.documents and user is None:
        typer.echo(NEVER_LOOKED, err=True)
    if as_json:
        print_object(_as_json(report, found.settings.json_language))
        return
    print_table(
        ("criterion", "providers", "since", "takes", "older than since", "other supplier"),
        [
            (
                r.criterion.name,
                ", ".join(r.criterion.providers),
                r.criterion.since,
                len(r.taken),
                r.older,
                r.out_of_scope,
            )
            for r in report.criteria
        ],
    )
    left = report.not_taken
    print_table(
        ("id", "document", "why not"),
        [
            (d.stored.document_id, d.stored.document.portal_id, " ".join(_told(d.reasons, found.settings.language)))
            for d in left[:limit]
        ],
        title=f"Taken by no criterion: {len(left)} of {len(report.documents)}",
    )
    if len(left) > limit:
        typer.echo(f"... and {len(left) - limit} more; --json shows all.")


@app.command()
def backfill(
    name: Annotated[str, typer.Argument(help="The criterion.")],
    apply: Annotated[bool, typer.Option("--apply", help="Take them; without it they are only shown.")] = False,
    as_json: Json = False,
) -> None:
    """Shows the documents older than the criterion's `since` that it would take; with --apply it takes them.

    Exit code 1 when some of them could not be copied from the portal now: the next pass takes those by itself.
    """
    from include.application.backfill import older_documents, take_older
    from include.bootstrap import services

    found = services()
    try:
        configuration = found.store.configuration.current()[1]
        stock = found.store.portal_stock
        older = list(older_documents(stock, configuration, name))
        taken = 0
        postponed: tuple[str, ...] = ()
        if apply and older:
            take_older(stock, older, name, found.clock, actor=found.settings.actor)
            matched = found.river().match([stored.document_id for stored in older])
            taken, postponed = matched.matched, matched.postponed
    finally:
        found.close()
    if as_json:
        documents = [_row(stored) for stored in older]
        print_object(
            {"criterion": name, "applied": apply, "taken": taken, "postponed": postponed, "documents": documents}
        )
    else:
        rows = [(s.document_id, s.document.portal_id, s.document.arrived_at) for s in older]
        print_table(("id", "document", "arrived"), rows, title=f"Older documents for {name}: {len(older)}")
        typer.echo(f"{taken} taken." if apply else "Nothing was changed; --apply takes them.")
    for portal_id in postponed:
        typer.echo(f"{portal_id} could not be copied now; the next pass takes it.", err=True)
    raise typer.Exit(FOUND if postponed else DONE)


def _row(stored: StoredDocument) -> dict[str, Any]:
    document = stored.document
    return {
        "id": stored.document_id,
        "portal_id": document.portal_id,
        "name": document.name,
        "arrived_at": document.arrived_at,
    }


def _as_json(report: CriteriaReport, language: Language) -> dict[str, Any]:
    criteria = [
        {
            "name": r.criterion.name,
            "providers": r.criterion.providers,
            "since": r.criterion.since,
            "taken": len(r.taken),
            "older": r.older,
            "out_of_scope": r.out_of_scope,
            "documents": [{"id": s.document_id, "portal_id": s.document.portal_id} for s in r.taken],
        }
        for r in report.criteria
    ]
    documents = [
        {
            **_row(d.stored),
            "state": d.stored.ticket.state,
            "taken_by": d.taken_by,
            "providers": d.providers,
            "reasons": [
                {"criterion": why.criterion, "code": why.reason.code, "message": why.reason.message(language)}
                for why in d.reasons
            ],
        }
        for d in report.documents
    ]
    counts = {"seen": len(documents), "taken": len(documents) - len(report.not_taken)}
    return {"counts": counts, "criteria": criteria, "documents": documents}


def _told(reasons: tuple[Why, ...], language: Language) -> list[str]:
    return [why.reason.message(language) for why in reasons]
