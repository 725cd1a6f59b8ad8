"""What a PDF must be before anything renders it: each rule with the reason it gives.

The limits hold against the hostile files that were measured: a page of 200 inches, an image of 900 million pixels in
0.1 MB, a form that draws itself (pdfium never comes back from that one).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from include.domain.configuration import ReadingLimits
from include.domain.reasons import Reason

if TYPE_CHECKING:
    import pypdfium2 as pdfium

HEADER_WITHIN = 1024
"""Readers accept rubbish before `%PDF` within the first KiB, and so do we."""

LONGEST_SIDE = 60 * 72.0
"""Points; a larger page is a poster, or an attack on whoever renders it."""

MOST_PIXELS = 100_000_000
"""Declared size of one image, read before it is decoded: A4 at 1200 dpi has 139 million, at 900 dpi 78."""

_DEEPEST = 12
_MEGABYTE = 1024 * 1024


def check_bytes(content: bytes, limits: ReadingLimits) -> Reason | None:
    """What can be said without opening the file."""
    if not content:
        return Reason(code="empty_file")
    if len(content) > limits.max_megabytes * _MEGABYTE:
        return Reason(
            code="too_large",
            params={"megabytes": f"{len(content) / _MEGABYTE:.1f}", "limit": f"{limits.max_megabytes:g}"},
        )
    if b"%PDF" not in content[:HEADER_WITHIN]:
        return Reason(code="not_pdf")
    return None


def open_pdf(content: bytes) -> pdfium.PdfDocument | Reason:
    """The opened document, or why it does not open."""
    import pypdfium2 as pdfium
    import pypdfium2.raw as pdfium_c

    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        # pdfium sets no code for a file without pages: what it gives is the code of the refusal before
        if _has_no_pages(content):
            return Reason(code="no_pages")
        protected = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        return Reason(code="encrypted" if protected else "broken")


def _has_no_pages(content: bytes) -> bool:
    """Whether the file is intact but has no pages: pdfium refuses it and does not say why."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return len(pdf.pages) == 0
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError):
        return False


def check_document(pdf: pdfium.PdfDocument, content: bytes, limits: ReadingLimits) -> Reason | None:
    """What can be said before any page is loaded."""
    count = len(pdf)
    if count == 0:
        return Reason(code="no_pages")
    if count > limits.max_pages:
        return Reason(code="too_many_pages", params={"pages": str(count), "limit": str(limits.max_pages)})
    if any(max(pdf.get_page_size(index)) > LONGEST_SIDE for index in range(count)):
        return Reason(code="page_too_large")
    return Reason(code="broken") if draws_itself(content) else None


def is_encrypted(pdf: pdfium.PdfDocument) -> bool:
    """Whether the file is encrypted although it opens: an owner's password only forbids copying or printing."""
    import pypdfium2.raw as pdfium_c

    return int(pdfium_c.FPDF_GetSecurityHandlerRevision(pdf.raw)) >= 0


def draws_itself(content: bytes) -> bool:
    """Whether a form object contains itself, directly or over others."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            forms = _Forms()
            return any(forms.has_cycle(page.obj, ()) for page in pdf.pages)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        return False  # pdfium repairs more than pikepdf does; the time limit still holds


class _Forms:
    """Walks the form objects below pages, each once."""

    def __init__(self) -> None:
        self._harmless: set[tuple[int, int]] = set()

    def has_cycle(self, holder: Any, above: tuple[tuple[int, int], ...]) -> bool:
        """Whether a form below `holder` is among those above it."""
        if len(above) > _DEEPEST:
            return True
        return any(self._leads_back(form, above) for form in _forms_of(holder))

    def _leads_back(self, form: Any, above: tuple[tuple[int, int], ...]) -> bool:
        key = form.objgen
        if key in above:
            return True
        if key in self._harmless:
            return False
        if self.has_cycle(form, (*above, key)):
            return True
        self._harmless.add(key)
        return False


def _forms_of(holder: Any) -> list[Any]:
    resources = holder.get("/Resources")
    objects = resources.get("/XObject") if resources is not None else None
    if objects is None:
        return []
    return [item for _, item in objects.items() if item.get("/Subtype") == "/Form"]
