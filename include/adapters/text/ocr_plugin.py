"""A plugin of OCRmyPDF: renders fast, recognises with Tesseract, and keeps the words with their boxes.

OCRmyPDF loads this module by name. The words are kept here because its result is a PDF: reading them back out of that
PDF would lose their confidence. One document at a time in one process, so a module-level store is enough.

Measured reasons: OCRmyPDF compresses each page image as PNG at full strength, on a noisy page longer than Tesseract
needs to read it; Tesseract's sparse mode (psm 11) finds the table cells that its automatic mode loses.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrmypdf import hookimpl
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOcrEngine
from ocrmypdf.hocrtransform import HocrParser

from include.domain.text import Word

if TYPE_CHECKING:
    from ocrmypdf._options import OcrOptions
    from ocrmypdf.models.ocr_element import OcrElement

RENDER_DPI = 200
"""Finer scans are not read better at their full resolution, and coarser ones lose by being blown up."""

MOST_PIXELS = 60_000_000
_LEAST_CONFIDENCE = 0.05
_RULES = "|[]{}_~"
_NOISE = re.compile(r"[^\w€$%&+/()\-:.,;*°#–—]+|[_=~]+")
"""The lines of tables and specks are read as signs like these."""


@dataclass
class Recognised:
    """The words of one page in points from the top left, how askew the lines are, and how the page was turned."""

    words: list[Word] = field(default_factory=list)
    slope: float = 0.0
    turned: int = 0


_pages: dict[int, Recognised] = {}


def forget() -> None:
    """Empties the store before a document."""
    _pages.clear()


def recognised(index: int) -> Recognised:
    """What was read on the page with this index (from 0) since `forget`."""
    return _pages.setdefault(index, Recognised())


class KeepingEngine(TesseractOcrEngine):
    """Tesseract as OCRmyPDF runs it, whose words we keep."""

    @staticmethod
    def supports_generate_ocr() -> bool:
        """Recognition gives the tree of words itself."""
        return True

    @staticmethod
    def generate_ocr(input_file: Path, options: OcrOptions, page_number: int = 0) -> tuple[OcrElement, str]:
        """Recognises one page image and keeps its words."""
        with tempfile.TemporaryDirectory() as folder:
            hocr, text = Path(folder, "page.hocr"), Path(folder, "page.txt")
            TesseractOcrEngine.generate_hocr(input_file, hocr, text, options)  # type: ignore[no-untyped-call]
            tree = HocrParser(hocr).parse()
            _keep(tree, page_number, _dpi(input_file))
            return tree, text.read_text(encoding="utf-8", errors="replace")


def _dpi(image: Path) -> float:
    from PIL import Image

    with Image.open(image) as opened:
        return float(opened.info.get("dpi", (RENDER_DPI, RENDER_DPI))[0])


def _keep(tree: OcrElement, page_number: int, dpi: float) -> None:
    scale = 72.0 / dpi
    page = recognised(page_number)
    for word in tree.words:
        confidence = 1.0 if word.confidence is None else float(word.confidence)
        if word.bbox is None or not word.text.strip() or confidence < _LEAST_CONFIDENCE:
            continue
        box = (word.bbox.left * scale, word.bbox.top * scale, word.bbox.right * scale, word.bbox.bottom * scale)
        text = word.text.strip().lstrip(_RULES)
        if text and not _NOISE.fullmatch(text):
            page.words.append(Word(text=text, box=box, confidence=confidence))
    slopes = [
        (line.bbox.right - line.bbox.left, line.baseline.slope)
        for line in tree.lines
        if line.baseline is not None and line.bbox is not None and len(line.children) > 1
    ]
    page.slope = _typical(slopes)


def _typical(slopes: list[tuple[float, float]]) -> float:
    """The median of the longer half of the lines: short ones say little about how the page lies."""
    longest = sorted(slopes, reverse=True)[: max(3, len(slopes) // 2)]
    return statistics.median(slope for _, slope in longest) if longest else 0.0


@hookimpl
def get_ocr_engine(options: Any) -> KeepingEngine:
    """The engine of this plugin, whatever the options say."""
    return KeepingEngine()


@hookimpl
def rasterize_pdf_page(input_file: Path, output_file: Path, pageno: int, rotation: int | None) -> Path:
    """The page as a grey PNG, barely compressed. `rotation` is counted counter-clockwise by OCRmyPDF."""
    import pypdfium2 as pdfium

    recognised(pageno - 1).turned = -(rotation or 0) % 360
    with pdfium.PdfDocument(input_file) as pdf:
        page = pdf[pageno - 1]
        page.set_rotation((page.get_rotation() - (rotation or 0)) % 360)
        width, height = page.get_size()
        dpi = min(RENDER_DPI, 72.0 * (MOST_PIXELS / (width * height)) ** 0.5)
        bitmap = page.render(scale=dpi / 72.0, grayscale=True)
        image = bitmap.to_pil()
        image.save(output_file, dpi=(dpi, dpi), compress_level=1)
        bitmap.close()
    return output_file
