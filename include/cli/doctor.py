"""`chorus doctor`: one look at everything the product stands on."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.output import DONE, FOUND, print_object


def doctor(as_json: Annotated[bool, typer.Option("--json", help="The checks as one JSON object.")] = False) -> None:
    """Checks programs, database, portal, mail, and each provider's login (PISTE and technical account apart)."""
    from include.bootstrap import services

    found = services()
    checks = []
    try:
        for check in found.doctor():
            checks.append(check)
            if not as_json:
                typer.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.seen}")
                if not check.ok and check.todo:
                    typer.echo(f"      {check.todo}")
    finally:
        found.close()
    if as_json:
        rows = [{"name": c.name, "ok": c.ok, "seen": c.seen, "todo": c.todo} for c in checks]
        print_object({"ok": all(c.ok for c in checks), "checks": rows})
    raise typer.Exit(DONE if all(check.ok for check in checks) else FOUND)
