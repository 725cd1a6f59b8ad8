"""An Excel workbook: texts are texts whatever they look like, amounts are numbers, dates are dates.

pandas keeps a whole sheet in memory, cell by cell; the write-only workbook of openpyxl, on which it stands, does not.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from include.application.ports.spreadsheets import LONGEST_TEXT, Batches, Column, Kind
from include.domain.errors import InputError
from include.domain.notification import PARIS, one_line
from include.domain.spreadsheet_cells import is_misread

LONGEST = 1_048_575
"""Rows of a sheet, without the headings."""

_FORMATS = {
    Kind.TEXT: "@",
    Kind.ID: "@",
    Kind.COUNT: "0",
    Kind.AMOUNT: "#,##0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIME: "yyyy-mm-dd hh:mm",
}
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and one_line leaves."""
_WIDTHS = {Kind.TEXT: 24, Kind.ID: 18, Kind.COUNT: 10, Kind.AMOUNT: 14, Kind.DATE: 12, Kind.TIME: 17}


def write_excel(file: IO[bytes], columns: Sequence[Column], batches: Batches) -> int:
    """Row by row; the number of rows. InputError when a sheet cannot hold them."""
    from lxml.etree import SerialisationError
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Chorus Pro")
    try:
        count = _fill(sheet, columns, batches)
        book.save(file)
        return count
    except SerialisationError as error:  # what lxml calls an error of the disk: IO_ENOSPC
        code = getattr(errno, str(error).removeprefix("IO_"), errno.EIO)
        raise OSError(code, os.strerror(code)) from error
    finally:
        _abandon(sheet)


def _fill(sheet: Any, columns: Sequence[Column], batches: Batches) -> int:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    def cell(value: Any, kind: Kind) -> Any:
        if value is None:
            return None
        made = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            made.data_type = "s"  # openpyxl takes a text that begins with = for a formula
            made.quotePrefix = is_misread(value)  # so that it stays a text when somebody edits the cell
        made.number_format = "@" if isinstance(value, str) else _FORMATS[kind]
        return made

    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[column.kind]
    headings = [cell(column.heading, Kind.TEXT) for column in columns]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    count = 0
    for batch in batches:
        count += len(batch)
        if count > LONGEST:
            raise InputError("excel_too_long", limit=LONGEST)
        for row in batch:
            sheet.append([cell(_value(row[column.name], column.kind), column.kind) for column in columns])
    return count


def _abandon(sheet: Any) -> None:
    """Where a book was not saved, openpyxl would leave its streams open, and their file until the process ends."""
    writer = sheet._writer
    if writer is None or not Path(writer.out).exists():
        return
    for end in (sheet.close, writer.xf.close, writer.cleanup):
        with contextlib.suppress(Exception):
            end()


def _value(value: Any, kind: Kind) -> str | Decimal | dt.date | None:
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, dt.datetime):  # Excel knows no time zones
        return value.astimezone(PARIS).replace(tzinfo=None, microsecond=0)
    return value if isinstance(value, dt.date) else _NO_XML.sub("", one_line(str(value), LONGEST_TEXT))
