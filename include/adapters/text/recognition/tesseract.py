"""Tesseract in this process: the engine that takes over without OpenVINO, and the second reading of single values."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from include.adapters.text.recognition.engine import EngineMissingError, Recognised
from include.domain.text import Box, Word

if TYPE_CHECKING:
    from include.adapters.text.recognition.engine import Image

LANGUAGE = "fra"
FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
"""Where Debian and Ubuntu, Arch, Fedora, self-built and Homebrew Tesseracts keep their languages."""

UPRIGHT = 0.6
"""Words read so surely on the average stand upright; upside down they come out at 0.3."""

TURNS = (180, 90, 270)
_SPARSE, _ONE_LINE = 11, 7
"""Tesseract's page segmentation modes."""

_LEAST_SURE = 0.05
_RULES = "|[]{}_~"
_NOISE = re.compile(r"[^\w€$%&+/()\-:.,;*°#–—]+|[_=~]+")
"""The lines of tables and specks are read as signs like these."""


def language_folder() -> Path | None:
    """The folder with the French data, or None where it is not installed."""
    return next((Path(name) for name in FOLDERS if Path(name, f"{LANGUAGE}.traineddata").is_file()), None)


def _grey(image: Image) -> Any:
    from PIL import Image as Pictures

    return Pictures.fromarray(image[:, :, 1])


def _opened(mode: int) -> Any:
    """Tesseract with its French data loaded, which takes a twentieth of a second: each user keeps one."""
    try:
        import tesserocr
    except ImportError as error:
        raise EngineMissingError("tesserocr is not installed") from error
    folder = language_folder()
    if folder is None:
        raise EngineMissingError("the French data of Tesseract is missing: apt-get install tesseract-ocr-fra")
    return tesserocr.PyTessBaseAPI(path=str(folder), lang=LANGUAGE, psm=mode)


class TesseractEngine:
    """Implements Engine, in Tesseract's sparse mode: its automatic one loses table cells."""

    def __init__(self) -> None:
        self._api = _opened(_SPARSE)

    def recognise(self, image: Image) -> Recognised:
        """See `Engine`; a page that makes little sense is tried the other ways round."""
        ways = [_recognised(self._api, image, 0)]
        for turn in TURNS:
            if _sureness(ways[-1]) >= UPRIGHT:
                return ways[-1]
            ways.append(_recognised(self._api, np.ascontiguousarray(np.rot90(image, -turn // 90 % 4)), turn))
        return max(ways, key=_sureness)


class SecondReader:
    """Reads single boxes of a page that another engine has read."""

    def __init__(self) -> None:
        self._api = _opened(_ONE_LINE)

    def read(self, image: Image, boxes: Iterable[Box]) -> list[tuple[str, float]]:
        """What stands in each box, as one line, and how surely (0 to 1)."""
        self._api.SetImage(_grey(image))
        height, width = image.shape[:2]
        return [_line(self._api, box, width, height) for box in boxes]


def _sureness(found: Recognised) -> float:
    letters = sum(len(word.text) for word in found.words)
    return sum(word.confidence * len(word.text) for word in found.words) / letters if letters else 0.0


def _recognised(api: Any, image: Image, turn: int) -> Recognised:
    from tesserocr import RIL, iterate_level

    api.SetImage(_grey(image))
    api.Recognize()
    words: list[Word] = []
    slopes: list[tuple[float, float]] = []
    for item in iterate_level(api.GetIterator(), RIL.WORD):
        if item.IsAtBeginningOf(RIL.TEXTLINE):
            slopes.extend(_line_slope(item.Baseline(RIL.TEXTLINE)))
        word = _word(item, RIL.WORD)
        if word is not None:
            words.append(word)
    return Recognised(words=tuple(words), slope=_typical(slopes), turned=turn)


def _word(item: Any, level: int) -> Word | None:
    box = item.BoundingBox(level)
    text = (item.GetUTF8Text(level) or "").strip().lstrip(_RULES)
    sure = item.Confidence(level) / 100
    if box is None or not text or sure < _LEAST_SURE or _NOISE.fullmatch(text):
        return None
    left, top, right, bottom = map(float, box)
    return Word(text=text, box=(left, top, right, bottom), confidence=round(sure, 4))


def _line_slope(baseline: Any) -> Iterator[tuple[float, float]]:
    if baseline:
        (left, first), (right, second) = baseline
        if right > left:
            yield right - left, (second - first) / (right - left)


def _typical(slopes: list[tuple[float, float]]) -> float:
    """The median of the longer half of the lines: short ones say little about how the page lies."""
    longest = sorted(slopes, reverse=True)[: max(3, len(slopes) // 2)]
    return statistics.median(slope for _, slope in longest) if longest else 0.0


_MARGIN = 0.35
"""Around a box, in its heights: Tesseract reads letters badly that touch the border."""


def _line(api: Any, box: Box, width: int, height: int) -> tuple[str, float]:
    margin = _MARGIN * (box[3] - box[1])
    left, top = max(0, int(box[0] - margin)), max(0, int(box[1] - margin))
    right, bottom = min(width, int(box[2] + margin) + 1), min(height, int(box[3] + margin) + 1)
    if right <= left or bottom <= top:
        return "", 0.0
    api.SetRectangle(left, top, right - left, bottom - top)
    text = api.GetUTF8Text().strip()
    return text, max(0, api.MeanTextConf()) / 100 if text else 0.0
