"""Pages of stored PDFs as pictures, for people who compare them with what was read."""

from __future__ import annotations

from typing import Protocol

from include.domain.reasons import Reason

SMALLEST_WIDTH, LARGEST_WIDTH = 100, 2000
"""Pixels."""

KEPT_WIDTHS = frozenset({1240, 2000})
"""What the screens show: A4 at 150 dpi, and enlarged. Pictures of other widths are drawn each time."""


class PageImages(Protocol):
    """Pictures of pages; those of KEPT_WIDTHS are drawn once and kept beside the content."""

    def jpeg(self, content_sha256: str, page: int, width: int) -> bytes | Reason:
        """The page (from 1) of the stored content, so many pixels wide; else why there is none.

        InputError for a width out of bounds, NotThereError for a page that the document does not have,
        ContentMissingError for a content that is lost, ReaderUnavailableError where nothing can be drawn here.
        """
