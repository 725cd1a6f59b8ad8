"""`chorus retention`: personal data that is older than its period."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.documents import Json
from include.cli.output import print_object, print_table


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what is too old.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Remove what is too old, for good.")] = False,
    as_json: Json = False,
) -> None:
    """Removes agents' names, texts of settled readings and told events after the periods of `retention`."""
    from include import bootstrap
    from include.application.operations.retention import retain
    from include.domain.errors import InputError

    if dry_run == apply:
        raise InputError("dry_run_or_apply")
    services = bootstrap.services()
    _, configuration = services.store.configuration.current()
    counts = retain(services.store.retention, configuration, services.clock, apply=apply)
    if as_json:
        print_object({"applied": apply, "counts": counts})
    else:
        print_table(("counted", "removed" if apply else "too_old"), counts.items())
