"""Words with boxes from real pages: text layers turned and cropped, scans lying on their side."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from include.adapters.text.pdf.text_layer import Layer, read_layer
from include.adapters.text.recognition.engine import Recognised
from include.adapters.text.recognition.neural import NeuralEngine
from include.adapters.text.worker import read_document
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from include.domain.text import Page
from tests.integration.text.corpus import CORPUS, DIGITAL, pdf_of


def layer(content: bytes) -> Layer:
    with pdfium.PdfDocument(content) as pdf:
        return read_layer(pdf[0], 1)


def changed(content: bytes, change: Callable[[pikepdf.Page], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf.pages[0])
        pdf.save(out)
    return out.getvalue()


def place(page: Page, word: str) -> tuple[float, float]:
    """The upper left corner of a word."""
    return next(found.box[:2] for line in page.lines for found in line.words if found.text == word)


def test_boxes_count_from_the_upper_left_corner() -> None:
    x, y = place(layer(pdf_of("Facture")).page, "Facture")
    assert x == pytest.approx(40, abs=2)
    assert y == pytest.approx(60 - 10, abs=4)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_shown_turned_is_read_upright(rotation: int) -> None:
    content = pdf_of("Facture établie ce jour", "Total TTC")
    straight = layer(content).page
    turned = layer(changed(content, lambda page: page.rotate(rotation, relative=False))).page
    assert [line.text for line in turned.lines] == [line.text for line in straight.lines]
    assert place(turned, "Facture") == pytest.approx(place(straight, "Facture"), abs=1)
    assert (turned.turned + rotation) % 360 == 0


def test_what_the_crop_box_cuts_off_is_hidden_and_boxes_begin_at_it() -> None:
    content = pdf_of("Facture", "Total")

    def crop(page: pikepdf.Page) -> None:
        page.cropbox = (20, 0, 595, 842 - 65)

    found = layer(changed(content, crop))
    assert [line.text for line in found.page.lines] == ["Total"]
    assert found.hidden == "Facture"
    assert place(found.page, "Total")[0] == pytest.approx(20, abs=2)


def test_invisible_text_is_not_on_the_page() -> None:
    found = layer((CORPUS / "bad" / "hidden_text_other_iban.pdf").read_bytes())
    assert "IBAN" in found.hidden
    assert "7890 189" not in " ".join(line.text for line in found.page.lines)


def scanned(*, turn: int) -> bytes:
    """A page of an invoice as an image, lying."""
    with pdfium.PdfDocument(DIGITAL) as pdf:
        image: Image.Image = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    out = io.BytesIO()
    image.rotate(turn, expand=True).save(out, format="PDF", resolution=200)
    return out.getvalue()


@pytest.mark.ocr
@pytest.mark.slow
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_scan_is_read_however_it_lies(turn: int) -> None:
    result = read_document(scanned(turn=turn), ReadingLimits(), ReadingHints()).result
    assert isinstance(result, Reading)
    expected = read_document(DIGITAL.read_bytes(), ReadingLimits(), ReadingHints()).result
    assert isinstance(expected, Reading)
    for name in ("invoice_number", "supplier_siret", "recipient_siret", "total_incl_tax", "iban"):
        found, wanted = result.best(name), expected.best(name)
        assert found is not None
        assert wanted is not None
        assert found.value == wanted.value
    assert result.pages[0].turned == turn
    assert result.pages[0].width < result.pages[0].height


@pytest.mark.ocr
@pytest.mark.slow
def test_only_the_pages_that_need_it_are_recognised() -> None:
    out = io.BytesIO()
    with pikepdf.open(DIGITAL) as pdf, pikepdf.open(io.BytesIO(scanned(turn=0))) as scan:
        pdf.pages.extend(scan.pages)
        pdf.save(out)
    result = read_document(out.getvalue(), ReadingLimits(), ReadingHints()).result
    assert isinstance(result, Reading)
    assert [page.source.value for page in result.pages] == ["text", "ocr"]
    assert result.kind == "digital"


@pytest.mark.ocr
@pytest.mark.slow
def test_each_page_is_recognised_once_for_fields_and_searchable_copy_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    recognise = NeuralEngine.recognise

    def counted(engine: NeuralEngine, image: Any) -> Recognised:
        seen.append(image.tobytes())
        return recognise(engine, image)

    monkeypatch.setattr(NeuralEngine, "recognise", counted)
    out = io.BytesIO()
    upright, lying = (pikepdf.open(io.BytesIO(scanned(turn=turn))) for turn in (0, 90))
    with pikepdf.open(DIGITAL) as pdf, upright, lying:
        pdf.pages.extend([*upright.pages, *pdf.pages, *lying.pages])
        pdf.save(out)
    answer = read_document(out.getvalue(), ReadingLimits(searchable_copy="always"), ReadingHints())
    assert isinstance(answer.result, Reading)
    assert [page.source.value for page in answer.result.pages] == ["text", "ocr", "text", "ocr"]
    assert answer.searchable_copy is not None
    assert len(seen) == len(set(seen)) == 2


@pytest.mark.ocr
@pytest.mark.slow
@pytest.mark.parametrize("name", ["dev_010_D2_digital_garbled.pdf", "dev_011_D3_scan_badtext.pdf"])
def test_a_text_layer_that_lies_is_replaced_by_what_the_page_shows(name: str) -> None:
    result = read_document((CORPUS / "synthetic" / name).read_bytes(), ReadingLimits(), ReadingHints()).result
    assert isinstance(result, Reading)
    assert [page.source.value for page in result.pages] == ["ocr"]


def set_without_blanks(gap: int, kerning: int = 0) -> bytes:
    """Lines of words with nothing but a gap between them, in thousandths of the height."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    line = f"[(Code) {-gap} (ser) {-kerning} (vice) {-gap} (VOIRIE)] TJ"
    lines = "".join(f"BT /F1 10 Tf 40 {700 - 20 * row} Td {line} ET\n" for row in range(6))
    page.Contents = pdf.make_stream(lines.encode())
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def test_words_end_at_narrow_gaps_where_a_page_has_no_blanks() -> None:
    lines = {line.text for line in layer(set_without_blanks(134)).page.lines}
    assert lines == {"Code service VOIRIE"}


def test_gaps_of_every_width_are_the_letters_of_a_font_and_cut_nothing() -> None:
    lines = {line.text for line in layer(set_without_blanks(134, kerning=90)).page.lines}
    assert lines == {"CodeserviceVOIRIE"}
