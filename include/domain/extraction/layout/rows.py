"""Words scattered over a page, put on lines."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from include.domain.text import Line, Word

NEAR = 2.0
"""Words of one piece of text stand at most this far apart, in heights."""


class _Row:
    """Words of one line so far; `middle` and `height` are means over them."""

    __slots__ = ("height", "middle", "words")

    def __init__(self, words: Sequence[Word], middle: float, height: float) -> None:
        self.words = list(words)
        self.middle = middle
        self.height = height

    def add(self, other: _Row) -> None:
        mine, theirs = len(self.words), len(other.words)
        self.words.extend(other.words)
        self.middle = (self.middle * mine + other.middle * theirs) / (mine + theirs)
        self.height = (self.height * mine + other.height * theirs) / (mine + theirs)


def lines_of(words: Iterable[Word]) -> tuple[Line, ...]:
    """The words of a text layer on lines from top to bottom, each across the whole page and left to right."""
    return _lines([_Row([word], _middle(word, 0.0), _height(word)) for word in words])


def lines_of_scan(words: Iterable[Word], slope: float) -> tuple[Line, ...]:
    """The same for recognised words, whose boxes dance: words are first joined with their neighbours.

    `slope` is how far a line of text sinks per point to the right on a page that was scanned askew: over the width of
    a page two degrees are more than a line's height.
    """
    pieces: list[_Row] = []
    for word in sorted(words, key=lambda word: word.box[0]):
        row = _Row([word], _middle(word, slope), _height(word))
        home = min(
            (piece for piece in pieces if _continues(piece, word, row)),
            key=lambda piece: abs(piece.middle - row.middle),
            default=None,
        )
        if home is None:
            pieces.append(row)
        else:
            home.add(row)
    return _lines(pieces)


def _continues(piece: _Row, word: Word, row: _Row) -> bool:
    """Whether a word stands close behind the last word of a piece, on its height."""
    gap = word.box[0] - piece.words[-1].box[2]
    tall = max(piece.height, row.height)
    return -tall < gap < NEAR * tall and abs(piece.middle - row.middle) < 0.45 * tall


def _lines(pieces: list[_Row]) -> tuple[Line, ...]:
    """Pieces on lines: they join when their middles differ by less than half the height of the smaller one.

    The height of the page's smaller words is the least that counts: a dash has no height to go by.
    """
    if not pieces:
        return ()
    least = 0.7 * statistics.median(piece.height for piece in pieces)
    rows: list[_Row] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        nearest = min(rows[-4:], key=lambda row: abs(row.middle - piece.middle), default=None)
        smaller = max(min(piece.height, nearest.height), least) if nearest else 0.0
        if nearest is not None and abs(nearest.middle - piece.middle) < 0.5 * smaller:
            nearest.add(piece)
        else:
            rows.append(piece)
    rows.sort(key=lambda row: row.middle)
    return tuple(Line(words=tuple(sorted(row.words, key=lambda word: word.box[0]))) for row in rows)


def _height(word: Word) -> float:
    return word.box[3] - word.box[1]


def _middle(word: Word, slope: float) -> float:
    x0, y0, x1, y1 = word.box
    return (y0 + y1) / 2 - slope * (x0 + x1) / 2
