"""`chorus invoices recycle`, `complete`, `reject-handled`: what a person does about returned invoices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.documents import Json
from include.cli.output import DONE, FOUND, print_object, print_table, print_text, reader_language

if TYPE_CHECKING:
    from include.application.tracking.correct_invoice import CorrectionService
    from include.application.tracking.correction_case import CorrectionReport, NewFile

Reference = Annotated[str, typer.Argument(metavar="ID", help="Our id, or cpro:<number> for the platform's.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Ask Chorus Pro and show the proposal; send nothing.")]
Comment = Annotated[str | None, typer.Option(help="For the recipient, at most 2000 characters.")]


def recycle(
    invoice: Reference,
    recipient: Annotated[str | None, typer.Option(help="SIRET of the right body; the present one if left out.")] = None,
    service: Annotated[str | None, typer.Option(help="Code of the right service.")] = None,
    engagement: Annotated[str | None, typer.Option(help="The right engagement number.")] = None,
    comment: Comment = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Sends an invoice on that came back as A_RECYCLER: only body, service and engagement can change."""
    from include.domain.errors import InputError
    from include.domain.values import normalise_siret

    siret = normalise_siret(recipient) if recipient is not None else None
    if recipient is not None and siret is None:
        raise InputError("recipient_no_siret", recipient=recipient)
    _run(
        lambda corrections: [
            corrections.recycle(
                invoice, recipient=siret, service=service, engagement=engagement, comment=comment, dry_run=dry_run
            )
        ],
        as_json,
    )


def complete(
    invoice: Reference,
    comment: Comment = None,
    attach: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="A file to add; may be repeated.")
    ] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="Its type code on Chorus Pro, in the order of the files.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Adds what the recipient of a suspended invoice (SUSPENDUE) asked for: files, a comment."""
    files = _files(attach or [], type_ or [])
    _run(lambda corrections: [corrections.complete(invoice, comment=comment, files=files, dry_run=dry_run)], as_json)


def reject_handled(
    invoices: Annotated[list[str], typer.Argument(metavar="ID...", help="Our id, or cpro:<number>.")],
    successor: Annotated[
        int | None, typer.Option(help="The document that replaces it, sent with a new number (documents list).")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Says that rejections (REJETEE) were dealt with: they leave the list of what is to be done."""
    from include.domain.errors import InputError

    if successor is not None and len(invoices) > 1:
        raise InputError("one_successor")
    _run(
        lambda corrections: [
            corrections.reject_handled(one, successor_document=successor, dry_run=dry_run) for one in invoices
        ],
        as_json,
    )


def _files(paths: list[Path], types: list[str]) -> list[NewFile]:
    from include.adapters.local_files import read_named_file
    from include.application.ports.portal import MAX_BYTES
    from include.application.tracking.correction_case import NewFile
    from include.domain.errors import InputError

    if types and len(types) != len(paths):
        raise InputError("types_and_files", files=len(paths), types=len(types))
    codes: list[str | None] = [*types] if types else [None] * len(paths)
    return [
        NewFile(name=path.name, content=read_named_file(path, limit=MAX_BYTES), type_code=code)
        for path, code in zip(paths, codes, strict=True)
    ]


def _run(work: Callable[[CorrectionService], list[CorrectionReport]], as_json: bool) -> None:
    from include import bootstrap
    from include.domain.rights import OWNER

    services = bootstrap.services()
    try:
        reports = work(services.correction_service(viewer=OWNER))
    finally:
        services.close()
    for report in reports:
        row = report.shown(reader_language(as_json=as_json))
        if as_json:
            print_object(row)
        else:
            _print(row)
    raise typer.Exit(DONE if all(report.complete for report in reports) else FOUND)


def _print(row: dict[str, Any]) -> None:
    """The invoice, what the recipient said, what is or would be sent, and why not."""
    columns = ("invoice", "status", "since", "days_left", "outcome")
    line = (row["invoice_number"], row["status"], row["status_at"], row["days_left"], row["outcome"])
    print_table(columns, [line])
    if row["status_comment"]:
        print_text(row["status_comment"])
    present, proposal = row["present"], row["proposal"]
    values = [(name, present.get(name), value) for name, value in proposal.items() if value not in (None, [])]
    print_table(("what", "on_chorus_pro", "proposal"), values)
    for reason in row["reasons"]:
        print_text(reason["message"])
