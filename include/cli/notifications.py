"""`chorus notifications`: the dashboard in the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from include.cli.output import print_lines, print_table, reader_language

if TYPE_CHECKING:
    from include.domain.notification import Event
    from include.domain.reasons import Language


def notifications(
    user: Annotated[
        str | None, typer.Option("--user", "--as", help="Only what this person was told; left out: every event.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    language: Annotated[
        Literal["fr", "en"] | None, typer.Option(help="Language of the messages; left out: yours, JSON in French.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first.")] = 100,
    unread: Annotated[bool, typer.Option("--unread", help="Only what this person has not read yet.")] = False,
    mark_read: Annotated[
        bool, typer.Option("--mark-read", help="What is shown counts as read by this person.")
    ] = False,
) -> None:
    """Shows the events that people were told of, newest first."""
    from include import bootstrap
    from include.application.ports.paging import every
    from include.application.views import json_rows
    from include.domain.errors import InputError

    if user is None and (unread or mark_read):
        raise InputError("marks_of_nobody")
    services = bootstrap.services()
    store = services.store
    pages = every(lambda request: store.notification_views.page(user, request, unread=unread), sort="-at")
    rows = list(itertools.islice(pages, limit))
    if as_json:
        _, configuration = store.configuration.current()
        shown_in = language or reader_language(as_json=True)
        print_lines(json_rows.notification(row, configuration, shown_in) for row in rows)
    else:
        _show([row.event for row in rows], language or reader_language())
    if mark_read and user is not None:
        store.outbox.mark_read(user, [row.event.id for row in rows], now=services.clock.now())


def _show(events: Sequence[Event], language: Language) -> None:
    from include.domain.notification import describe
    from include.texts import Text

    rows = [
        (
            event.at,
            Text(f"event.{event.kind}"),
            event.facts.get("number") or event.facts.get("document") or "",
            describe(event, language),
        )
        for event in events
    ]
    print_table(("at", "what", "invoice", "message"), rows, language=language)
