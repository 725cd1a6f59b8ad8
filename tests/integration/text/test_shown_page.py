"""What form fields, stamps and free text show is read and drawn as a part of the page; what they hide is not."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String

from include.adapters.text.pdf.page_image import page_jpeg
from include.adapters.text.pdf.shown_page import shown_page
from include.adapters.text.pdf.text_layer import read_layer
from include.domain.configuration import ReadingLimits

VALUE = "4711"
HIDDEN, NO_VIEW = 2, 32
"""Flags of an annotation (PDF 32000, 12.5.3)."""


def page_with(kind: str, flags: int = 0, *, drawn: bool = True) -> bytes:
    """One page with one annotation that shows the value; not `drawn`: as forms that a program filled."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    look = pdf.make_stream(f"/Tx BMC BT /F1 24 Tf 5 10 Td ({VALUE}) Tj ET EMC".encode())
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 40])
    look.Resources = Dictionary(Font=Dictionary(F1=font))
    shown = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array([100, 600, 300, 640]), F=flags)
    if drawn:
        shown.AP = Dictionary(N=look)
    if kind == "Widget":
        shown.FT, shown.V, shown.T = Name.Tx, String(VALUE), String("number")
        shown.DA = String("/Helv 12 Tf 0 g")
    annotation = pdf.make_indirect(shown)
    page.Annots = Array([annotation])
    if kind == "Widget":
        pdf.Root.AcroForm = Dictionary(Fields=Array([annotation]), DR=Dictionary(Font=Dictionary(Helv=font)))
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def words(content: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return [word.text for line in read_layer(shown_page(pdf, 0), 1).page.lines for word in line.words]
    finally:
        pdf.close()


@pytest.mark.parametrize("kind", ["Widget", "FreeText", "Stamp"])
def test_what_an_annotation_shows_is_read_and_drawn(kind: str) -> None:
    content = page_with(kind)
    assert words(content) == [VALUE]
    assert page_jpeg(content, 1, 600, ReadingLimits()) != page_jpeg(page_with(kind, HIDDEN), 1, 600, ReadingLimits())


def test_a_field_that_was_filled_without_being_drawn_is_read_and_drawn() -> None:
    content, hidden = page_with("Widget", drawn=False), page_with("Widget", HIDDEN, drawn=False)
    assert (words(content), words(hidden)) == ([VALUE], [])
    assert page_jpeg(content, 1, 600, ReadingLimits()) != page_jpeg(hidden, 1, 600, ReadingLimits())


@pytest.mark.parametrize("kind", ["Widget", "FreeText", "Stamp"])
@pytest.mark.parametrize("flags", [HIDDEN, NO_VIEW])
def test_what_nobody_sees_on_the_screen_is_not_read(kind: str, flags: int) -> None:
    assert words(page_with(kind, flags)) == []
