"""Pages of text: words with boxes, where each came from, how sure the reader was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in PDF points (1/72 inch) from the top left corner of the page as it is shown."""


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
        boxes = [word.box for word in self.words]
        return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page: number from 1, size in points, lines from top to bottom, and where the words came from."""

    number: int
    width: float
    height: float
    source: TextSource
    lines: tuple[Line, ...]
