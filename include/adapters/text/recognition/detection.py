"""Where the lines of text stand on a page image: rapidocr's way from the detector's map to quadrilaterals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from rapidocr.ch_ppocr_det.utils import DBPostProcess

if TYPE_CHECKING:
    import numpy.typing as npt

    from include.adapters.text.recognition.engine import Image
    from include.adapters.text.recognition.models import Models

    Quad = npt.NDArray[np.float32]
    """Four corners from where the line begins, clockwise as it is read."""

REDUCED = 1300 / 2339
"""An A4 page of 200 dpi is looked at with its longest side at 1,300 pixels: with 960 a value was lost."""

LONGEST = 2080
SHORTEST = 640
_STEP = 32
"""Sides of the detector's image are multiples of this."""


def find_lines(models: Models, image: Image) -> Sequence[Quad]:
    """The lines in no order."""
    height, width = image.shape[:2]
    longest = max(height, width)
    scale = min(REDUCED, LONGEST / longest) if longest * REDUCED > SHORTEST else min(1.0, SHORTEST / longest)
    sides = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height)]
    small = cv2.resize(image, (sides[0], sides[1]), interpolation=cv2.INTER_AREA)
    likely = models.detect(np.ascontiguousarray(small, dtype=np.uint8))
    quads, _ = _post_process()(likely, (height, width))
    return [np.asarray(quad, dtype=np.float32) for quad in quads]


@cache
def _post_process() -> Any:
    """With rapidocr's own settings for this model."""
    return DBPostProcess(
        thresh=0.3, box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, use_dilation=True, score_mode="fast"
    )


def sides(quad: Quad) -> tuple[float, float]:
    """Length along the reading direction, and height."""
    along = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    across = max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    return float(along), float(across)


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
