"""Readers of PDFs in memory, each named for what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason

Finding = Callable[[bytes], Reading | Reason]


def nothing_printed(content: bytes) -> Reading | Reason:
    """A digital PDF without a word on it; what is no PDF cannot be read."""
    return Reading(kind=DocumentKind.DIGITAL) if content.startswith(b"%PDF") else Reason(code="not_pdf")


class FakeReader:
    """Implements the port `DocumentReader`, one document after the other: `finds` says what stands in the bytes.

    `hints` are those of the last reading.
    """

    def __init__(self, finds: Finding = nothing_printed) -> None:
        self._finds = finds
        self.hints = ReadingHints()

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        self.hints = hints
        for key, content in contents:
            yield key, self._finds(content)

    def close(self) -> None:
        """No worker is open."""


class ReaderInReverse(FakeReader):
    """Answers in the reverse order, as several workers may."""

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        yield from reversed(list(super().read(contents, limits, hints)))
