"""`chorus providers`: the establishments, whether each may call, and how long its login holds."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import typer

from include.cli.documents import As, Json
from include.cli.output import print_lines, print_table, reader_language
from include.texts import Text

if TYPE_CHECKING:
    from include.application.providers.provider_listing import ProviderRow

app = typer.Typer(help="The supplier's establishments and their logins.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `list` a sub-command while it is the only one."""


@app.command("list")
def list_(user: As = None, as_json: Json = False) -> None:
    """Lists providers: settings, circuit breaker, last good call, end of password and certificate. Calls nothing."""
    from include import bootstrap
    from include.application.providers.provider_listing import list_providers

    services = bootstrap.services()
    try:
        _, configuration = services.store.configuration.current()
        language = reader_language(as_json=as_json)
        rows = list_providers(
            services.store.providers, configuration, now=services.clock.now(), language=language, user=user
        )
    finally:
        services.close()
    if as_json:
        print_lines(dataclasses.asdict(row) for row in rows)
        return
    columns = ("provider", "siret", "environment", "login_by", "sends_by_itself", "login", "last_good_call")
    print_table((*columns, "password_until", "certificate_until"), (_cells(row) for row in rows))


def _cells(row: ProviderRow) -> tuple[Any, ...]:
    if not row.configured:
        return (row.message, *[None] * 8)
    since = row.stopped_since
    return (
        Text("cell.retired", {"name": row.name}) if row.retired else row.name,
        row.siret,
        row.environment,
        row.authentication,
        row.automatic_submission,
        Text("cell.stopped", {"since": since, "half": _half(row), "reason": row.stopped_reason})
        if since
        else Text("cell.good"),
        row.last_success_at,
        _until(row.password_expires_on, row.password_expires_in_days),
        _until(row.certificate_expires_on, row.certificate_expires_in_days),
    )


def _until(day: Any, days: int | None) -> Text | None:
    return None if day is None else Text("cell.until", {"day": day, "days": days})


def _half(row: ProviderRow) -> Text:
    """Which part of its login was refused."""
    return Text(f"cell.half.{row.stopped_half or 'account'}")
