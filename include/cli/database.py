"""`chorus db`: our own database."""

from __future__ import annotations

import typer

from include.cli.output import say

app = typer.Typer(help="The connector's own database.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `migrate` a sub-command while it is the only one."""


@app.command()
def migrate() -> None:
    """Creates or upgrades it; safe to repeat, safe beside another."""
    from include import bootstrap
    from include.adapters.local_files import private_folder

    services = bootstrap.services()
    private_folder(services.settings.home)
    database = services.store.database
    revision = database.migrate()
    say("schema", err=True, database=database.shown_url, revision=revision)
