"""`chorus db`: our own database."""

from __future__ import annotations

import typer

app = typer.Typer(help="The connector's own database.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `migrate` a sub-command while it is the only one."""


@app.command()
def migrate() -> None:
    """Creates or upgrades it; safe to repeat, safe beside another."""
    from include.bootstrap import services

    found = services()
    found.settings.home.mkdir(parents=True, exist_ok=True)
    database = found.store.database
    revision = database.migrate()
    typer.echo(f"{database.shown_url} has schema {revision}", err=True)
