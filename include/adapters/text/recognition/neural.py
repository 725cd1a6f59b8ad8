"""PP-OCRv6 through OpenVINO: finds the lines, turns the page upright, reads each line."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from include.adapters.text.recognition.decoding import Letter, letters_of, pieces_of, sureness
from include.adapters.text.recognition.detection import cut_out, find_lines, sides
from include.adapters.text.recognition.engine import Recognised
from include.adapters.text.recognition.models import LINE_HEIGHT, WIDTHS
from include.domain.text import Box, Word

if TYPE_CHECKING:
    from include.adapters.text.recognition.detection import Quad
    from include.adapters.text.recognition.engine import Image
    from include.adapters.text.recognition.models import Models

SAMPLE = 6
"""Lines that say how a page lies; upright ones are read here once and for all."""

UPRIGHT = 0.85
"""A page whose sample is read so surely stands upright, and the other way up is not tried."""

LEAST_SURE = 0.5
"""Lines read with less are pictures, stamps and specks (the recogniser's makers cut there too)."""

TALL = 1.5
"""A box so much taller than wide holds text that runs up or down, or one thin letter."""

BODY = 0.6
"""The part of a found line's height that its capitals take: boxes of words reach as high as Tesseract's."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A line with what it says; its corners begin where it is read from."""

    quad: Quad
    letters: Sequence[Letter]

    @property
    def sure(self) -> float:
        return sureness(self.letters)


class NeuralEngine:
    """Implements Engine."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def recognise(self, image: Image) -> Recognised:
        """See `Engine`."""
        quads = find_lines(self._models, image)
        turn = self._lies(image, quads)
        if turn:
            image = turned(image, turn)
            quads = find_lines(self._models, image)
        lines = [line for line in (self._best(image, quad) for quad in quads) if line.sure >= LEAST_SURE]
        return Recognised(
            words=tuple(word for line in lines for word in _words(line)), slope=_slope(lines), turned=turn
        )

    def _lies(self, image: Image, quads: Sequence[Quad]) -> int:
        """By how many degrees clockwise the page must be turned: the shape of its lines and reading a few say so."""
        wide = sorted((quad for quad in quads if _ratio(quad) >= TALL), key=_length, reverse=True)
        tall = sorted((quad for quad in quads if _ratio(quad) <= 1 / TALL), key=_length, reverse=True)
        level = sum(map(_length, wide)) >= sum(map(_length, tall))
        sample = _handy(wide if level else tall)
        best, sure = 0, 0.0
        for turn in (0, 180) if level else (90, 270):
            read = [self._read(image, _beginning_at(quad, (360 - turn) // 90)) for quad in sample]
            mean = statistics.fmean(line.sure for line in read) if read else 0.0
            if mean > sure:
                best, sure = turn, mean
            if sure >= UPRIGHT:
                break
        return best

    def _best(self, image: Image, quad: Quad) -> _Read:
        """A line as it is read best: a tall box may hold text that runs up or down."""
        line = self._read(image, quad)
        if _ratio(quad) > 1 / TALL or (line.sure >= UPRIGHT and _ratio(quad) > 1 / (2 * TALL)):
            return line
        sideways = [self._read(image, _beginning_at(quad, corner)) for corner in (1, 3)]
        return max([line, *sideways], key=lambda read: read.sure * min(len(read.letters), 3))

    def _read(self, image: Image, quad: Quad) -> _Read:
        cut = cut_out(image, quad, LINE_HEIGHT, WIDTHS[-1])
        likely = self._models.read(cut)
        padded = next(width for width in WIDTHS if width >= cut.shape[1])
        along, across = sides(quad)
        # a line longer than the widest recogniser was squeezed into it
        squeezed = along / max(across, 1.0) * LINE_HEIGHT / cut.shape[1]
        step = padded / len(likely) / LINE_HEIGHT * max(squeezed, 1.0)
        return _Read(quad, letters_of(likely, self._models.letters, step))


def turned(image: Image, degrees: int) -> Image:
    """The image turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(image, -degrees // 90 % 4))


def _beginning_at(quad: Quad, corner: int) -> Quad:
    """The same line read from another corner: 1 downwards, 2 upside down, 3 upwards."""
    return np.roll(quad, -corner, axis=0)


def _length(quad: Quad) -> float:
    return max(sides(quad))


def _ratio(quad: Quad) -> float:
    along, across = sides(quad)
    return along / max(across, 1.0)


def _handy(quads: Sequence[Quad]) -> Sequence[Quad]:
    """Some lines from the middle of the field: the longest cost the most, the shortest say little."""
    start = len(quads) // 6
    return quads[start : start + SAMPLE]


def _words(line: _Read) -> Iterator[Word]:
    along, across = sides(line.quad)
    length = along / max(across, 1.0)
    for piece in pieces_of(line.letters, length):
        part = _box(line.quad, piece.start / length, min(piece.end / length, 1.0))
        yield Word(text=piece.text, box=part, confidence=round(piece.sure, 4))


def _box(quad: Quad, start: float, end: float) -> Box:
    """The upright box around a part of a line: as high as the line is at this place, not as its whole slant."""
    upper = [quad[0] + (quad[1] - quad[0]) * share for share in (start, end)]
    lower = [quad[3] + (quad[2] - quad[3]) * share for share in (start, end)]
    corners = np.array([*upper, *lower])
    if abs(quad[1][1] - quad[0][1]) > abs(quad[1][0] - quad[0][0]):
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)
    middle = float(corners[:, 1].mean())
    half = sides(quad)[1] * BODY / 2
    return float(corners[:, 0].min()), middle - half, float(corners[:, 0].max()), middle + half


def _slope(lines: Sequence[_Read]) -> float:
    """The median of the longer half of the lines: short ones say little about how the page lies."""
    found = sorted(
        (
            (_length(line.quad), _steepness(line.quad))
            for line in lines
            if _ratio(line.quad) >= TALL and line.quad[1][0] > line.quad[0][0]
        ),
        reverse=True,
    )
    longest = found[: max(3, len(found) // 2)]
    return statistics.median(slope for _, slope in longest) if longest else 0.0


def _steepness(quad: Quad) -> float:
    across = float(quad[1][0] - quad[0][0] + quad[2][0] - quad[3][0])
    down = float(quad[1][1] - quad[0][1] + quad[2][1] - quad[3][1])
    return down / across if across else 0.0
