"""Pages that have no text layer to trust: painted, recognised once, and kept as images while a document is read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.adapters.text.recognition.choice import EngineName, Engines
from include.adapters.text.recognition.engine import EngineMissingError, Recognised
from include.domain.extraction.confidence.warnings import ENGINE_REPLACED, NO_ENGINE
from include.domain.extraction.layout.rows import lines_of_scan
from include.domain.text import Box, Page, TextSource, Word

if TYPE_CHECKING:
    import pypdfium2 as pdfium

    from include.adapters.text.recognition.engine import Image

logger = logging.getLogger(__name__)

RENDER_DPI = 200
"""Resolution at which pages are painted: finer scans are not read better at their full resolution, and coarser ones
lose by being blown up."""

LARGEST_PAGE = 1250.0
"""Points: a little more than A3. Larger pages are scans whose resolution is told wrongly."""

LONGEST_SIDE = 2600
"""Pixels to which those are painted: what an A4 page would have."""

_POINTS = 72.0


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """A recognised page, with its upright image and how many pixels that has to a point."""

    page: Page
    image: Image
    scale: float

    def pixels(self, box: Box) -> Box:
        """A box of the page in the image."""
        return (box[0] * self.scale, box[1] * self.scale, box[2] * self.scale, box[3] * self.scale)


@dataclass(kw_only=True)
class Recognition:
    """The recognised pages of a document by number.

    `replaced` says that Tesseract stood in for OpenVINO, `by_tesseract` that it read, whyever, and `impossible` that no
    engine runs here.
    """

    scans: dict[int, Scanned] = field(default_factory=dict)
    replaced: bool = False
    by_tesseract: bool = False
    impossible: bool = False

    def page(self, number: int) -> Page | None:
        """The words of a page that was recognised."""
        scan = self.scans.get(number)
        return scan.page if scan else None

    def warnings(self) -> Iterator[str]:
        """What the reader of the document should know about how its pages were recognised."""
        if self.replaced:
            yield ENGINE_REPLACED
        if self.impossible:
            yield NO_ENGINE


def recognise(pdf: pdfium.PdfDocument, numbers: Iterable[int], engines: Engines, engine: EngineName) -> Recognition:
    """The pages with these numbers (from 1); one on which nothing could be read is missing."""
    found = Recognition()
    for number in numbers:
        image, scale, size = _paint(pdf, number)
        result = _recognised(image, engines, engine, found)
        if found.impossible:
            break
        if result.words:
            found.scans[number] = _scanned(number, image, scale, size, result)
    return found


def _recognised(image: Image, engines: Engines, name: EngineName, found: Recognition) -> Recognised:
    """One image through the engine, and through Tesseract when OpenVINO fails on it and may be replaced."""
    try:
        engine, replaced = engines.choose(name)
    except EngineMissingError as error:
        logger.error("Scanned pages cannot be recognised here: %s", error)
        found.impossible = True
        return Recognised()
    found.replaced = found.replaced or replaced
    found.by_tesseract = found.by_tesseract or replaced or name == "tesseract"
    try:
        return engine.recognise(image)
    except Exception as error:  # OpenVINO, OpenCV and Tesseract name no common one
        logger.warning("Recognition failed on a page", exc_info=True)
        if replaced or name == "tesseract":
            return Recognised()
        engines.give_up(error)
        return _recognised(image, engines, name, found)


def _paint(pdf: pdfium.PdfDocument, number: int) -> tuple[Image, float, tuple[float, float]]:
    """The page as it is shown, without what was written on it later; pixels to a point; its size in points."""
    import numpy as np

    page = pdf[number - 1]
    try:
        width, height = page.get_size()
        longest = max(width, height)
        scale = RENDER_DPI / _POINTS if longest <= LARGEST_PAGE else LONGEST_SIDE / longest
        bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False)
        pixels = bitmap.to_numpy()
        image: Image = np.array(pixels[:, :, :3] if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1))
        bitmap.close()
        return np.ascontiguousarray(image), scale, (width, height)
    finally:
        page.close()


def _scanned(number: int, image: Image, scale: float, size: tuple[float, float], result: Recognised) -> Scanned:
    import numpy as np

    width, height = reversed(size) if result.turned % 180 else size
    page = Page(
        number=number,
        width=width,
        height=height,
        source=TextSource.OCR,
        lines=lines_of_scan(_in_points(result.words, scale), result.slope),
        turned=result.turned,
    )
    upright = np.ascontiguousarray(np.rot90(image, -result.turned // 90 % 4)) if result.turned else image
    return Scanned(page=page, image=upright, scale=scale)


def _in_points(words: Sequence[Word], scale: float) -> list[Word]:
    return [
        Word(
            text=word.text,
            box=(word.box[0] / scale, word.box[1] / scale, word.box[2] / scale, word.box[3] / scale),
            confidence=word.confidence,
        )
        for word in words
    ]
