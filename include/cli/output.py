"""What every command prints: JSON on stdout, logs and progress on stderr, tables for people, and the exit codes."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.application.views.json_rows import plain
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
from include.texts import Language, Text, label, os_failure, said, show_amount, show_date, show_moment, translate
from include.texts.visible import json_visible, visible

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text as RichText

    from include.domain.configuration import Configuration

DONE, FOUND, WRONG_CALL, SURROUNDINGS = 0, 1, 2, 3


def reader_language(*, as_json: bool = False) -> Language:
    """One rule for what commands say: `CHORUS_LANGUAGE`; else French in JSON, and in words the terminal's language."""
    from include.settings import settings

    return settings().json_language if as_json else settings().language


def exit_code(error: ConnectorError) -> int:
    """The exit code of the error's group (docs/reference/interfaces.md 3)."""
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
    """Prints the error for a person, in that person's language, on stderr; its exit code."""
    print_text(error.message(reader_language()), err=True)
    return exit_code(error)


def show_logs(debug: bool) -> None:
    """Logs on stderr: warnings, or everything."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_DebugLines("%(asctime)s %(levelname)s %(name)s: %(message)s") if debug else _Lines())
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, handlers=[handler])
    if not debug:
        for chatty in ("ocrmypdf", "pikepdf", "fontTools", "pdfminer", "fpdf"):
            logging.getLogger(chatty).setLevel(logging.ERROR)


class _DebugLines(logging.Formatter):
    """Log lines in which nothing steers the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the trace where there is one."""
        return visible(super().format(record), lines=True)


class _Lines(_DebugLines):
    """For people: no trace, which only who debugs asks for."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line alone."""
        bare = {**record.__dict__, "exc_info": None, "exc_text": None, "stack_info": None}
        return super().format(logging.makeLogRecord(bare))


def print_object(value: Mapping[str, Any]) -> None:
    """One object, on one line."""
    print(json_visible(json.dumps(plain(value), ensure_ascii=False)))


def print_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """One object a line."""
    for row in rows:
        print_object(row)


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: Text | None = None,
    language: Language | None = None,
) -> None:
    """A table for people in their language, as wide as the terminal; no colour where stdout is none.

    A column is named by its entry under `column.`; states and statuses are said in words, amounts, days and times as
    people write them.
    """
    from rich.table import Table

    language = language or reader_language()
    heading = plain_cell(title.said(language)) if title else None
    table = Table(title=heading, title_justify="left", show_edge=False)
    for name in columns:
        table.add_column(plain_cell(translate(f"column.{name}", language)))
    for row in rows:
        table.add_row(*(plain_cell(_cell(name, value, language)) for name, value in zip(columns, row, strict=True)))
    show_table(table)


def plain_cell(text: str, *, lines: bool = False) -> RichText:
    """A cell of any table: plain text, whatever stands in it, with its control signs shown."""
    from rich.text import Text as RichText

    return RichText(visible(text, lines=lines))


def show_table(table: Table) -> None:
    """As wide as the terminal; no colour where stdout is none."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    Console(width=None if terminal else 160, no_color=not terminal).print(table)


_LISTS = {
    "state": "state",
    "from": "state",
    "to": "state",
    "status": "status",
    "outcome": "outcome|state",
    "counted": "count",
    "field": "field",
    "source": "source",
    "read_from": "kind",
    "use": "use",
    "event": "event",
    "difference": "difference",
}
"""Columns whose values are codes with words of their own: in which part of the catalogues those stand."""
_AMOUNTS = frozenset({"total", "total_incl_tax"})


def _cell(column: str, value: Any, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, (Text, tuple)):
        return said(value, language)
    if isinstance(value, bool):
        return translate("cell.yes" if value else "cell.no", language)
    if isinstance(value, dt.datetime):
        return show_moment(value, language)
    if isinstance(value, dt.date):
        return show_date(value, language)
    if column in _AMOUNTS:
        return show_amount(value, language)
    return _in_words(column, str(value), language) if column in _LISTS else str(plain(value))


def _in_words(column: str, code: str, language: Language) -> str:
    words = (label(part, code.replace(" ", "_"), language) for part in _LISTS[column].split("|"))
    return next((one for one in words if one != code.replace(" ", "_")), code)


def say(code: str, /, *, err: bool = False, **params: object) -> None:
    """One sentence for a person, in that person's language: on stdout, or with `err` beside what a program reads."""
    print_text(translate(f"cli.{code}", reader_language(), **params), err=err)


def show_progress(done: int, total: int) -> None:
    """A line that counts, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done >= total else "", file=sys.stderr, flush=True)


def print_text(text: object, *, err: bool = False) -> None:
    """A text of the product, or one of somebody else with its control signs shown."""
    print(visible(said(text, reader_language()), lines=True), file=sys.stderr if err else sys.stdout)


def write_file(path: Path, content: bytes, *, with_folder: bool = False) -> None:
    """Writes what a person asked for, whole or not at all; InputError where that place cannot be written."""
    from include.adapters.spreadsheets.whole_file import whole_file

    if with_folder:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("file_not_written", file=path, cause=os_failure(error)) from error
    with whole_file(path) as file:
        file.write(content)


def say_if_unconfigured(configuration: Configuration) -> None:
    """While a provider or a criterion is missing: the sentence that says so, beside a listing that is empty."""
    from include.application.providers.setup_hints import not_configured

    missing = not_configured(configuration)
    if missing:
        print_text(missing, err=True)
