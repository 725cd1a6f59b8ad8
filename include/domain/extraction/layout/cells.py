"""Lines cut into cells, and which cells stand beside, above or below another.

A cell is a run of words with ordinary gaps: a label, a value, an entry of a table. Everything later asks for cells.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from include.domain.extraction.layout.label_matching import parted
from include.domain.extraction.lexicon import patterns
from include.domain.extraction.lexicon.patterns import Found, Text
from include.domain.text import Box, Line, Page, TextSource, Word, union

GAP = 0.9
SCANNED_GAP = 1.2
"""Blank between two cells, in heights of the line's words. Blanks inside text have about 0.3, justified text 0.6 of the
height from ascender to descender; boxes of recognised words reach from the base line to the capitals only."""

LEAST_LETTERS = 5
"""Single capitals in a row from which on they are a word that was set wide."""

REACH_DOWN = 3.2
"""How far below a label its value may stand, in heights of the label."""


@dataclass(frozen=True, eq=False)
class Cell:
    """Words that belong together; `row` counts the lines of its page from the top, `column` the cells of its line.

    Many fields look at the same cells: what is found in one is kept.
    """

    page: int
    row: int
    column: int
    words: tuple[Word, ...]
    box: Box
    source: TextSource

    @cached_property
    def text(self) -> str:
        """The words with single blanks between them."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def written(self) -> Text:
        """The same, in which values are looked for."""
        return Text(self.words)

    @cached_property
    def amounts(self) -> tuple[Found[Decimal], ...]:
        """The amounts with two decimals."""
        return tuple(patterns.amounts(self.written))

    @property
    def height(self) -> float:
        """Height of its tallest word."""
        return self.box[3] - self.box[1]


class Layout:
    """All cells of a document, by page and row."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = tuple(pages)
        self._rows: dict[int, list[list[Cell]]] = {page.number: list(_rows(page)) for page in pages}

    def cells(self) -> Iterator[Cell]:
        """Every cell, page by page, from top to bottom and left to right."""
        for rows in self._rows.values():
            for row in rows:
                yield from row

    def rows(self, page: int | None = None) -> Iterator[list[Cell]]:
        """Every line as its cells, of one page or of all."""
        for number, rows in self._rows.items():
            if page in (None, number):
                yield from rows

    def row_of(self, cell: Cell) -> list[Cell]:
        """The line that a cell stands on."""
        return self._rows[cell.page][cell.row]

    def row_at(self, page: int, number: int) -> list[Cell]:
        """A line by its number; nothing where the page has no such line."""
        rows = self._rows[page]
        return rows[number] if 0 <= number < len(rows) else []

    def page_size(self, number: int) -> tuple[float, float]:
        """Width and height of a page."""
        return next((page.width, page.height) for page in self.pages if page.number == number)

    def right_of(self, cell: Cell) -> list[Cell]:
        """The cells after it on its line, nearest first; where its line ends, those about as high on the next ones.

        Scans are warped, and programs set amounts a little higher than the words before them.
        """
        after = self.row_of(cell)[cell.column + 1 :]
        if after:
            return after
        rows = self._rows[cell.page][max(0, cell.row - 1) : cell.row + 2]
        beside = [other for row in rows for other in row if other.box[0] > cell.box[2] and _level(cell.box, other.box)]
        return sorted(beside, key=lambda other: other.box[0])

    def left_of(self, cell: Cell) -> list[Cell]:
        """The cells before it on its line, nearest first."""
        return self.row_of(cell)[: cell.column][::-1]

    def below(self, cell: Cell, reach: float = REACH_DOWN, box: Box | None = None) -> list[Cell]:
        """The cells under it (or under a part of it, `box`) within reach, the nearest line first."""
        top = box or cell.box
        limit = top[3] + reach * (top[3] - top[1])
        found: list[Cell] = []
        for row in self._rows[cell.page][cell.row + 1 :]:
            if min(other.box[1] for other in row) > limit:
                break
            found.extend(other for other in row if overlaps(top, other.box) and other.box[1] <= limit)
        return found

    def above(self, cell: Cell, reach: float) -> list[Cell]:
        """The cells over it within reach (in its own heights), the nearest line first."""
        limit = cell.box[1] - reach * cell.height
        found: list[Cell] = []
        for row in reversed(self._rows[cell.page][: cell.row]):
            if max(other.box[3] for other in row) < limit:
                break
            found.extend(other for other in row if overlaps(cell.box, other.box))
        return found


def _level(one: Box, other: Box) -> bool:
    """Whether two boxes stand about equally high."""
    apart = abs(one[1] + one[3] - other[1] - other[3]) / 2
    return apart < 0.8 * max(one[3] - one[1], other[3] - other[1])


def overlaps(one: Box, other: Box) -> bool:
    """Whether two boxes share a part of the page's width."""
    return one[0] < other[2] and other[0] < one[2]


def _rows(page: Page) -> Iterator[list[Cell]]:
    scanned = page.source == TextSource.OCR
    gap = SCANNED_GAP if scanned else GAP
    lines = map(_unglued, page.lines) if scanned else page.lines
    for number, line in enumerate(map(_closed_up, lines)):
        yield [
            Cell(page.number, number, column, words, union(word.box for word in words), page.source)
            for column, words in enumerate(_split(line, gap))
        ]


def _closed_up(line: Line) -> Line:
    """`F A C T U R E`: a run of single capitals is one word, set wide."""
    words: list[Word] = []
    for single, run in groupby(line.words, key=lambda word: len(word.text) == 1 and word.text.isupper()):
        letters = list(run)
        if single and len(letters) >= LEAST_LETTERS:
            text, sure = "".join(word.text for word in letters), min(word.confidence for word in letters)
            letters = [Word(text=text, box=union(word.box for word in letters), confidence=sure)]
        words += letters
    return line if len(words) == len(line.words) else Line(words=tuple(words))


def _unglued(line: Line) -> Line:
    return Line(words=tuple(part for word in line.words for part in parted(word)))


def _split(line: Line, gap: float) -> Iterator[tuple[Word, ...]]:
    """A line's words where the blank between them is wider than blanks inside text."""
    widest = gap * statistics.median(word.box[3] - word.box[1] for word in line.words)
    start = 0
    for index in range(1, len(line.words)):
        if line.words[index].box[0] - line.words[index - 1].box[2] > widest:
            yield line.words[start:index]
            start = index
    yield line.words[start:]
