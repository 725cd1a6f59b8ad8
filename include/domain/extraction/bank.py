"""The IBAN to pay to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stdnum import iban

from include.domain.extraction.evidence import candidate, ranked
from include.domain.extraction.layout import Cell
from include.domain.extraction.patterns import MISREAD_DIGITS, Text
from include.domain.extraction.search import Document
from include.domain.fields import Candidate
from include.domain.text import TextSource

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\s?[0-9OISB]{2}(?:\s?[A-Z0-9]{1,4}){3,9}")
_BEGINNING = re.compile(r"(?:I[B8]AN\s?:?\s?)?[A-Z]{2}[0-9OISB]{2}\b", re.IGNORECASE)
_WORD = re.compile(r"\bI[B8]AN\b", re.IGNORECASE)
FRENCH_LENGTH = 27
LABELLED, BARE, REPAIRED, WRONG = 1.0, 0.85, 0.75, 0.5
CLEARLY_READ = 0.85
"""Confidence of words from which on wrong check digits are believed to be printed so."""


def ibans(document: Document) -> tuple[Candidate, ...]:
    """IBANs whose check digits are right; without one, what a label calls an IBAN and was read clearly."""
    found = [*_found(document)]
    right = [item for item in found if item.confidence > WRONG]
    return ranked(right or found)


def _found(document: Document) -> Iterator[Candidate]:
    """On each line (forms spread the groups over cells), and in narrow columns over two lines."""
    for row in document.layout.rows():
        yield from _in_text(row, Text([word for cell in row for word in cell.words]), _says_iban(row))
        for cell in row:
            below = [
                under for under in document.layout.below(cell, 1.0) if abs(under.box[0] - cell.box[0]) < cell.height
            ]
            if below and _BEGINNING.match(cell.text):
                nearby = [*document.layout.above(cell, 1.5), *document.layout.left_of(cell)[:1], cell]
                yield from _in_text([cell], Text([*cell.words, *below[0].words]), _says_iban(nearby))


def _says_iban(cells: Sequence[Cell]) -> bool:
    return any(_WORD.search(cell.text) for cell in cells)


def _in_text(row: list[Cell], text: Text, labelled: bool) -> Iterator[Candidate]:
    for match in _IBAN.finditer(text.plain):
        value, worth = _judged(match.group(), labelled=labelled, scanned=row[0].source == TextSource.OCR)
        found = text.found(value, match.start(), _end(match, value))
        if worth > WRONG:
            yield candidate(value, found, _cell_of(row, found.box[0]), worth * (0.5 + 0.5 * found.confidence))
        elif worth and found.confidence >= CLEARLY_READ:
            yield candidate(value, found, _cell_of(row, found.box[0]), WRONG)


def _judged(text: str, *, labelled: bool, scanned: bool) -> tuple[str, float]:
    """The IBAN that a text begins with and what it is worth; nothing for other strings of that shape."""
    bare = "".join(text.split())
    if valid := _longest_valid(bare):
        return valid, LABELLED if labelled else BARE
    if scanned and (mended := _longest_valid(bare[:2] + bare[2:].translate(MISREAD_DIGITS))):
        return mended, REPAIRED
    french = re.match(rf"FR[0-9]{{2}}[A-Z0-9]{{{FRENCH_LENGTH - 4}}}", bare)
    return (french.group(), WRONG) if french and labelled else ("", 0.0)


def _cell_of(row: list[Cell], left: float) -> Cell:
    return next((cell for cell in row if cell.box[2] > left), row[-1])


def _longest_valid(bare: str) -> str:
    """The longest beginning with right check digits: a BIC may follow directly."""
    lengths = range(min(34, len(bare)), 14, -1)
    return next((bare[:length] for length in lengths if iban.is_valid(bare[:length])), "")


def _end(match: re.Match[str], value: str) -> int:
    """Where the value ends in the text, blanks counted."""
    left = len(value)
    for offset, sign in enumerate(match.group()):
        left -= not sign.isspace()
        if left == 0:
            return match.start() + offset + 1
    return match.end()
