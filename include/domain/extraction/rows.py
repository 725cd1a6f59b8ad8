"""Words scattered over a page, put on lines."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from include.domain.text import Line, Word


class _Row:
    """A line that is being filled; `middle` and `height` are running means."""

    __slots__ = ("height", "middle", "words")

    def __init__(self, word: Word, middle: float) -> None:
        self.words = [word]
        self.middle = middle
        self.height = word.box[3] - word.box[1]

    def add(self, word: Word, middle: float) -> None:
        count = len(self.words)
        self.words.append(word)
        self.middle += (middle - self.middle) / (count + 1)
        self.height += (word.box[3] - word.box[1] - self.height) / (count + 1)


def lines_of(words: Iterable[Word], slope: float = 0.0) -> tuple[Line, ...]:
    """The words on lines from top to bottom, each line across the whole page and left to right.

    `slope` is how far a line of text sinks per point to the right on a page that was scanned askew: over the width of
    a page two degrees are more than a line's height. Words join a line when their middles differ by less than half
    the height of the smaller one, or of the page's smaller words: a dash has no height to go by.
    """
    rows: list[_Row] = []
    placed = sorted(((_middle(word, slope), word) for word in words), key=lambda pair: pair[0])
    if not placed:
        return ()
    least = 0.7 * statistics.median(word.box[3] - word.box[1] for _, word in placed)
    for middle, word in placed:
        height = word.box[3] - word.box[1]
        nearest = min(rows[-4:], key=lambda row: abs(row.middle - middle), default=None)
        smaller = max(min(height, nearest.height), least) if nearest else 0.0
        if nearest is not None and abs(nearest.middle - middle) < 0.5 * smaller:
            nearest.add(word, middle)
        else:
            rows.append(_Row(word, middle))
    rows.sort(key=lambda row: row.middle)
    return tuple(Line(words=tuple(sorted(row.words, key=lambda word: word.box[0]))) for row in rows)


def _middle(word: Word, slope: float) -> float:
    x0, y0, x1, y1 = word.box
    return (y0 + y1) / 2 - slope * (x0 + x1) / 2
