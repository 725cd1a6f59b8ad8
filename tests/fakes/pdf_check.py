"""The first look at a PDF, without opening it."""

from __future__ import annotations

from include.domain.configuration import ReadingLimits
from include.domain.errors import ReaderUnavailableError
from include.domain.reasons import Reason


class FakePdfCheck:
    """Implements the port `PdfCheck`: every PDF has the fault `found`, or none; or nothing can be looked at."""

    def __init__(self, found: Reason | None = None, *, unavailable: bool = False) -> None:
        self.found = found
        self.unavailable = unavailable

    def fault(self, content: bytes, limits: ReadingLimits) -> Reason | None:
        if self.unavailable:
            raise ReaderUnavailableError("reader_unavailable")
        return self.found
