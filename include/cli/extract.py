"""`chorus extract`: reading alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.output import print_lines


def extract(
    files: Annotated[list[Path], typer.Argument(help="PDF files.", exists=True, dir_okay=False, readable=True)],
) -> None:
    """Prints one JSON line a file: its kind, its fields, or the reason why nothing could be read."""
    from include.application.extract import extract_files
    from include.bootstrap import services

    found = services()
    try:
        print_lines(extract_files(files, reader=found.reader))
    finally:
        found.close()
