"""Layers that are switched off, in each way in which a PDF can say so, are not read; those that are on are."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from include.adapters.text.pdf.switched_off import without_switched_off
from include.adapters.text.pdf.text_layer import read_layer

SHOWN, SECRET, BEHIND = "Facture du mois pour votre service", "999,00", "EUR"
Change = Callable[[pikepdf.Pdf, Any, Any], None]
"""What makes a case of a document with two layers: the first one holds the secret, the second one nothing."""


def page_with(change: Change, secret: str = "/OC /First BDC ({}) Tj EMC") -> bytes:
    """One page: a line that is always there, then the secret in the first layer, then a word behind it."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    first, second = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in ("first", "second"))
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    page.Resources = Dictionary(Font=Dictionary(F1=font), Properties=Dictionary(First=first, Second=second))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([first, second]), D=Dictionary())
    change(pdf, first, second)
    text = f"BT /F1 11 Tf 40 700 Td ({SHOWN}) Tj 0 -20 Td {secret.format(SECRET)} ( {BEHIND}) Tj ET"
    page.Contents = pdf.make_stream(text.encode())
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def words(content: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return [word.text for line in read_layer(pdf[0], 1).page.lines for word in line.words]
    finally:
        pdf.close()


def listed_as_off(pdf: pikepdf.Pdf, first: Any, _second: Any) -> None:
    pdf.Root.OCProperties.D.OFF = Array([first])


def off_unless_listed(pdf: pikepdf.Pdf, _first: Any, second: Any) -> None:
    pdf.Root.OCProperties.D = Dictionary(BaseState=Name.OFF, ON=Array([second]))


def off_by_usage(_pdf: pikepdf.Pdf, first: Any, _second: Any) -> None:
    first.Usage = Dictionary(View=Dictionary(ViewState=Name.OFF))


def member_of(**how: Any) -> Change:
    """The secret belongs to both layers at once, of which the first one is off."""

    def change(pdf: pikepdf.Pdf, first: Any, second: Any) -> None:
        listed_as_off(pdf, first, second)
        both = Dictionary(Type=Name.OCMD, OCGs=Array([first, second]), **how)
        pdf.pages[0].Resources.Properties.First = pdf.make_indirect(both)

    return change


def by_expression(operator: str) -> Change:
    def change(pdf: pikepdf.Pdf, first: Any, second: Any) -> None:
        listed_as_off(pdf, first, second)
        both = Dictionary(Type=Name.OCMD, VE=Array([Name(operator), first, second][: 2 if operator == "/Not" else 3]))
        pdf.pages[0].Resources.Properties.First = pdf.make_indirect(both)

    return change


NESTED = "/OC /First BDC /Span BMC /OC /Second BDC ({}) Tj EMC EMC EMC"
OTHER_OPERATORS = "/OC /First BDC 14 TL ({}) ' 0 0 (x) \" [({})] TJ EMC"


@pytest.mark.parametrize("change", [listed_as_off, off_unless_listed, off_by_usage])
@pytest.mark.parametrize("secret", ["/OC /First BDC ({}) Tj EMC", NESTED])
def test_what_a_switched_off_layer_holds_is_not_read(change: Change, secret: str) -> None:
    content = page_with(change, secret)
    assert SECRET in words(content), "pdfium gives it"
    found = words(without_switched_off(content))
    assert found == [*SHOWN.split(), BEHIND]


def test_every_way_to_show_text_is_known() -> None:
    content = page_with(listed_as_off, OTHER_OPERATORS.replace("({}) '", "(998,00) '"))
    assert words(without_switched_off(content)) == [*SHOWN.split(), BEHIND]


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (member_of(), True),
        (member_of(P=Name.AnyOn), True),
        (member_of(P=Name.AllOn), False),
        (member_of(P=Name.AnyOff), True),
        (member_of(P=Name.AllOff), False),
        (by_expression("/And"), False),
        (by_expression("/Or"), True),
        (by_expression("/Not"), True),
    ],
)
def test_a_membership_in_several_layers_is_judged_by_its_policy(change: Change, read: bool) -> None:
    assert (SECRET in words(without_switched_off(page_with(change)))) is read


@pytest.mark.parametrize("layer_of_form", [True, False])
def test_a_form_is_looked_into_and_may_be_a_layers_as_a_whole(layer_of_form: bool) -> None:
    def change(pdf: pikepdf.Pdf, first: Any, second: Any) -> None:
        listed_as_off(pdf, first, second)
        text = f"BT /F1 11 Tf 300 600 Td ({SECRET}) Tj ET"
        form = pdf.make_stream((text if layer_of_form else f"/OC /First BDC {text} EMC").encode())
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 595, 842])
        form.Resources = pdf.pages[0].Resources
        if layer_of_form:
            form.OC = first
        pdf.pages[0].Resources.XObject = Dictionary(Inner=form)

    content = page_with(change, "() Tj ET /Inner Do BT /F1 11 Tf 40 600 Td")
    assert SECRET in words(content)
    assert SECRET not in words(without_switched_off(content))


def test_what_is_on_stays_as_it_is_to_the_byte() -> None:
    content = page_with(lambda _pdf, _first, _second: None)
    assert without_switched_off(content) is content
    assert SECRET in words(content)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 /OCProperties", b"%PDF-1.7 /ObjStm"])
def test_what_cannot_be_opened_stays_as_it_is(content: bytes) -> None:
    assert without_switched_off(content) == content
