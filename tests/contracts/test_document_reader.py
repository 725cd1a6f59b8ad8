"""What reading PDFs promises, whoever reads (port `DocumentReader`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from include.adapters.text.reader import PdfReader
from include.application.ports.reader import DocumentReader, ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from include.domain.reasons import Reason
from tests.fakes.reader import FakeReader, ReaderInReverse
from tests.integration.text.corpus import pdf_of


@pytest.fixture(scope="module")
def workers() -> Iterator[PdfReader]:
    with PdfReader(workers=2) as found:
        yield found


@pytest.fixture(params=["fake", "fake in reverse", "workers"])
def reader(request: pytest.FixtureRequest) -> DocumentReader:
    readers: dict[str, Callable[[], DocumentReader]] = {
        "fake": FakeReader,
        "fake in reverse": ReaderInReverse,
        "workers": lambda: request.getfixturevalue("workers"),
    }
    return readers[request.param]()


def read(reader: DocumentReader, *contents: tuple[int, bytes]) -> list[tuple[int, Reading | Reason]]:
    return sorted(reader.read(contents, ReadingLimits(), ReadingHints()), key=lambda answer: answer[0])


def test_every_document_is_answered_once_under_the_key_it_was_handed_in_with(reader: DocumentReader) -> None:
    page = pdf_of("Facture")
    answers = read(reader, (7, page), (3, page), (5, page))
    assert [key for key, _ in answers] == [3, 5, 7]
    assert all(isinstance(result, Reading) for _, result in answers)


def test_what_cannot_be_read_says_why_and_costs_the_others_nothing(reader: DocumentReader) -> None:
    page = pdf_of("Facture")
    answers = dict(read(reader, (1, page), (2, b"\x89PNG\r\n\x1a\n"), (3, page)))
    assert answers[2] == Reason(code="not_pdf")
    assert isinstance(answers[1], Reading) and isinstance(answers[3], Reading)


def test_one_reader_reads_one_batch_after_the_other(reader: DocumentReader) -> None:
    page = pdf_of("Facture")
    assert [[key for key, _ in read(reader, (key, page))] for key in (1, 2)] == [[1], [2]]


def test_without_documents_there_is_no_answer(reader: DocumentReader) -> None:
    assert read(reader) == []
