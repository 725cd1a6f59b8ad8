"""The benchmark of reading measures documents that can be read, and says where it cannot run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.reading import documents, ours
from include.adapters.text.reader import PdfReader
from include.cli import bench
from include.domain.configuration import ReadingLimits
from include.domain.errors import InputError


@pytest.mark.ocr
@pytest.mark.slow
def test_documents_of_each_kind_are_read_and_are_the_same_in_each_run(reader: PdfReader) -> None:
    for kind in ("scan", "digital", "facturx"):
        found = documents(kind, 2)
        assert found[0] != found[1]
        ours(reader, found, ReadingLimits())
    assert documents("scan", 1) == documents("scan", 1)


def test_without_a_checkout_there_is_no_benchmark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "_FOLDER", tmp_path)
    with pytest.raises(InputError):
        bench.reading(scans=1, digital=2, rounds=1)
