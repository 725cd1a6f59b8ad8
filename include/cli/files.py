"""`chorus files`: the content store as a whole."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.documents import Json
from include.cli.output import DONE, FOUND, print_object, print_table, say, show_progress

app = typer.Typer(help="The content store.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `move` a command of its own."""


@app.command()
def move(
    to_url: Annotated[str, typer.Argument(metavar="TO_URL", help="The new place, as fsspec reads it: s3://bucket/x.")],
    from_url: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="The old place; left out: CHORUS_FILES_URL.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copies every content to another place and verifies its digest there; safe to repeat, deletes nothing."""
    from include import bootstrap
    from include.application.operations.move_contents import move_contents
    from include.settings import settings

    source, target = bootstrap.content_store(from_url or settings().files_url), bootstrap.content_store(to_url)
    report = move_contents(source, target, on_progress=show_progress)
    if as_json:
        told = {str(outcome): count for outcome, count in report.counts.items()}
        print_object(
            {
                "from": source.address,
                "to": target.address,
                "complete": report.complete,
                "counts": told,
                "bytes_copied": report.bytes_copied,
                "failed": report.failed,
            }
        )
    else:
        print_table(("counted", "contents"), report.counts.items())
        for key in report.failed:
            say("content_not_moved", key=key)
        say("contents_moved" if report.complete else "contents_left_behind", url=target.address)
    raise typer.Exit(DONE if report.complete else FOUND)
