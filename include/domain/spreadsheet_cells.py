"""Texts as cells of a file that people open in a spreadsheet program: a text stays a text, and nothing runs.

Excel guesses what a cell is: it cuts leading zeros, makes 3,3254E+13 of a SIRET and a date of `2026-11`, and runs what
begins with `=`. A text that it would take for something else is written as `="..."`, which it shows and saves unharmed.
Numbers and dates are no texts: their writers leave them as they are.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(
    r"[=+\-@\t\r\n"
    r"\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
)
_MONTH = r"(?:jan|f[eé]v|feb|mar|avr|apr|mai|may|jui|jun|jul|ao[uû]|aug|sep|oct|nov|d[eé]c)[^\W\d]*\.?"
_GUESSED = re.compile(
    rf"[\s\d.,:/()+%€$eE-]*\d[\s\d.,:/()+%€$eE-]*|(?:\d+[\s./-]*)?{_MONTH}[\s./-]*\d+|\d+[\s./-]*{_MONTH}|true|false|vrai|faux",
    re.IGNORECASE,
)
"""Numbers, times, dates in French and English (MARS-26, 1er is none), truth values."""

_LONGEST_FORMULA_TEXT = 255
"""Excel takes no longer text in a formula; a longer one gets the apostrophe that it knows for texts."""

_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)


def is_misread(text: str) -> bool:
    """Whether a spreadsheet program would run the text, or take it for a number, a date or a truth value."""
    return _FORMULA.match(text) is not None or _GUESSED.fullmatch(text) is not None


def guarded(text: str) -> str:
    """The text as a cell of a CSV file; as it is, if nothing can be misread."""
    return marked_as_text(text) if is_misread(text) else text


def marked_as_text(text: str) -> str:
    """The text as a cell of a CSV file that is surely read as a text."""
    if len(text) > _LONGEST_FORMULA_TEXT:
        return f"'{text}"
    quoted = text.replace('"', '""')
    return f'="{quoted}"'


def unguarded(cell: str) -> str:
    """The text of a cell, also of one that a person marked with an apostrophe; without outer blanks."""
    text = cell.strip()
    found = _AS_TEXT.fullmatch(text)
    return found.group(1).replace('""', '"').strip() if found else text.removeprefix("'")
