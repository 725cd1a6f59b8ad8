"""Where the lines of text stand on a page image: from the detector's map to quadrilaterals.

The map marks the core of each line (Liao et al., *Real-time Scene Text Detection with Differentiable Binarization*,
2020): a rectangle around the core, widened by a share of its area, holds the line. The figures are those with which
rapidocr runs this detector.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from include.adapters.text.recognition.engine import Image
    from include.adapters.text.recognition.models import Models

    Quad = npt.NDArray[np.float32]
    """Four corners from where the line begins, clockwise as it is read."""

    Rectangle = tuple[Sequence[float], Sequence[float], float]
    """Middle, sides and degrees, as OpenCV gives one."""

REDUCED = 1300 / 2339
"""Scale at which lines are looked for: an A4 page of 200 dpi with its longest side at 1,300 pixels; with 960 a value
was lost."""

LONGEST = 2080
SHORTEST = 640
_STEP = 32
"""Sides of the detector's image are multiples of this."""

_MARKED = 0.3
"""Likelihood from which on a pixel belongs to a core."""

_LIKELY = 0.5
"""Mean likelihood of a core from which on there is a line."""

_WIDENED = 1.6
"""By how much of its area, divided by half of its circumference, each side of a core grows to that of the line."""

_THINNEST = 3
"""Pixels; anything thinner is a speck."""

_MOST_LINES = 1000


def find_lines(models: Models, image: Image) -> Sequence[Quad]:
    """The lines in no order."""
    height, width = image.shape[:2]
    longest = max(height, width)
    scale = min(REDUCED, LONGEST / longest) if longest * REDUCED > SHORTEST else min(1.0, SHORTEST / longest)
    sides = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height)]
    small = cv2.resize(image, (sides[0], sides[1]), interpolation=cv2.INTER_AREA)
    likely = models.detect(np.ascontiguousarray(small, dtype=np.uint8))
    return [
        quad for core in _cores(likely[0, 0]) if (quad := _on_page(core, likely.shape, (height, width))) is not None
    ]


def _cores(likely: npt.NDArray[np.float32]) -> Iterator[Rectangle]:
    """The cores of lines that are large and likely enough, as middle, sides and degrees."""
    marked = cv2.dilate((likely > _MARKED).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines[:_MOST_LINES]:
        core = cv2.minAreaRect(outline)
        if min(core[1]) >= _THINNEST and _mean_inside(likely, np.asarray(cv2.boxPoints(core), np.float32)) >= _LIKELY:
            yield core


def _mean_inside(likely: npt.NDArray[np.float32], corners: Quad) -> float:
    height, width = likely.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], 1)
    return cv2.mean(likely[top : bottom + 1, left : right + 1], mask=inside)[0]


def _on_page(core: Rectangle, map_shape: tuple[int, ...], page: tuple[int, int]) -> Quad | None:
    """The line around a core, in pixels of the page; None where next to nothing of it lies on the page."""
    middle, (one, other), degrees = core
    wider = one * other * _WIDENED / (one + other)
    corners = cv2.boxPoints((middle, (one + wider, other + wider), degrees))
    scale = (page[1] / map_shape[-1], page[0] / map_shape[-2])
    placed = np.clip(np.floor(corners * scale), 0, (page[1] - 1, page[0] - 1)).astype(np.float32)
    quad = _from_top_left(placed)
    along, across = sides(quad)
    return quad if min(along, across) > _THINNEST else None


def _from_top_left(corners: Quad) -> Quad:
    """The corners clockwise from the upper of the two that stand furthest left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    (top_left, bottom_left), (top_right, bottom_right) = (
        pair[np.argsort(pair[:, 1], kind="stable")] for pair in (by_x[:2], by_x[2:])
    )
    return np.array([top_left, top_right, bottom_right, bottom_left])


def sides(quad: Quad) -> tuple[float, float]:
    """Length along the reading direction, and height."""
    first, second, third, fourth = quad.tolist()
    return (
        max(math.dist(first, second), math.dist(fourth, third)),
        max(math.dist(first, fourth), math.dist(second, third)),
    )


def cut_out(image: Image, quad: Quad, height: int, widest: int) -> Image:
    """The line as an upright image of this height."""
    along, across = sides(quad)
    width = int(min(max(np.ceil(height * along / max(across, 1.0)), 8), widest))
    slanted = max(abs(quad[0][1] - quad[1][1]), abs(quad[3][1] - quad[2][1]))
    if slanted < 2 and quad[0][0] < quad[1][0] and quad[0][1] < quad[3][1]:
        left, top = np.floor(quad.min(axis=0)).astype(int)
        right, bottom = np.ceil(quad.max(axis=0)).astype(int)
        part = image[max(top, 0) : bottom, max(left, 0) : right]
        line = cv2.resize(part, (width, height))
    else:
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(quad, corners)
        line = cv2.warpPerspective(
            image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    return np.asarray(line, dtype=np.uint8)
