"""`chorus notifications`: the dashboard in the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

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
) -> None:
    """Shows the events that people were told of, newest first."""
    from include.bootstrap import services

    found = services()
    events = found.store.outbox.for_user(user, limit=limit)
    if as_json:
        for event in events:
            shown = as_object(event, language or found.settings.json_language)
            typer.echo(json.dumps(shown, ensure_ascii=False))
    else:
        _show(events, language or found.settings.language)


def as_object(event: Event, language: Language) -> dict[str, Any]:
    """The event for programs: its facts beside what a person would read."""
    import datetime as dt

    from include.domain.notification import describe, reason_text, reasons_of

    facts = {name: value for name, value in event.facts.items() if name != "reasons"}
    return {
        "id": event.id,
        "at": event.at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "kind": event.kind.value,
        "provider": event.provider_key,
        "invoice_id": event.invoice_id,
        "message": describe(event, language),
        "facts": facts,
        "reasons": [
            {"code": reason.code, "field": reason.field, "message": reason_text(reason, language)}
            for reason in reasons_of(event)
        ],
    }


def _show(events: Sequence[Event], language: Language) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from include.domain.notification import PARIS, describe, label, one_line
    from include.domain.wordings.notification import KINDS

    headings = ("Quand", "Quoi", "Facture", "Message") if language == "fr" else ("When", "What", "Invoice", "Message")
    table = Table(*headings)
    for event in events:
        cells = (
            f"{event.at.astimezone(PARIS):%Y-%m-%d %H:%M}",
            label(KINDS, event.kind, language),
            event.facts.get("number") or event.facts.get("document") or "",
            describe(event, language),
        )
        # Text, not str: square brackets in an invoice are not markup.
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    Console().print(table)
