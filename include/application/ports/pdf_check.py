"""A first look at a PDF that somebody hands over."""

from __future__ import annotations

from typing import Protocol

from include.domain.configuration import ReadingLimits
from include.domain.reasons import Reason


class PdfCheck(Protocol):
    """Looks at a PDF from outside in a process that can be killed."""

    def fault(self, content: bytes, limits: ReadingLimits) -> Reason | None:
        """Why reading would give up on it at once, of the closed list of reasons; None where it would begin.

        ReaderUnavailableError where nothing can be looked at here.
        """
