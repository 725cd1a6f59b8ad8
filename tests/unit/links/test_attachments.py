"""What a person does to the files of an invoice, and what a file from outside has to be."""

from __future__ import annotations

import datetime as dt

import pytest

from include.domain.attachments import AddedFile, AttachmentEdits, extension_of, is_what_it_says, safe_name
from include.domain.completeness import chosen_attachments
from tests.factories import portal_document

AT = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
NOTE = AddedFile(name="bl.pdf", sha256="a" * 64, size=3, type=None, actor="anna", at=AT)
LINKED = portal_document("Bons/1.pdf", b"linked")
INVOICE = portal_document("Factures/1.pdf", b"invoice")


def test_added_files_follow_the_linked_ones_and_the_same_bytes_go_once() -> None:
    edits = AttachmentEdits(added=(NOTE, AddedFile(**{**vars(NOTE), "name": "again.pdf"})))
    chosen = chosen_attachments([LINKED], INVOICE, edits)
    assert [one.portal_id for one in chosen] == ["Bons/1.pdf", NOTE.key]
    assert (chosen[1].name, chosen[1].size, chosen[1].content_sha256) == ("bl.pdf", 3, NOTE.sha256)


def test_what_was_left_out_does_not_go_along_and_the_invoice_itself_never_does() -> None:
    own = AddedFile(**{**vars(NOTE), "sha256": INVOICE.content_sha256})
    assert chosen_attachments([LINKED], INVOICE, AttachmentEdits(left_out=("Bons/1.pdf",), added=(own,))) == ()


def test_taking_away_forgets_an_added_file_and_leaves_a_linked_one_out() -> None:
    edits = AttachmentEdits().with_added(NOTE)
    assert edits.file(NOTE.key) == NOTE
    assert edits.without(NOTE.key) == AttachmentEdits()
    assert edits.without("Bons/1.pdf").left_out == ("Bons/1.pdf",)


def test_types_are_kept_by_file_and_taken_back() -> None:
    edits = AttachmentEdits().with_added(NOTE).with_type(NOTE.key, "RIB").with_type("Bons/1.pdf", "DIVERS")
    assert edits.chosen_types() == {NOTE.key: "RIB", "Bons/1.pdf": "DIVERS"}
    assert edits.with_type(NOTE.key, None).with_type("Bons/1.pdf", None).chosen_types() == {}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.pdf", "a.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\x.PDF", "x.PDF"),
        ("...", ""),
        ("a\N{ZERO WIDTH SPACE}b\n.txt", "ab.txt"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("e\N{COMBINING ACUTE ACCENT}.txt", "\N{LATIN SMALL LETTER E WITH ACUTE}.txt"),
    ],
)
def test_a_name_from_outside_is_made_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    ("name", "content", "fits"),
    [
        ("a.pdf", b"%PDF-1.7", True),
        ("a.pdf", b"\r\n%PDF-1.7", True),
        ("a.pdf", b"GIF89a", False),
        ("A.JPEG", b"\xff\xd8\xff\xe0", True),
        ("a.docx", b"PK\x03\x04", True),
        ("a.docx", b"%PDF-1.7", False),
        ("a.tgz", b"\x1f\x8b", True),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        ("a.csv", "é;à".encode(), True),
        ("a.csv", b"a\0b", False),
        ("a.txt", "\ufeffx".encode("utf-16-le"), True),
        ("a.p7s", b"anything", True),
    ],
)
def test_bytes_decide_what_a_file_is(name: str, content: bytes, fits: bool) -> None:
    assert is_what_it_says(name, content) is fits


def test_an_extension_is_compared_in_lower_case() -> None:
    assert (extension_of("A.PDF"), extension_of("none")) == ("pdf", "")
