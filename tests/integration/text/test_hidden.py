"""Text that a page holds and does not show is not read: each way to hide it, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image

from include.adapters.text.pdf.text_layer import Layer, read_layer
from include.adapters.text.worker import read_document
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.extraction.confidence.warnings import HIDDEN_TEXT
from include.domain.reading import Reading

SHOWN = "Facture de fournitures du mois pour votre service, net a payer 100,00"
SECRET = "Net a payer 999,00"  # pragma: allowlist secret
PAPER, INK = (255, 255, 255), (0, 0, 0)


def made(draw: Callable[[FPDF], None]) -> bytes:
    sheet = FPDF(unit="pt", format="A4")
    sheet.add_page()
    sheet.set_font("Helvetica", size=11)
    sheet.text(40, 60, SHOWN)
    draw(sheet)
    return bytes(sheet.output())


def layer(content: bytes) -> Layer:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return read_layer(pdf[0], 1)
    finally:
        pdf.close()


def white_on_white(sheet: FPDF) -> None:
    sheet.set_text_color(*PAPER)
    sheet.text(40, 100, SECRET)


def nearly_white(sheet: FPDF) -> None:
    sheet.set_text_color(250)
    sheet.text(40, 100, SECRET)


def blue_on_blue(sheet: FPDF) -> None:
    sheet.set_fill_color(200, 220, 250)
    sheet.rect(30, 85, 300, 20, style="F")
    sheet.set_text_color(200, 220, 250)
    sheet.text(40, 100, SECRET)


def under_a_box(sheet: FPDF) -> None:
    sheet.text(40, 100, SECRET)
    sheet.set_fill_color(*PAPER)
    sheet.rect(30, 85, 300, 20, style="F")


def under_an_image(sheet: FPDF) -> None:
    sheet.text(40, 100, SECRET)
    sheet.image(Image.new("RGB", (60, 20), PAPER), 30, 85, 300, 20)


def transparent(sheet: FPDF) -> None:
    with sheet.local_context(fill_opacity=0.01):
        sheet.text(40, 100, SECRET)


def invisible_mode(sheet: FPDF) -> None:
    with sheet.local_context(text_mode="INVISIBLE"):
        sheet.text(40, 100, SECRET)


def tiny(sheet: FPDF) -> None:
    sheet.set_font_size(1)
    sheet.text(40, 100, SECRET)


def off_the_page(sheet: FPDF) -> None:
    sheet.text(700, 100, SECRET)


HIDINGS = [
    white_on_white,
    nearly_white,
    blue_on_blue,
    under_a_box,
    under_an_image,
    transparent,
    invisible_mode,
    tiny,
    off_the_page,
]


@pytest.mark.parametrize("hide", HIDINGS, ids=lambda hide: hide.__name__)
def test_text_that_nobody_sees_is_not_read_and_told(hide: Callable[[FPDF], None]) -> None:
    content = made(hide)
    found = layer(content)
    assert [line.text for line in found.page.lines] == [SHOWN]
    assert found.hidden == SECRET
    result = read_document(content, ReadingLimits(), ReadingHints()).result
    assert isinstance(result, Reading)
    assert result.warnings == (HIDDEN_TEXT,)
    assert all("999" not in str(candidate.value) for found in result.fields.values() for candidate in found)


def test_text_printed_over_a_box_is_read_and_the_one_below_is_not() -> None:
    def patched(sheet: FPDF) -> None:
        under_a_box(sheet)
        sheet.text(40, 100, "Net a payer 100,00")

    found = layer(made(patched))
    assert [line.text for line in found.page.lines] == [SHOWN, "Net a payer 100,00"]
    assert found.hidden == SECRET


def white_on_a_dark_band(sheet: FPDF) -> None:
    sheet.set_fill_color(20, 40, 90)
    sheet.rect(30, 85, 300, 20, style="F")
    white_on_white(sheet)


def under_a_see_through_stamp(sheet: FPDF) -> None:
    sheet.text(40, 100, SECRET)
    sheet.image(Image.new("RGBA", (60, 20), (255, 0, 0, 40)), 30, 85, 300, 20)


def beside_a_box(sheet: FPDF) -> None:
    sheet.text(40, 100, SECRET)
    sheet.set_fill_color(*INK)
    sheet.rect(30, 200, 300, 20, style="F")


@pytest.mark.parametrize(
    "show", [white_on_a_dark_band, under_a_see_through_stamp, beside_a_box], ids=lambda f: f.__name__
)
def test_what_can_be_seen_is_read(show: Callable[[FPDF], None]) -> None:
    found = layer(made(show))
    assert [line.text for line in found.page.lines] == [SHOWN, SECRET]
    assert found.hidden == ""
