"""Pictures of pages (port `PageImages`): drawn by a caged worker, kept beside the content by digest, page and width."""

from __future__ import annotations

from include.adapters.text.reader import PdfReader
from include.application.ports.files import DerivedFiles, Files
from include.application.ports.page_images import KEPT_WIDTHS, LARGEST_WIDTH, SMALLEST_WIDTH
from include.domain.configuration import ReadingLimits
from include.domain.errors import InputError, NotThereError
from include.domain.reasons import Reason

_BEGIN = b"\xff\xd8\xff"


class CagedPageImages:
    """`PageImages` on the workers of the reader."""

    def __init__(self, reader: PdfReader, files: Files, derived: DerivedFiles, limits: ReadingLimits) -> None:
        self._reader = reader
        self._files = files
        self._derived = derived
        self._limits = limits

    def jpeg(self, content_sha256: str, page: int, width: int) -> bytes | Reason:
        """See `PageImages`."""
        if not SMALLEST_WIDTH <= width <= LARGEST_WIDTH:
            raise InputError("picture_width", smallest=SMALLEST_WIDTH, largest=LARGEST_WIDTH, width=width)
        key = f"pages/{content_sha256}/{page}-{width}.jpg"
        kept = self._derived.derived(key) if width in KEPT_WIDTHS else None
        if kept is not None and kept.startswith(_BEGIN):
            return kept
        drawn = self._reader.picture(self._files.get(content_sha256), page, width, self._limits)
        if isinstance(drawn, Reason):
            if drawn.code == "no_such_page":
                raise NotThereError("no_such_page", page=page)
            return drawn
        if width in KEPT_WIDTHS:
            self._derived.keep_derived(key, drawn)
        return drawn
