"""Pages of text: words with boxes, where each came from, how sure the reader was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in PDF points (1/72 inch) from the top left corner of the page as it is shown."""


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them."""
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return (min(x0s), min(y0s), max(x1s), max(y1s))


class TextSource(StrEnum):
    """Which reader produced the words of a page."""

    TEXT = "text"
    OCR = "ocr"


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """One word; `confidence` from 0 to 1 (a text layer's words are 1)."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Words that stand on one line, left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with single blanks between them."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The smallest box around the words."""
        return union(word.box for word in self.words)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page: number from 1, size in points, lines from top to bottom, and where the words came from.

    `turned` says by how many degrees (clockwise) the shown page was turned to be upright for reading, because it was
    scanned or drawn lying; width, height and boxes are those of the page turned so.
    """

    number: int
    width: float
    height: float
    source: TextSource
    lines: tuple[Line, ...]
    turned: int = 0
