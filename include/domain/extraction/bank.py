"""The IBAN to pay to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban

from include.domain.extraction.evidence import candidate, ranked
from include.domain.extraction.layout import Cell
from include.domain.extraction.patterns import Text
from include.domain.extraction.search import Document
from include.domain.fields import Candidate
from include.domain.text import TextSource

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\s?[0-9]{2}(?:\s?[A-Z0-9]{1,4}){3,9}")
FRENCH_LENGTH = 27
LABELLED, BARE, WRONG = 1.0, 0.85, 0.5


def ibans(document: Document) -> tuple[Candidate, ...]:
    """IBANs whose check digits are right; without one, what a label calls an IBAN on a page that was not recognised."""
    found = [*_found(document)]
    right = [item for item in found if item.confidence > WRONG]
    return ranked(right or found)


def _found(document: Document) -> Iterator[Candidate]:
    for row in document.layout.rows():
        words = tuple(word for cell in row for word in cell.words)
        text = Text(words)
        labelled = re.search(r"\bI[B8]AN\b", text.plain, re.IGNORECASE) is not None
        for match in _IBAN.finditer(text.plain):
            value, valid = _longest_valid(match.group())
            if valid or (labelled and value and row[0].source == TextSource.TEXT):
                found = text.found(value, match.start(), _end(match, value))
                confidence = (LABELLED if labelled else BARE) * (0.5 + 0.5 * found.confidence) if valid else WRONG
                yield candidate(value, found, _cell_of(row, found.box[0]), confidence)


def _cell_of(row: list[Cell], left: float) -> Cell:
    return next((cell for cell in row if cell.box[2] > left), row[-1])


def _longest_valid(text: str) -> tuple[str, bool]:
    """The longest beginning with right check digits (a BIC may follow directly); else a French one by its length."""
    bare = "".join(text.split())
    for length in range(min(34, len(bare)), 14, -1):
        if iban.is_valid(bare[:length]):
            return bare[:length], True
    return (bare[:FRENCH_LENGTH], False) if bare.startswith("FR") and len(bare) >= FRENCH_LENGTH else ("", False)


def _end(match: re.Match[str], value: str) -> int:
    """Where the value ends in the text, blanks counted."""
    left = len(value)
    for offset, sign in enumerate(match.group()):
        left -= not sign.isspace()
        if left == 0:
            return match.start() + offset + 1
    return match.end()
