"""The first look at a PDF that somebody hands over (port `PdfCheck`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.adapters.text.pdf_check import CagedPdfCheck
from include.adapters.text.reader import PdfReader
from include.application.ports.pdf_check import PdfCheck
from include.domain.configuration import ReadingLimits
from include.domain.errors import ReaderUnavailableError
from include.domain.reasons import Reason
from tests.fakes.pdf_check import FakePdfCheck
from tests.integration.text.corpus import CORPUS, pdf_of

LOCKED = CORPUS / "bad/encrypted_user_password.pdf"


@pytest.fixture(scope="module")
def workers() -> Iterator[PdfReader]:
    with PdfReader(workers=1) as found:
        yield found


@pytest.fixture(params=["fake", "workers"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def fault(check: PdfCheck, content: bytes) -> Reason | None:
    return check.fault(content, ReadingLimits())


def test_a_pdf_that_reading_would_begin_with_has_no_fault(kind: str, workers: PdfReader) -> None:
    check = FakePdfCheck() if kind == "fake" else CagedPdfCheck(workers)
    assert fault(check, pdf_of("Facture")) is None


def test_a_pdf_that_reading_would_give_up_on_says_why(kind: str, workers: PdfReader) -> None:
    check = FakePdfCheck(Reason(code="encrypted")) if kind == "fake" else CagedPdfCheck(workers)
    assert fault(check, LOCKED.read_bytes()) == Reason(code="encrypted")


def test_where_no_process_can_be_started_nothing_is_said_of_the_document(kind: str) -> None:
    with PdfReader(workers=1, module="tests.contracts.no_such_worker") as reader:
        check = FakePdfCheck(unavailable=True) if kind == "fake" else CagedPdfCheck(reader)
        with pytest.raises(ReaderUnavailableError):
            fault(check, pdf_of("Facture"))
