"""Where on the pages a value stands that is known, and where one of a field may stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from include.domain.extraction.fields.bank import ibans
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout_memory.example import kind_of
from include.domain.extraction.layout_memory.shapes import pattern_of, pattern_of_value
from include.domain.extraction.lexicon.patterns import Found, amounts, dates, misread_sirets, sirets
from include.domain.fields import Value, as_text
from include.domain.fields.registry import Kind
from include.domain.text import Box, TextSource, Word, union
from include.domain.values import cents, compact, fold

_IDENTIFIER = re.compile(r"(?<![0-9A-Za-z])[A-Za-z0-9][A-Za-z0-9/_.+-]*[A-Za-z0-9](?![0-9A-Za-z])")
LEAST_LETTERS = 4
"""Letters of a name."""

MOST_DIGITS = 2
"""Digits of a name (`Paris 13`); more are a number."""

CLOSE = 2.0
"""Blank after which the words of a scan may still go on, in heights."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value on a page with the words it stands in; `first` is the index of the first of them in its cell.

    `open_ended`: it was cut out of its cell, so that only where it begins says that it is the right one.
    """

    value: Value
    cell: Cell
    box: Box
    text: str
    sure: float
    first: int
    negative: bool = False
    open_ended: bool = False

    @property
    def words(self) -> range:
        """The indexes of its words in its cell."""
        return range(self.first, self.first + max(1, len(self.text.split())))


def same(name: str, one: Value, other: Value) -> bool:
    """Whether two values of a field are one: amounts without their sign, names and codes however they are written."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one) == abs(other)
    written = fold if kind_of(name) is Kind.NAME else compact
    return written(as_text(one)) == written(as_text(other))


def printed(document: LabelledPage, name: str, value: Value) -> list[Place]:
    """The places where a value that is known stands."""
    kind = kind_of(name)
    if kind is Kind.IDENTIFIER:
        return [place for cell in document.layout.cells() for place in _matches(cell, _of_value(cell, as_text(value)))]
    if kind is Kind.NAME:
        return [place for cell, words in _texts(document) for place in _named(cell, words, fold(as_text(value)))]
    return [place for place in possible(document, name) if same(name, place.value, value)]


def possible(document: LabelledPage, name: str) -> list[Place]:
    """The places where a value of a field may stand; of a code, every identifier."""
    kind = kind_of(name)
    if kind is Kind.IBAN:
        return list(_accounts(document))
    if kind is Kind.NAME:
        return [place for cell, words in _texts(document) for place in _names(cell, words)]
    cells = document.layout.cells()
    return [place for cell in cells if kind not in _OF_DIGITS or _has_digit(cell) for place in _READERS[kind](cell)]


def shaped(document: LabelledPage, shapes: Iterable[str]) -> list[Place]:
    """The places where a number of one of these shapes stands."""
    pattern = pattern_of(shapes)
    return [] if pattern is None else [place for cell in document.layout.cells() for place in _matches(cell, pattern)]


def _of_value(cell: Cell, value: str) -> re.Pattern[str]:
    return pattern_of_value(value, scanned=cell.source is TextSource.OCR)


def _place(cell: Cell, value: Value, text: str, words: tuple[Word, ...], *, negative: bool = False) -> Place:
    first = next(index for index, word in enumerate(cell.words) if word is words[0])
    box = union(word.box for word in words)
    return Place(value, cell, box, text, min(word.confidence for word in words), first, negative)


def _found(cell: Cell, found: Found[Any], value: Value, *, negative: bool = False) -> Place:
    return _place(cell, value, " ".join(word.text for word in found.words), found.words, negative=negative)


def _matches(cell: Cell, pattern: re.Pattern[str]) -> Iterator[Place]:
    text = cell.written
    for match in pattern.finditer(text.plain):
        found = text.found(match.group(), match.start(), match.end())
        yield _found(cell, found, " ".join(match.group().split()))


def _texts(document: LabelledPage) -> Iterator[tuple[Cell, tuple[Word, ...]]]:
    """Every cell with its words; on a scan, where blanks look wider, with those of the cells that follow closely."""
    for row in document.layout.rows():
        for position, cell in enumerate(row):
            words, end = list(cell.words), cell.box[2]
            for following in row[position + 1 :] if cell.source is TextSource.OCR else ():
                if following.box[0] - end > CLOSE * cell.height:
                    break
                words.extend(following.words)
                end = following.box[2]
            yield cell, tuple(words)


def _named(cell: Cell, words: tuple[Word, ...], wanted: str) -> Iterator[Place]:
    """The words that are exactly this name."""
    for first in range(len(cell.words)):
        for last in range(first + 1, len(words) + 1):
            text = " ".join(word.text for word in words[first:last])
            if fold(text).strip(" :,;-") == wanted:
                yield _place(cell, text, text, words[first:last])
                return


def _amounts(cell: Cell) -> Iterator[Place]:
    for found in amounts(cell.written, whole=True):
        yield _found(cell, found, cents(abs(found.value)), negative=found.value < 0)


def _dates(cell: Cell) -> Iterator[Place]:
    for found in dates(cell.written):
        yield _found(cell, found, found.value)


def _sirets(cell: Cell) -> Iterator[Place]:
    text = cell.written
    for found in sirets(text):
        yield _found(cell, found, found.value)
    if cell.source is TextSource.OCR:
        for found in misread_sirets(text):
            yield _found(cell, found, found.value)


def _names(cell: Cell, words: tuple[Word, ...]) -> Iterator[Place]:
    """What a line holds from each word of a cell on: a label may stand before the name."""
    for first in range(len(cell.words)):
        text = " ".join(word.text for word in words[first:])
        if sum(map(str.isalpha, text)) >= LEAST_LETTERS and sum(map(str.isdigit, text)) <= MOST_DIGITS:
            yield replace(_place(cell, text.strip(" :,;-"), text, words[first:]), open_ended=True)


def _identifiers(cell: Cell) -> Iterator[Place]:
    yield from _matches(cell, _IDENTIFIER)


def has_digit(place: Place) -> bool:
    """Whether a value holds a digit."""
    return any(sign.isdigit() for sign in as_text(place.value))


def _accounts(document: LabelledPage) -> Iterator[Place]:
    """IBANs as the rules find them, also where a form spreads the groups over cells."""
    for found in ibans(document):
        cell = next((cell for cell in document.layout.cells() if _holds(cell, found.page, found.box)), None)
        if cell is not None and found.box is not None:
            first = next(index for index, word in enumerate(cell.words) if word.box[2] > found.box[0])
            yield Place(found.value, cell, found.box, found.text or "", 1.0, first)


def _holds(cell: Cell, page: int | None, box: Box | None) -> bool:
    if box is None or cell.page != page:
        return False
    return cell.box[0] <= box[0] < cell.box[2] and cell.box[1] < box[3] and box[1] < cell.box[3]


_READERS: dict[Kind, Callable[[Cell], Iterator[Place]]] = {
    Kind.AMOUNT: _amounts,
    Kind.DATE: _dates,
    Kind.SIRET: _sirets,
    Kind.IDENTIFIER: _identifiers,
}

_OF_DIGITS = frozenset({Kind.AMOUNT, Kind.DATE, Kind.SIRET})


def _has_digit(cell: Cell) -> bool:
    return any(sign.isdigit() for word in cell.words for sign in word.text)
