"""`chorus extract`: reading alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.output import print_lines, reader_language


def extract(
    files: Annotated[list[Path], typer.Argument(help="PDF files.", exists=True, dir_okay=False, readable=True)],
) -> None:
    """Prints one JSON line a file: its kind, its fields, or the reason why nothing could be read."""
    from include import bootstrap
    from include.application.reading.extract import extract_files

    services = bootstrap.services()
    try:
        language = reader_language(as_json=True)
        print_lines(extract_files(files, reader=services.reader, language=language, content_of=_content))
    finally:
        services.close()


def _content(path: Path) -> bytes:
    from include.adapters.local_files import read_named_file
    from include.application.ports.portal import MAX_BYTES

    return read_named_file(path, limit=MAX_BYTES)
