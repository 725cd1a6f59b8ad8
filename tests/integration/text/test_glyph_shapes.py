"""A font whose map says other signs than it draws is found by the shapes of its signs; right fonts never are."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Dictionary, Name

from include.adapters.text.pdf.text_layer import Layer, read_layer
from tests.integration.text.corpus import CORPUS

BASE_FONTS = ("Helvetica", "Helvetica-Bold", "Times-Roman", "Times-Bold", "Courier", "Courier-Bold")


def page_with(drawn: str, shift: int, base_font: str = "Helvetica") -> bytes:
    """One line in a right font, one in a font whose map is off by `shift`."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    codes = "".join(f"<{code:02x}> <{code + shift:04x}>\n" for code in range(0x21, 0x7E))
    begin = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Signs def"
    text = f"{begin} 1 begincodespacerange <00> <ff> endcodespacerange 93 beginbfchar {codes}endbfchar endcmap end end"
    right = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    other = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{base_font}"))
    other.ToUnicode = pdf.make_stream(text.encode())
    page.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(right), F2=pdf.make_indirect(other)))
    line = f"BT /F1 11 Tf 40 700 Td (Total 1 046,89 EUR) Tj /F2 11 Tf 0 -30 Td ({drawn}) Tj ET"
    page.Contents = pdf.make_stream(line.encode())
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def layer(content: bytes) -> Layer:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return read_layer(pdf[0], 1)
    finally:
        pdf.close()


@pytest.mark.parametrize("base_font", BASE_FONTS)
@pytest.mark.parametrize("drawn", ["F26001 4500012345", "BDC-2026-118", "0690 8"])
@pytest.mark.parametrize("shift", [1, -1])
def test_a_font_that_says_other_signs_than_it_draws_is_not_read(base_font: str, drawn: str, shift: int) -> None:
    found = layer(page_with(drawn, shift, base_font))
    said = [word.text for line in found.page.lines for word in line.words]
    assert found.wrong_map
    assert said == ["Total", "1", "046,89", "EUR"]


@pytest.mark.parametrize("base_font", BASE_FONTS)
def test_a_right_map_is_believed_in_every_usual_font(base_font: str) -> None:
    found = layer(page_with("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 0, base_font))
    assert not found.wrong_map
    assert "0123456789" in found.page.lines[-1].text


@pytest.mark.parametrize("path", sorted((CORPUS / "real").glob("*.pdf")), ids=lambda path: path.stem)
def test_no_font_of_a_real_invoice_is_suspected(path: Path) -> None:
    assert not layer(path.read_bytes()).wrong_map
