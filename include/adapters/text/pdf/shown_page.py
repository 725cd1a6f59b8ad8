"""Pages as people see them: what form fields, stamps and notes in the text show is a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pypdfium2 as pdfium


def shown_page(pdf: pdfium.PdfDocument, index: int) -> pdfium.PdfPage:
    """The page (from 0); from then on the document holds it with such annotations drawn into it."""
    import pypdfium2.raw as pdfium_c

    pdf.init_forms()  # before the page: fields that hold a value and no picture of it are given one
    page = pdf[index]
    with_text = [_has_text(page, number) for number in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw))]
    if not any(with_text):
        return page
    pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_NORMALDISPLAY)
    page.close()
    return pdf[index]


def _has_text(page: pdfium.PdfPage, number: int) -> bool:
    """Whether an annotation may show text of its own, as a link does not; one that is not for the screen is hidden."""
    import pypdfium2.raw as pdfium_c

    annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, number)
    if not annotation:
        return False
    try:
        flags = pdfium_c.FPDFAnnot_GetFlags(annotation)
        if flags & pdfium_c.FPDF_ANNOT_FLAG_NOVIEW:  # which pdfium would draw into the page
            pdfium_c.FPDFAnnot_SetFlags(annotation, flags | pdfium_c.FPDF_ANNOT_FLAG_HIDDEN)
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        return kind in (pdfium_c.FPDF_ANNOT_WIDGET, pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_STAMP)
    finally:
        pdfium_c.FPDFPage_CloseAnnot(annotation)
