"""`chorus archive`: finished years in packs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from include.cli.documents import As, Json
from include.cli.invoices import LISTED, listed_row
from include.cli.output import DONE, FOUND, fail, print_lines, print_object, print_table, say, show_progress

if TYPE_CHECKING:
    from include.bootstrap import Services

_MOST = 1000


def archive(
    before: Annotated[
        dt.datetime | None,
        typer.Option("--before", formats=["%Y-%m-%d"], help="Finished before this day (Paris): 2024-01-01."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only; also without --apply.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Move them into packs.")] = False,
    search: Annotated[
        str | None, typer.Option("--search", help="Archived ones: part of number, file, recipient, Chorus Pro id.")
    ] = None,
    bring_back: Annotated[
        list[str] | None, typer.Option("--bring-back", metavar="ID", help="Puts this one back; several times.")
    ] = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Moves finished invoices into packs in the content store, finds them there, and brings them back.

    They leave the lists; `invoices show`, `invoices evidence` and `documents show` answer as before, and what was sent
    is never sent again.
    """
    from include import bootstrap
    from include.domain.errors import InputError

    chosen = [before is not None, search is not None, bool(bring_back)]
    if sum(chosen) != 1 or (dry_run and apply):
        raise InputError("archive_what")
    services = bootstrap.services()
    if search is not None:
        _search(services, search, user, as_json)
    elif bring_back:
        raise typer.Exit(_bring_back(services, bring_back))
    elif before is not None:
        _archive(services, before.date(), apply, as_json)


def _archive(services: Services, day: dt.date, apply: bool, as_json: bool) -> None:
    from include.application.operations.archive import archive as archive_finished
    from include.domain.configuration.base import PARIS

    report = archive_finished(
        services.store.archive,
        services.packs,
        services.clock,
        before=dt.datetime.combine(day, dt.time(), tzinfo=PARIS),
        apply=apply,
        on_progress=show_progress,
    )
    if as_json:
        told = {"years": {str(year): count for year, count in report.years.items()}, "found": report.found}
        moved = {"archived": report.archived, "packs": report.packs, "bytes_packed": report.bytes_packed}
        print_object({"applied": apply, "before": day, **told, **moved})
        return
    print_table(("year", "count"), report.years.items())
    if apply:
        say("archived", count=report.archived, packs=len(report.packs), megabytes=f"{report.bytes_packed / 1e6:.1f}")
    else:
        say("archive_dry_run", count=report.found)


def _search(services: Services, text: str, user: str | None, as_json: bool) -> None:
    from include.application.views import json_rows
    from include.application.views.filters import viewer_of

    _, configuration = services.store.configuration.current()
    found = services.store.archive.search(viewer_of(configuration, user), text, limit=_MOST)
    if as_json:
        print_lines(json_rows.archived(one, configuration) for one in found)
    else:
        print_table(LISTED, (listed_row(one, configuration) for one in found))


def _bring_back(services: Services, references: list[str]) -> int:
    from include.domain.errors import NotThereError

    code = DONE
    for reference in references:
        found = services.store.archive.bring_back(reference)
        if found is None:
            fail(NotThereError("not_archived", reference=reference))
            code = FOUND
        else:
            say("brought_back", reference=reference)
    return code
