"""A plugin of OCRmyPDF that has every page's words already: it writes them, and recognises nothing.

OCRmyPDF loads this module by name, so the words are handed over in a module-level store: one document at a time in one
process. The page image that it asks for is never looked at and is therefore a blank sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrmypdf import hookimpl
from ocrmypdf.builtin_plugins.null_ocr import NullOcrEngine
from ocrmypdf.models.ocr_element import BoundingBox, OcrClass, OcrElement

if TYPE_CHECKING:
    from ocrmypdf._options import OcrOptions

    from include.domain.text import Line, Page

LANGUAGE = "fra"
_DPI = 72
"""One pixel a point, so that boxes need no scaling."""

_pages: dict[int, Page] = {}


def hand_over(pages: Mapping[int, Page]) -> None:
    """The words of the next document, by index of the page (from 0); pages that are not named get none."""
    _pages.clear()
    _pages.update(pages)


class WordsAtHand(NullOcrEngine):
    """The engine that this plugin gives OCRmyPDF."""

    @staticmethod
    def languages(options: OcrOptions) -> set[str]:
        """What OCRmyPDF is asked for."""
        return {LANGUAGE}

    @staticmethod
    def generate_ocr(input_file: Path, options: OcrOptions, page_number: int = 0) -> tuple[OcrElement, str]:
        """The page's words as a tree."""
        page = _pages.get(page_number)
        if page is None:
            return NullOcrEngine.generate_ocr(input_file, options, page_number)
        lines = [_line(part) for line in page.lines for part in _parts(line)]
        tree = OcrElement(
            ocr_class=OcrClass.PAGE,
            bbox=BoundingBox(0, 0, page.width, page.height),
            dpi=_DPI,
            page_number=page_number,
            children=[OcrElement(ocr_class=OcrClass.PARAGRAPH, bbox=line.bbox, children=[line]) for line in lines],
        )
        return tree, "\n".join(line.text for line in page.lines)


def _parts(line: Line) -> list[list[Any]]:
    """The words of a line in runs on one height: on a page that lies askew a line sinks over its length."""
    runs = [[line.words[0]]]
    for word in line.words[1:]:
        last = runs[-1][-1].box
        height = last[3] - last[1]
        if word.box[0] - last[2] > 2 * height or abs(word.box[3] - last[3]) > 0.3 * height:
            runs.append([word])
        else:
            runs[-1].append(word)
    return runs


def _line(words: list[Any]) -> OcrElement:
    children = [
        OcrElement(ocr_class=OcrClass.WORD, bbox=BoundingBox(*word.box), text=word.text, confidence=word.confidence)
        for word in words
    ]
    box = BoundingBox(
        min(word.box[0] for word in words),
        min(word.box[1] for word in words),
        max(word.box[2] for word in words),
        max(word.box[3] for word in words),
    )
    return OcrElement(ocr_class=OcrClass.LINE, bbox=box, children=children)


@hookimpl
def initialize(plugin_manager: Any) -> None:
    """Tesseract's plugin asks the program for its version, and no program can be started where this runs."""
    plugin_manager.set_blocked("ocrmypdf.builtin_plugins.tesseract_ocr")


@hookimpl
def register_options() -> dict[str, Any]:
    """The options of the blocked plugin, which OCRmyPDF looks at all the same."""
    from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions

    return {"tesseract": TesseractOptions}


@hookimpl
def get_ocr_engine(options: Any) -> WordsAtHand:
    """The engine of this plugin, whatever the options say."""
    return WordsAtHand()


@hookimpl
def rasterize_pdf_page(input_file: Path, output_file: Path, pageno: int, rotation: int | None) -> Path:
    """A blank sheet of the page's size."""
    import pypdfium2 as pdfium
    from PIL import Image

    with pdfium.PdfDocument(input_file) as pdf:
        width, height = pdf.get_page_size(pageno - 1)
    Image.new("1", (max(1, round(width)), max(1, round(height))), 1).save(output_file, "PNG", dpi=(_DPI, _DPI))
    return output_file
