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
from include.adapters.text.recognition.models import LINE_HEIGHT, PIXELS_OF_A_STEP, WIDEST
from include.domain.text import Box, Word

if TYPE_CHECKING:
    from include.adapters.text.recognition.detection import Quad
    from include.adapters.text.recognition.engine import Image
    from include.adapters.text.recognition.models import Models

SAMPLE = 6
"""Lines that are read to find out how a page lies; upright ones are read here once and for all."""

UPRIGHT = 0.85
"""Confidence of the sample from which on a page stands upright, and the other way up is not tried."""

LEAST_SURE = 0.5
"""Lowest confidence of a line; what is read with less are pictures, stamps and specks (the recogniser's makers cut
there too)."""

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
        turn, sample = self._lies(image, quads)
        if turn:
            image = turned(image, turn)
            quads, sample = find_lines(self._models, image), {}
        lines = [line for line in self._best(image, quads, sample) if line.sure >= LEAST_SURE]
        return Recognised(
            words=tuple(word for line in lines for word in _words(line)), slope=_slope(lines), turned=turn
        )

    def _lies(self, image: Image, quads: Sequence[Quad]) -> tuple[int, dict[int, _Read]]:
        """By how many degrees clockwise the page must be turned, and the lines by number that were read to find out.

        Told from the shape of its lines and from reading a few of them.
        """
        numbers = sorted(range(len(quads)), key=lambda number: _length(quads[number]), reverse=True)
        wide = [number for number in numbers if _ratio(quads[number]) >= TALL]
        tall = [number for number in numbers if _ratio(quads[number]) <= 1 / TALL]
        level = sum(_length(quads[number]) for number in wide) >= sum(_length(quads[number]) for number in tall)
        sample = _handy(wide if level else tall)
        upright: dict[int, _Read] = {}
        best, sure = 0, 0.0
        for turn in (0, 180) if level else (90, 270):
            read = self._read(image, [_beginning_at(quads[number], (360 - turn) // 90) for number in sample])
            mean = statistics.fmean(line.sure for line in read) if read else 0.0
            if turn == 0:
                upright = dict(zip(sample, read, strict=True))
            if mean > sure:
                best, sure = turn, mean
            if sure >= UPRIGHT:
                break
        return best, upright

    def _best(self, image: Image, quads: Sequence[Quad], known: dict[int, _Read]) -> Sequence[_Read]:
        """Each line as it is read best: a tall box may hold text that runs up or down."""
        rest = [number for number in range(len(quads)) if number not in known]
        lines = known | dict(zip(rest, self._read(image, [quads[number] for number in rest]), strict=True))
        doubtful = [number for number in range(len(quads)) if _may_lie(lines[number])]
        corners = [(number, corner) for number in doubtful for corner in (1, 3)]
        sideways = self._read(image, [_beginning_at(quads[number], corner) for number, corner in corners])
        for (number, _), line in zip(corners, sideways, strict=True):
            lines[number] = max(lines[number], line, key=_said)
        return [lines[number] for number in range(len(quads))]

    def _read(self, image: Image, quads: Sequence[Quad]) -> list[_Read]:
        cuts = [cut_out(image, quad, LINE_HEIGHT, WIDEST) for quad in quads]
        found = []
        for quad, cut, likely in zip(quads, cuts, self._models.read(cuts), strict=True):
            along, across = sides(quad)
            # a line longer than the widest that is read was squeezed into it
            squeezed = along / max(across, 1.0) * LINE_HEIGHT / cut.shape[1]
            step = PIXELS_OF_A_STEP / LINE_HEIGHT * max(squeezed, 1.0)
            found.append(_Read(quad, letters_of(likely, self._models.letters, step)))
        return found


def _may_lie(line: _Read) -> bool:
    """Whether the box is tall for a line, and what it says as one is not sure."""
    ratio = _ratio(line.quad)
    return ratio <= 1 / TALL and (line.sure < UPRIGHT or ratio <= 1 / (2 * TALL))


def _said(line: _Read) -> float:
    return line.sure * min(len(line.letters), 3)


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


def _handy(longest_first: Sequence[int]) -> Sequence[int]:
    """Some lines from the middle of the field: the longest cost the most, the shortest say little."""
    start = len(longest_first) // 6
    return longest_first[start : start + SAMPLE]


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
