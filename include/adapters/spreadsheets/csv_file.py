"""CSV as a French Excel opens it: UTF-8 with BOM, `;`, every cell in quotes, decimal commas; nothing runs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from include.application.ports.spreadsheets import LONGEST_TEXT, Batches, Column, Kind
from include.domain.notification import PARIS, one_line
from include.domain.spreadsheet_cells import guarded


def write_csv(file: IO[bytes], columns: Sequence[Column], batches: Batches) -> int:
    """Batch by batch; the number of rows."""
    count = 0

    def counted() -> Batches:
        nonlocal count
        for batch in batches:
            count += len(batch)
            yield batch

    for piece in csv_pieces(columns, counted()):
        file.write(piece)
    return count


def csv_pieces(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """The byte order mark with the headings, then a piece for each batch."""
    yield BOM_UTF8 + _lines([[column.heading for column in columns]])
    for batch in batches:
        yield _lines([[_cell(row[column.name], column.kind) for column in columns] for row in batch])


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode(errors="replace")


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(PARIS):%Y-%m-%d %H:%M}"
    if kind in (Kind.ID, Kind.COUNT) or isinstance(value, dt.date):
        return str(value)
    return guarded(one_line(str(value), LONGEST_TEXT))
