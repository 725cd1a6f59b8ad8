"""Worker processes: a death or a timeout costs one document, and workers live on from document to document."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from tests.integration.text.corpus import DIGITAL, FACTURX, SCAN, pdf_of
from tests.integration.text.misbehaving import BABBLE, EAT, FAIL, HANG, KILL, SPILL

CHECKOUT = Path(__file__).parents[3]
MISBEHAVING = "tests.integration.text.misbehaving"


def read(files: list[bytes], *, seconds: int = 60, **options: Any) -> dict[int, Reading | Reason]:
    with PdfReader(module=MISBEHAVING, **options) as reader:
        return dict(reader.read(enumerate(files), ReadingLimits(seconds=seconds), ReadingHints()))


def codes(results: dict[int, Reading | Reason]) -> list[str]:
    return [result.code if isinstance(result, Reason) else "read" for _, result in sorted(results.items())]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (KILL, "reader_died"),
        (EAT, "reader_died"),
        (FAIL, "broken"),
        (BABBLE, "reader_died"),
        (SPILL, "broken"),
    ],
)
def test_a_dying_worker_costs_one_document(what: bytes, code: str) -> None:
    files = [b"%PDF", b"%PDF" + what, b"%PDF", b"%PDF"]
    assert codes(read(files, workers=1)) == ["read", code, "read", "read"]


def test_a_hanging_document_is_cut_off_and_the_others_go_on() -> None:
    results = read([b"%PDF", b"%PDF" + HANG, b"%PDF"], seconds=2, workers=1)
    assert codes(results) == ["read", "too_slow", "read"]
    reason = results[1]
    assert isinstance(reason, Reason)
    assert "2 secondes" in reason.message("fr")


def test_a_worker_serves_many_documents() -> None:
    results = read([b"%PDF"] * 8, workers=1)
    assert len({result.warnings for result in results.values() if isinstance(result, Reading)}) == 1


def test_a_document_is_read_by_whichever_way_it_needs(reader: PdfReader) -> None:
    files = [DIGITAL.read_bytes(), FACTURX.read_bytes()]
    results = dict(reader.read(enumerate(files), ReadingLimits(), ReadingHints()))
    assert [result.kind for _, result in sorted(results.items()) if isinstance(result, Reading)] == [
        "digital",
        "facturx",
    ]


@pytest.mark.ocr
@pytest.mark.slow
def test_a_scan_is_recognised_with_boxes_and_confidences(reader: PdfReader) -> None:
    ((_, result),) = reader.read([(7, SCAN.read_bytes())], ReadingLimits(), ReadingHints())
    assert isinstance(result, Reading)
    assert result.kind == DocumentKind.SCAN
    page = result.pages[0]
    assert all(0 <= word.box[0] < word.box[2] <= page.width + 1 for line in page.lines for word in line.words)
    number = result.best("invoice_number")
    assert number is not None
    assert (number.source.value, number.page, 0 < number.confidence < 1) == ("ocr", 1, True)


def test_what_the_page_adds_to_the_xml_comes_after_it(reader: PdfReader) -> None:
    ((_, result),) = reader.read([(0, FACTURX.read_bytes())], ReadingLimits(), ReadingHints())
    assert isinstance(result, Reading)
    assert [found.source.value for found in result.fields["invoice_number"][:2]] == ["facturx", "text"]


def test_hints_reach_the_worker(reader: PdfReader) -> None:
    content = pdf_of("SIRET 66244444300013", "SIRET 55512155700279")
    hints = ReadingHints(supplier_sirets=frozenset({"55512155700279"}))
    ((_, result),) = reader.read([(0, content)], ReadingLimits(), hints)
    assert isinstance(result, Reading)
    best = result.best("supplier_siret")
    assert best is not None
    assert best.value == "55512155700279"


def test_limits_of_size_and_pages_are_settings(reader: PdfReader) -> None:
    content = DIGITAL.read_bytes()
    ((_, large),) = reader.read([(0, content)], ReadingLimits(max_megabytes=0.01), ReadingHints())
    assert isinstance(large, Reason)
    assert (large.code, large.params["limit"]) == ("too_large", "0.01")


def test_nothing_to_read_starts_nothing() -> None:
    reader = PdfReader()
    assert list(reader.read([(0, b"")], ReadingLimits(), ReadingHints())) == [(0, Reason(code="empty_file"))]
    assert reader._threads is None


PARENT = """
import os, signal
from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
reader = PdfReader(workers=1)
list(reader.read([(0, b"%PDF")], ReadingLimits(), ReadingHints()))
print(*(worker._process.pid for worker in [reader._idle.get()]), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_with_a_parent_that_was_killed() -> None:
    done = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=False, cwd=CHECKOUT)
    workers = [Path("/proc", pid) for pid in done.stdout.split()]
    assert workers
    until = time.monotonic() + 30
    while any(_lives(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.1)


def _lives(process: Path) -> bool:
    """Whether a process is there and not merely unburied: nobody may be left to bury it."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
