"""Memory does not grow with the number of documents: few are opened ahead of those that are read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.reading import documents
from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading


@pytest.mark.slow
def test_only_a_few_documents_are_taken_from_the_store_before_the_first_is_read() -> None:
    opened: list[int] = []

    def contents() -> Iterator[tuple[int, bytes]]:
        for key, content in enumerate(documents("digital", 12)):
            opened.append(key)
            yield key, content

    ahead = []
    with PdfReader(workers=2) as reader:
        for done, (_, result) in enumerate(reader.read(contents(), ReadingLimits(), ReadingHints()), start=1):
            assert isinstance(result, Reading)
            ahead.append(len(opened) - done)
    assert len(ahead) == len(opened) == 12
    assert max(ahead) < 4, "two of each worker are under way, one of them just answered"
