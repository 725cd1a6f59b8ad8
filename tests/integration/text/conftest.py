"""One reader for all tests of a session: its workers take a second to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.adapters.text.reader import PdfReader


@pytest.fixture(scope="session")
def reader() -> Iterator[PdfReader]:
    with PdfReader(workers=1) as found:
        yield found
