"""Beside `chorus invoices list`: when each provider was last retrieved, and asking the platform now (`--live`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from include.cli.output import DONE, SURROUNDINGS, plain, print_lines, print_table

if TYPE_CHECKING:
    from include.bootstrap import Services


def last_retrievals(found: Services) -> Iterator[str]:
    """One line for each provider in Local mode: the date and time of its last good retrieval."""
    from include.application.retrieve_invoices import in_mode
    from include.domain.notification import PARIS

    for provider in in_mode(found.store.configuration.current()[1], "local"):
        last = found.store.tracking.record(provider.key).last_good_at
        when = f"{last.astimezone(PARIS):%Y-%m-%d %H:%M} (Paris)" if last else "never"
        yield f"Last good retrieval of {provider.name}: {when}"


def list_live(
    found: Services,
    *,
    provider: str | None,
    status: str | None,
    days: tuple[dt.date | None, dt.date | None],
    user: str | None,
    as_json: bool,
) -> int:
    """Asks Chorus Pro; the exit code: 3 if it did not answer for a provider, whose last known rows are shown then."""
    from include.application.ports import RemoteQuery
    from include.application.retrieve_invoices import in_mode

    _, configuration = found.store.configuration.current()
    chosen = [found.river().provider(provider)] if provider else in_mode(configuration, "remote")
    query = RemoteQuery(status=status, deposited_from=days[0], deposited_to=days[1])
    language = found.settings.json_language if as_json else found.settings.language
    answers = [found.live.look(one, configuration, language=language, user=user, query=query) for one in chosen]
    rows = [row for answer in answers for row in answer.rows]
    if as_json:
        print_lines(rows)
    else:
        columns = ("id", "chorus_id", "provider", "invoice_number", "status", "status_at", "total_incl_tax", "origin")
        print_table(columns, ([row[name] for name in columns] for row in rows))
    for one, answer in zip(chosen, answers, strict=True):
        if answer.available and not as_json:
            typer.echo(f"{one.name}: asked at {plain(answer.asked_at)}")
        if answer.more:
            typer.echo(f"{one.name}: the newest {len(answer.rows)} are shown; narrow the days to see others.", err=True)
        for note in answer.notes:
            typer.echo(note, err=True)
    return DONE if all(answer.available for answer in answers) else SURROUNDINGS
