"""The searchable copy: the words that were read, where they stand, on pages that stay as they were."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from include.adapters.storage.core.files import FsspecFiles
from include.adapters.text.pdf import ocr_plugin, searchable
from include.adapters.text.pdf.text_layer import read_layer
from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from include.domain.text import Box, Line, Page, TextSource, Word
from tests.integration.text.corpus import DIGITAL, SCAN

pytestmark = pytest.mark.ocr


def words_in(content: bytes) -> list[Word]:
    """The words of the first page's invisible layer, read as a stranger would: by selecting the text."""
    with pdfium.PdfDocument(content) as pdf:
        text = pdf[0].get_textpage()
        height = pdf[0].get_height()
        found = []
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            said = text.get_text_bounded(left, bottom, right, top).strip()
            found.append(Word(text=said, box=(left, height - top, right, height - bottom)))
        return found


def picture_of(content: bytes) -> Image.Image:
    with pdfium.PdfDocument(content) as pdf:
        image: Image.Image = pdf[0].render(scale=1).to_pil()
        return image


def read(content: bytes, files: FsspecFiles, **settings: str) -> Reading:
    with PdfReader(workers=1, keep=files.put) as reader:
        ((_, result),) = reader.read([(0, content)], ReadingLimits(**settings), ReadingHints())
    assert isinstance(result, Reading)
    return result


@pytest.fixture
def files(tmp_path: Path) -> FsspecFiles:
    return FsspecFiles(tmp_path.as_uri())


@pytest.mark.slow
def test_a_scan_gets_by_itself_a_copy_that_looks_the_same_and_holds_the_words_that_were_read(
    files: FsspecFiles,
) -> None:
    result = read(SCAN.read_bytes(), files)
    assert result.searchable_copy is not None
    copy = files.get(result.searchable_copy)
    read_words = [word.text for line in result.pages[0].lines for word in line.words]
    with pdfium.PdfDocument(copy) as pdf:
        hidden = read_layer(pdf[0], 1).hidden.split()
    assert sorted(hidden) == sorted(read_words)
    assert picture_of(copy).tobytes() == picture_of(SCAN.read_bytes()).tobytes()


def test_digital_documents_get_none(files: FsspecFiles) -> None:
    assert read(DIGITAL.read_bytes(), files).searchable_copy is None


@pytest.mark.slow
def test_nobody_gets_one_who_wants_none(files: FsspecFiles) -> None:
    assert read(SCAN.read_bytes(), files, searchable_copy="never").searchable_copy is None
    assert not files.sizes()


def test_always_keeps_one_of_digital_documents_too(files: FsspecFiles) -> None:
    digest = read(DIGITAL.read_bytes(), files, searchable_copy="always").searchable_copy
    assert digest is not None
    with pdfium.PdfDocument(files.get(digest)) as copy, pdfium.PdfDocument(DIGITAL) as original:
        assert copy[0].get_textpage().get_text_bounded() == original[0].get_textpage().get_text_bounded()


def page(turned: int = 0, box: Box = (100.0, 200.0, 180.0, 212.0)) -> Page:
    width, height = (842.0, 595.0) if turned % 180 else (595.0, 842.0)
    line = Line(words=(Word(text="FACTURE", box=box, confidence=0.9),))
    return Page(number=1, width=width, height=height, source=TextSource.OCR, lines=(line,), turned=turned)


def blank(*, password: str = "") -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(out, encryption=pikepdf.Encryption(owner=password, user="") if password else False)
    return out.getvalue()


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_words_lie_where_they_were_seen_and_a_lying_page_is_turned_upright(turned: int) -> None:
    copy = searchable.searchable_copy(blank(), {1: page(turned)})
    assert copy is not None
    with pdfium.PdfDocument(copy) as pdf:
        assert pdf[0].get_size() == (page(turned).width, page(turned).height)
        assert pdf[0].get_rotation() == turned
    if not turned:
        (word,) = words_in(copy)
        assert word.text == "FACTURE"
        assert word.box == pytest.approx((100, 200, 180, 212), abs=4)


def test_an_owner_password_does_not_keep_it_from_being_made() -> None:
    assert searchable.searchable_copy(blank(password="owner"), {1: page()}) is not None


def test_a_failure_of_ocrmypdf_costs_the_copy_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RecursionError("as on a form that draws itself")

    monkeypatch.setattr("ocrmypdf.ocr", fail)
    assert searchable.searchable_copy(blank(), {1: page()}) is None
    assert "searchable copy" in caplog.text


def test_the_words_of_one_document_are_not_laid_on_the_next() -> None:
    assert searchable.searchable_copy(blank(), {1: page()}) is not None
    assert searchable.searchable_copy(blank(), {}) is not None
    assert ocr_plugin._pages == {}
