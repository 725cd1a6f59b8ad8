"""What reading PDFs is given, and gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.configuration import ReadingLimits
from include.domain.extraction.layout_memory.example import Memory
from include.domain.reading import Reading
from include.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class ReadingHints:
    """What is known before reading: SIRETs of configured suppliers, and of recipients with their service codes.

    `layouts` are the layouts that a document may have, by the key under which it is handed in.
    """

    supplier_sirets: frozenset[str] = frozenset()
    recipient_sirets: frozenset[str] = frozenset()
    service_codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    layouts: Mapping[int, Memory] = field(default_factory=dict)


class DocumentReader(Protocol):
    """Reads PDFs, each in a child process that can be killed: one bad file never costs the batch."""

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        """For each (key, bytes) the reading, or the one reason of the closed list why there is none; any order."""
