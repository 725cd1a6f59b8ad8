"""What every command prints: JSON on stdout, logs and progress on stderr, tables for people, and the exit codes."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    DocumentError,
    InputError,
    MoveForbiddenError,
    NotThereError,
    ProductionForbiddenError,
    SecretMissingError,
    StaleError,
)

if TYPE_CHECKING:
    from include.domain.configuration import Configuration

DONE, FOUND, WRONG_CALL, SURROUNDINGS = 0, 1, 2, 3


def exit_code(error: ConnectorError) -> int:
    """The exit code of the error's group (interfaces page, section 3)."""
    if isinstance(error, (SecretMissingError, ProductionForbiddenError)):
        return SURROUNDINGS
    if isinstance(error, NotThereError):
        return FOUND
    if isinstance(error, (InputError, ConfigurationError)):
        return WRONG_CALL
    if isinstance(error, (DocumentError, MoveForbiddenError, StaleError)):
        return FOUND
    return SURROUNDINGS


def fail(error: ConnectorError) -> int:
    """Prints the error for a person, on stderr; its exit code."""
    print(error, file=sys.stderr)
    return exit_code(error)


def show_logs(debug: bool) -> None:
    """Logs on stderr: warnings, or everything."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if debug else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s" if debug else "%(levelname)s: %(message)s",
    )
    if not debug:
        for chatty in ("ocrmypdf", "pikepdf", "fontTools", "pdfminer", "fpdf"):
            logging.getLogger(chatty).setLevel(logging.ERROR)


def plain(value: Any) -> Any:
    """JSON data of a value: times in UTC with Z, dates, tuples as lists."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def print_object(value: Mapping[str, Any]) -> None:
    """One object, on one line."""
    print(json.dumps(plain(value), ensure_ascii=False))


def print_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """One object a line."""
    for row in rows:
        print_object(row)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> None:
    """A table for people, as wide as the terminal; no colour where stdout is none."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, title=title, title_justify="left", show_edge=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(plain(cell)) for cell in row))
    terminal = sys.stdout.isatty()
    Console(width=None if terminal else 160, no_color=not terminal).print(table)


def write_file(path: Path, content: bytes, *, with_folder: bool = False) -> None:
    """Writes what a person asked for, whole or not at all; InputError where that place cannot be written."""
    from include.adapters.tables.whole_file import whole_file

    if with_folder:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{path} could not be written: {error.strerror}.", todo="Name another file.") from error
    with whole_file(path) as file:
        file.write(content)


def say_if_unconfigured(configuration: Configuration) -> None:
    """While a provider or a criterion is missing: the sentence that says so, beside a listing that is empty."""
    from include.application.unconfigured import not_configured

    note = not_configured(configuration)
    if note:
        print(note, file=sys.stderr)
