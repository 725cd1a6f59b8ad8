"""`chorus providers`: the establishments, whether each may call, and how long its login holds."""

from __future__ import annotations

from typing import Any

import typer

from include.cli.documents import As, Json
from include.cli.output import print_lines, print_table

app = typer.Typer(help="The supplier's establishments and their logins.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `list` a sub-command while it is the only one."""


@app.command("list")
def list_(user: As = None, as_json: Json = False) -> None:
    """Lists providers: settings, circuit, last good call, end of password and certificate. Calls nothing."""
    from include.application.provider_listing import list_providers
    from include.bootstrap import services

    found = services()
    try:
        _, configuration = found.store.configuration.current()
        rows = list_providers(found.store.providers, configuration, now=found.clock.now(), user=user)
    finally:
        found.close()
    if as_json:
        print_lines(rows)
        return
    columns = ("provider", "SIRET", "environment", "login by", "sends by itself", "login", "last good call")
    print_table((*columns, "password until", "certificate until"), (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    if not row["configured"]:
        return (row["message"], *[None] * 8)
    since = row["stopped_since"]
    return (
        row["name"] + (" (retired)" if row["retired"] else ""),
        row["siret"],
        row["environment"],
        row["authentication"],
        "yes" if row["automatic_submission"] else "no",
        f"stopped since {since:%Y-%m-%d %H:%M}Z: {row['stopped_reason']}" if since else "good",
        row["last_success_at"],
        _until(row["password_expires_on"], row["password_expires_in_days"]),
        _until(row["certificate_expires_on"], row["certificate_expires_in_days"]),
    )


def _until(day: Any, days: int | None) -> str | None:
    return None if day is None else f"{day} ({days} days)"
