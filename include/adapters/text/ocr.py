"""Words of pages that have no text layer to trust, through OCRmyPDF's Python interface."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from include.domain.extraction.rows import lines_of_scan
from include.domain.extraction.trust import is_plausible
from include.domain.text import Page, TextSource

if TYPE_CHECKING:
    from include.adapters.text.ocr_plugin import Recognised

logger = logging.getLogger(__name__)

LANGUAGE = "fra"
SPARSE_TEXT = 11
TESSERACT_SECONDS = 30
LEAST_CERTAINTY = 2.0
"""How sure Tesseract must be of an orientation; OCRmyPDF's own default, 14, leaves many lying pages as they are."""

MOST_TURNED = 3
"""Pages of one document tried in every orientation: more of them are pictures, and each try takes a second."""

_PLUGIN = "include.adapters.text.ocr_plugin"


def recognise(content: bytes, numbers: Sequence[int], *, visible_text: bool) -> dict[int, Page]:
    """The pages with these numbers (from 1), recognised; a page on which nothing could be read is missing.

    A page whose words make no sense is tried again with its orientation looked for, and where that finds none, in
    every other orientation: scans lie on their side or upside down. `visible_text` says that a page shows text which
    is not to be believed (a broken font map): it is painted and read like a scan, where otherwise only invisible text
    is dropped.
    """
    pages = _recognise(content, numbers, visible_text=visible_text)
    doubtful = _doubtful(numbers, pages)
    if doubtful:
        turned = _recognise(content, doubtful, visible_text=visible_text, look_for_orientation=True)
        pages |= {number: page for number, page in turned.items() if page.turned or number not in pages}
    for turn in (90, 270, 180):
        doubtful = [number for number in _doubtful(numbers, pages) if number in pages]
        if 0 < len(doubtful) <= MOST_TURNED:
            turned = _recognise(content, doubtful, visible_text=visible_text, turn=turn)
            pages |= {number: page for number, page in turned.items() if is_plausible(page)}
    return pages


def _doubtful(numbers: Iterable[int], pages: Mapping[int, Page]) -> list[int]:
    return [number for number in numbers if number not in pages or not is_plausible(pages[number])]


def _recognise(
    content: bytes, numbers: Sequence[int], *, visible_text: bool, look_for_orientation: bool = False, turn: int = 0
) -> dict[int, Page]:
    import ocrmypdf

    from include.adapters.text import ocr_plugin

    copy, sizes = _copy_of(content, numbers, turn)
    ocr_plugin.forget()
    try:
        ocrmypdf.ocr(
            io.BytesIO(copy),
            io.BytesIO(),
            language=[LANGUAGE],
            mode="force" if visible_text else "redo",
            output_type="pdf",
            optimize=0,
            jobs=1,  # also one OpenMP thread for Tesseract: with more it takes four times as long
            use_threads=True,
            progress_bar=False,
            rotate_pages=look_for_orientation,
            rotate_pages_threshold=LEAST_CERTAINTY if look_for_orientation else None,
            tesseract_pagesegmode=SPARSE_TEXT,
            tesseract_timeout=TESSERACT_SECONDS,
            plugins=[_PLUGIN],
        )
    except Exception:  # several of its failures are neither ExitCodeException nor documented; the words may be there
        logger.warning("OCRmyPDF failed on a document", exc_info=True)
    found = {number: ocr_plugin.recognised(index) for index, number in enumerate(numbers)}
    return {number: _page(number, sizes[number], result, turn) for number, result in found.items() if result.words}


def _copy_of(content: bytes, numbers: Iterable[int], turn: int) -> tuple[bytes, Mapping[int, tuple[float, float]]]:
    """A PDF of these pages alone (no form, signature or script comes along), cut to what is shown; and their sizes."""
    import pikepdf

    sizes: dict[int, tuple[float, float]] = {}
    with pikepdf.open(io.BytesIO(content)) as source, pikepdf.new() as copy:
        for number in numbers:
            copy.pages.append(source.pages[number - 1])
            page = copy.pages[-1]
            page.mediabox = page.cropbox
            if "/Annots" in page:
                del page.Annots
            page.rotate(turn, relative=True)
            sizes[number] = _size(page)
        out = io.BytesIO()
        copy.save(out)
        return out.getvalue(), sizes


def _size(page: Any) -> tuple[float, float]:
    left, bottom, right, top = (float(side) for side in page.mediabox)
    width, height = abs(right - left), abs(top - bottom)
    return (height, width) if int(page.obj.get("/Rotate", 0)) % 180 else (width, height)


def _page(number: int, size: tuple[float, float], result: Recognised, turn: int) -> Page:
    width, height = reversed(size) if result.turned % 180 else size
    return Page(
        number=number,
        width=width,
        height=height,
        source=TextSource.OCR,
        lines=lines_of_scan(result.words, result.slope),
        turned=(result.turned + turn) % 360,
    )
