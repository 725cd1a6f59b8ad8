"""One page as a picture, drawn under the rules of reading: nothing hostile is drawn, no form, no annotation."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from include.adapters.text.pdf import guard
from include.adapters.text.pdf.shown_page import shown_page
from include.adapters.text.pdf.text_layer import read_layer
from include.domain.configuration import ReadingLimits
from include.domain.reasons import Reason

if TYPE_CHECKING:
    import pypdfium2 as pdfium

MOST_PIXELS = 12_000_000
"""Of the picture: a page of A4, 2400 pixels wide, has eight million."""
QUALITY = 82
_A4 = (595.0, 842.0)
"""Points; a page that tells no size is drawn like that."""


def page_jpeg(content: bytes, page: int, width: int, limits: ReadingLimits) -> bytes | Reason:
    """The page (from 1) as JPEG of this width; a very long one is drawn smaller."""
    refused = guard.check_bytes(content, limits)
    if refused:
        return refused
    pdf = guard.open_pdf(content)
    if isinstance(pdf, Reason):
        return pdf
    try:
        refused = guard.check_document(pdf, content, limits)
        if refused:
            return refused
        if not 1 <= page <= len(pdf):
            return Reason(code="no_such_page", params={"page": str(page), "pages": str(len(pdf))})
        drawn = shown_page(pdf, page - 1)
        if read_layer(drawn, page).pixels > guard.MOST_PIXELS:
            return Reason(code="page_too_large")
        return _jpeg(drawn, width)
    finally:
        pdf.close()


def _jpeg(page: pdfium.PdfPage, width: int) -> bytes:
    across, down = page.get_size()
    if across <= 0 or down <= 0:
        across, down = _A4
    scale = min(width / across, (MOST_PIXELS / (across * down)) ** 0.5)
    bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False)
    picture = bitmap.to_pil().convert("RGB")
    if 0 < abs(picture.width - width) <= 2:  # PDFium rounds up
        picture = picture.resize((width, picture.height))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
