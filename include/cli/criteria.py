"""`chorus criteria`: what each criterion takes of the portal as it stands, and explicit back-fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.documents import As
from include.cli.output import DONE, FOUND, print_object, print_table, reader_language, say, say_if_unconfigured
from include.texts import Text

if TYPE_CHECKING:
    from include.application.intake.preview_criteria import CriteriaReport, Why
    from include.application.ports.portal_documents import StoredDocument
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
    from include import bootstrap
    from include.application.intake.preview_criteria import try_criteria
    from include.application.ports.document_views import DocumentFilter
    from include.application.views.filters import viewer_of

    services = bootstrap.services()
    try:
        configuration = services.store.configuration.current()[1]
        who = None if user is None else viewer_of(configuration, user)
        views = services.store.document_views
        visible = None if who is None else {row.id for row in views.rows(who, DocumentFilter())}
        report = try_criteria(services.store.portal_stock, configuration, visible)
    finally:
        services.close()
    say_if_unconfigured(configuration)
    if not report.documents and user is None:
        say("never_looked", err=True)
    if as_json:
        print_object(_as_json(report, reader_language(as_json=True)))
        return
    print_table(
        ("criterion", "providers", "since", "takes", "older_than_since", "other_supplier"),
        [
            (
                r.criterion.name,
                ", ".join(r.criterion.providers),
                Text("cell.always") if r.criterion.since == "always" else r.criterion.since,
                len(r.taken),
                r.older,
                r.out_of_scope,
            )
            for r in report.criteria
        ],
    )
    left = report.not_taken
    print_table(
        ("id", "document", "why_not"),
        [
            (d.stored.document_id, d.stored.document.portal_id, " ".join(_told(d.reasons, reader_language())))
            for d in left[:limit]
        ],
        title=Text("title.taken_by_none", {"number": len(left), "all": len(report.documents)}),
    )
    if len(left) > limit:
        say("more", count=len(left) - limit)


@app.command()
def backfill(
    name: Annotated[str, typer.Argument(help="The criterion.")],
    apply: Annotated[bool, typer.Option("--apply", help="Take them; without it they are only shown.")] = False,
    as_json: Json = False,
) -> None:
    """Shows the documents older than the criterion's `since` that it would take; with --apply it takes them.

    Exit code 1 when some of them could not be copied from the portal now: the next pass takes those by itself.
    """
    from include import bootstrap
    from include.application.intake.include_older import older_documents, take_older
    from include.domain.rights import OWNER

    services = bootstrap.services()
    try:
        configuration = services.store.configuration.current()[1]
        stock = services.store.portal_stock
        older = list(older_documents(stock, configuration, name))
        taken = 0
        postponed: tuple[str, ...] = ()
        if apply and older:
            take_older(stock, older, name, services.clock, actor=services.settings.actor, viewer=OWNER)
            matched = services.pipeline().match([stored.document_id for stored in older])
            taken, postponed = matched.matched, matched.postponed
    finally:
        services.close()
    if as_json:
        documents = [_row(stored) for stored in older]
        print_object(
            {"criterion": name, "applied": apply, "taken": taken, "postponed": postponed, "documents": documents}
        )
    else:
        rows = [(s.document_id, s.document.portal_id, s.document.arrived_at) for s in older]
        print_table(
            ("id", "document", "arrived"),
            rows,
            title=Text("title.older_documents", {"name": name, "number": len(older)}),
        )
        say("taken" if apply else "not_taken", count=taken)
    for portal_id in postponed:
        say("not_copied", err=True, portal_id=portal_id)
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
            "state": d.stored.row_version.state,
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
