"""`chorus doctor`: one look at everything the product stands on."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.output import DONE, FOUND, print_object, reader_language, say
from include.texts import said


def doctor(as_json: Annotated[bool, typer.Option("--json", help="The checks as one JSON object.")] = False) -> None:
    """Checks programs, database, portal, mail, and each provider's login (PISTE and technical account apart)."""
    from include import bootstrap

    services = bootstrap.services()
    language = reader_language(as_json=as_json)
    checks = []
    try:
        for check in services.doctor():
            checks.append(check)
            if not as_json:
                say("check_good" if check.ok else "check_bad", name=check.title(language), seen=check.seen)
                if not check.ok and said(check.todo, language):
                    say("check_todo", todo=check.todo)
    finally:
        services.close()
    if as_json:
        rows = [
            {"name": c.full_name, "ok": c.ok, "seen": said(c.seen, language), "todo": said(c.todo, language)}
            for c in checks
        ]
        print_object({"ok": all(c.ok for c in checks), "checks": rows})
    raise typer.Exit(DONE if all(check.ok for check in checks) else FOUND)
