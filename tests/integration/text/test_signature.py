"""A PDF is signed by its objects, whatever its bytes look like; and it is the reader's worker that looks."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from include.adapters.text.pdf.signature import is_signed
from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from tests.integration.text.corpus import DIGITAL

BYTES = b"/ByteRange"
Change = Callable[[pikepdf.Pdf], None]


def saved(*changes: Change, **how: Any) -> bytes:
    """A PDF of one page after these changes."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    for change in changes:
        change(pdf)
    stream = io.BytesIO()
    pdf.save(stream, **how)
    return stream.getvalue()


def signature(**other: Any) -> pikepdf.Dictionary:
    entries = {
        "Filter": pikepdf.Name.Adobe_PPKLite,
        "SubFilter": pikepdf.Name("/ETSI.CAdES.detached"),
        "ByteRange": [0, 840, 9000, 512],
        "Contents": pikepdf.String(b"\x30\x82\x01\x00"),
    }
    return pikepdf.Dictionary(**(entries | other))


def form(*fields: pikepdf.Dictionary) -> Change:
    def add(pdf: pikepdf.Pdf) -> None:
        made = [pdf.make_indirect(field) for field in fields]
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(made), SigFlags=3)

    return add


def field(**entries: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(**({"T": "Signature1", "FT": pikepdf.Name.Sig} | entries))


def words(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(b"BT /F1 9 Tf (how a signature works: /ByteRange [0 1 2 3]) Tj ET")
    pdf.docinfo["/Title"] = "/ByteRange"


def test_a_signature_in_a_field_of_the_form_is_one() -> None:
    content = saved(form(field(V=signature(Type=pikepdf.Name.Sig))))
    assert BYTES in content
    assert is_signed(content) is True


def test_one_that_stands_in_a_compressed_stream_of_objects_is_one_too() -> None:
    content = saved(form(field(V=signature())), object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert BYTES not in content
    assert is_signed(content) is True


def test_the_type_may_be_that_of_the_field_above() -> None:
    kid = pikepdf.Dictionary(T="kid", V=signature())
    assert is_signed(saved(form(field(Kids=pikepdf.Array([kid]))))) is True


@pytest.mark.parametrize(
    "change",
    [
        words,
        form(field()),
        form(field(V=pikepdf.Dictionary(ByteRange=[0, 1, 2, 3]))),
        form(field(V=pikepdf.Dictionary(Contents=pikepdf.String("x")))),
        form(field(V=signature(Contents=pikepdf.String("")))),
        form(field(V=pikepdf.String("/ByteRange"))),
        form(pikepdf.Dictionary(T="name", FT=pikepdf.Name.Tx, V=pikepdf.String("/ByteRange"))),
    ],
    ids=["words", "empty field", "no contents", "no range", "empty contents", "text as value", "text field"],
)
def test_what_only_looks_like_one_is_none(change: Change) -> None:
    assert is_signed(saved(change, compress_streams=False)) is False


def test_a_form_that_contains_itself_comes_to_an_end() -> None:
    def circle(pdf: pikepdf.Pdf) -> None:
        form(field(), field())(pdf)
        first, second = pdf.Root.AcroForm.Fields
        first.Kids, second.Kids = pikepdf.Array([second]), pikepdf.Array([first, first])

    assert is_signed(saved(circle)) is False


@pytest.mark.parametrize("content", [b"%PDF-1.7 /ByteRange", b"", b"%PDF-1.7\n1 0 obj\n<</AcroForm 1 0 R>>\nendobj"])
def test_of_what_cannot_be_opened_nothing_is_said(content: bytes) -> None:
    assert is_signed(content) is None


def test_the_reader_tells_it_with_the_reading(reader: PdfReader) -> None:
    plain = DIGITAL.read_bytes()
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        form(field(V=signature()))(pdf)
        stream = io.BytesIO()
        pdf.save(stream)
    found = dict(reader.read([(1, plain), (2, stream.getvalue())], ReadingLimits(), ReadingHints()))
    assert {key: isinstance(one, Reading) and one.signed for key, one in found.items()} == {1: False, 2: True}
