"""The IBAN to pay to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stdnum import iban

from include.domain.extraction.fields.evidence import candidate, ranked
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.lexicon.patterns import MISREAD_DIGITS, Text
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import heard
from include.domain.text import TextSource

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\s?[0-9OISB]{2}(?:\s?[A-Z0-9]{1,4}){3,9}")
_BEGINNING = re.compile(r"(?:I[B8]AN\s?:?\s?)?[A-Z]{2}[0-9OISB]{2}\b", re.IGNORECASE)
_ENDING = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: [A-Z0-9]{4}){0,6}$")
"""What of an IBAN stands at the end of a line, when the next one goes on with it."""

_WORD = re.compile(r"\bI[B8]AN\b", re.IGNORECASE)
FRENCH_LENGTH = 27
CLEARLY_READ = 0.85
"""Confidence of words from which on wrong check digits are taken to be printed so, and not misread."""


def ibans(document: LabelledPage) -> tuple[Candidate, ...]:
    """IBANs whose check digits are right; without one, what a label calls an IBAN and was read clearly."""
    found = [*_found(document)]
    right = [item for item in found if Claim.IBAN_CHECK_WRONG not in item.claims]
    return ranked(right or found)


def _found(document: LabelledPage) -> Iterator[Candidate]:
    """On one line (forms spread the groups over cells), over a line's end, in a narrow column over two lines."""
    for row in document.layout.rows():
        yield from _in_text(row, Text([word for cell in row for word in cell.words]), _says_iban(row))
        below = document.layout.row_at(row[0].page, row[0].row + 1)
        ending = _ENDING.search(row[-1].text)
        if ending and below and below[0].text[:1].isalnum():
            last = row[-1].words[-len(ending.group().split()) :]
            yield from _in_text([row[-1]], Text([*last, *below[0].words]), _says_iban(row))
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
        value, *claims = _assessed(match.group(), labelled=labelled, scanned=row[0].source == TextSource.OCR)
        found = text.found(value, match.start(), _end(match, value))
        if value and Claim.IBAN_CHECK_WRONG not in claims:
            yield candidate(value, found, _cell_of(row, found.box[0]), heard(found.confidence), *claims)
        elif value and found.confidence >= CLEARLY_READ:
            yield candidate(value, found, _cell_of(row, found.box[0]), 1.0, *claims)


def _assessed(text: str, *, labelled: bool, scanned: bool) -> tuple[str, *tuple[Claim, ...]]:
    """The IBAN that a text begins with and what is claimed of it; none for other strings of that shape."""
    bare = "".join(text.split())
    if valid := _longest_valid(bare):
        return (valid,) if labelled else (valid, Claim.IBAN_WITHOUT_LABEL)
    if scanned and (mended := _longest_valid(bare[:2] + bare[2:].translate(MISREAD_DIGITS))):
        return mended, Claim.IBAN_MENDED
    french = re.match(rf"FR[0-9]{{2}}[A-Z0-9]{{{FRENCH_LENGTH - 4}}}", bare)
    return (french.group(), Claim.IBAN_CHECK_WRONG) if french and labelled else ("",)


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
