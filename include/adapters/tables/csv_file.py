"""CSV as a French Excel opens it: UTF-8 with BOM, `;`, decimal commas; a text stays a text, and nothing runs.

Excel guesses what a cell is: it cuts leading zeros, makes 3,3254E+13 of a SIRET, a date of `2026-11`, and runs what
begins with `=`. A text that it would take for something else is written as `="..."`, which it shows unharmed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import IO, Any

from include.application.table_port import LONGEST_TEXT, Batches, Column, Kind
from include.domain.notification import PARIS, one_line

_FORMULA = re.compile(
    r"[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
)
_MONTH = r"(?:jan|f[eé]v|feb|mar|avr|apr|mai|may|jui|jun|jul|ao[uû]|aug|sep|oct|nov|d[eé]c)[^\W\d]*\.?"
_GUESSED = re.compile(
    rf"[\s\d.,:/()+%€$eE-]*\d[\s\d.,:/()+%€$eE-]*|(?:\d+[\s./-]*)?{_MONTH}[\s./-]*\d+|\d+[\s./-]*{_MONTH}|true|false|vrai|faux",
    re.IGNORECASE,
)
"""Numbers, times, dates in French and English (MARS-26, 1er is none), truth values."""


_LONGEST_FORMULA_TEXT = 255
"""Excel takes no longer text in a formula; a longer one gets the apostrophe that it knows for texts."""


def write_csv(file: IO[bytes], columns: Sequence[Column], batches: Batches) -> int:
    """Batch by batch; the number of rows."""
    import pandas as pd

    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    headings = [column.heading for column in columns]
    pd.DataFrame(columns=headings).to_csv(text, sep=";", index=False, lineterminator="\r\n")
    count = 0
    for batch in batches:
        cells = [[_cell(row[column.name], column.kind) for column in columns] for row in batch]
        pd.DataFrame(cells, columns=headings, dtype=object).to_csv(
            text, sep=";", index=False, header=False, lineterminator="\r\n"
        )
        count += len(batch)
    text.flush()
    text.detach()
    return count


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(PARIS):%Y-%m-%d %H:%M}"
    if kind is Kind.ID or isinstance(value, dt.date):
        return str(value)
    text = one_line(str(value), LONGEST_TEXT)
    if not _FORMULA.match(text) and not _GUESSED.fullmatch(text):
        return text
    if len(text) > _LONGEST_FORMULA_TEXT:
        return f"'{text}"
    quoted = text.replace('"', '""')
    return f'="{quoted}"'
