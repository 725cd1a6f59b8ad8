"""A first look at a PDF (port `PdfCheck`): a caged worker opens it and draws its first page, very small."""

from __future__ import annotations

from include.adapters.text.reader import PdfReader
from include.application.ports.page_images import SMALLEST_WIDTH
from include.domain.configuration import ReadingLimits
from include.domain.reasons import Reason


class CagedPdfCheck:
    """`PdfCheck` on the workers of the reader."""

    def __init__(self, reader: PdfReader) -> None:
        self._reader = reader

    def fault(self, content: bytes, limits: ReadingLimits) -> Reason | None:
        """See `PdfCheck`."""
        drawn = self._reader.picture(content, 1, SMALLEST_WIDTH, limits)
        return drawn if isinstance(drawn, Reason) else None
