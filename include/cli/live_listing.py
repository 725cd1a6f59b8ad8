"""Beside `chorus invoices list`: when each provider was last retrieved, and asking the platform now (`--live`)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from include.cli.output import DONE, SURROUNDINGS, print_lines, print_table, print_text, reader_language, say
from include.texts import Text, show_moment

if TYPE_CHECKING:
    from include.application.ports.invoice_views import LiveRow
    from include.bootstrap import Services
    from include.domain.configuration import Configuration


def tell_last_retrievals(services: Services) -> None:
    """One line for each provider in Local mode: the date and time of its last good retrieval."""
    from include.application.tracking.retrieve_invoices import in_mode

    language = reader_language()
    for provider in in_mode(services.store.configuration.current()[1], "local"):
        last = services.store.tracking.record(provider.key).last_good_at
        say("last_retrieval", provider=provider.name, when=show_moment(last, language) if last else Text("live.never"))


def list_live(
    services: Services,
    *,
    provider: str | None,
    status: str | None,
    days: tuple[dt.date | None, dt.date | None],
    user: str | None,
    as_json: bool,
) -> int:
    """Asks Chorus Pro; the exit code: 3 if it did not answer for a provider, whose last known rows are shown then."""
    from include.application.ports.chorus import RemoteQuery
    from include.application.providers.find_provider import find_provider
    from include.application.tracking.live_invoices import LiveQuestion
    from include.application.tracking.retrieve_invoices import in_mode
    from include.application.views.filters import viewer_of
    from include.application.views.json_rows import invoice
    from include.domain.notification import PARIS

    _, configuration = services.store.configuration.current()
    chosen = [find_provider(configuration, provider)] if provider else in_mode(configuration, "remote")
    query = RemoteQuery(status=status, deposited_from=days[0], deposited_to=days[1])
    language = reader_language(as_json=as_json)
    viewer = viewer_of(configuration, user)
    asked = [LiveQuestion(provider=one, language=language, viewer=viewer, query=query) for one in chosen]
    answers = [services.live.look(one) for one in asked]
    today = services.clock.now().astimezone(PARIS).date()
    rows = [row for answer in answers for row in answer.rows]
    if as_json:
        print_lines(invoice(row, configuration, language, today=today) for row in rows)
    else:
        columns = ("id", "chorus_id", "provider", "invoice_number", "status", "status_at", "total_incl_tax", "origin")
        print_table(columns, (_row(row, configuration) for row in rows))
    for one, answer in zip(chosen, answers, strict=True):
        if answer.available and not as_json:
            say("asked_at", provider=one.name, at=answer.asked_at)
        if answer.more:
            say("newest_shown", err=True, provider=one.name, number=len(answer.rows))
        for note in answer.notes:
            print_text(note, err=True)
    return DONE if all(answer.available for answer in answers) else SURROUNDINGS


def _row(row: LiveRow, configuration: Configuration) -> tuple[object, ...]:
    from include.application.views.filters import provider_name

    told = (row.invoice_number, row.status, row.status_at, row.total_incl_tax, row.origin)
    return row.id, row.chorus_id, provider_name(configuration, row.provider_key), *told
