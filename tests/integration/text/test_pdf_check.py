"""The first look at a PDF that somebody hands over: bounded as reading is, and in a process of its own."""

from __future__ import annotations

import pytest

from include.adapters.text.pdf_check import CagedPdfCheck
from include.adapters.text.reader import PdfReader
from include.domain.configuration import ReadingLimits
from tests.integration.text.corpus import CORPUS


@pytest.mark.parametrize(
    ("path", "limits", "code"),
    [
        ("real/fnfe_F20220026_minimum.pdf", ReadingLimits(), None),
        ("bad/pages_500.pdf", ReadingLimits(), "too_many_pages"),
        ("bad/pages_500.pdf", ReadingLimits(max_pages=500), None),
        ("bad/encrypted_user_password.pdf", ReadingLimits(), "encrypted"),
    ],
)
def test_it_says_why_reading_would_give_up(
    reader: PdfReader, path: str, limits: ReadingLimits, code: str | None
) -> None:
    found = CagedPdfCheck(reader).fault((CORPUS / path).read_bytes(), limits)
    assert (found and found.code) == code


def test_a_file_without_pages_is_never_taken_for_the_encrypted_one_before_it() -> None:
    def fault(name: str) -> str:
        found = CagedPdfCheck(reader).fault((CORPUS / "bad" / name).read_bytes(), ReadingLimits())
        assert found
        return found.code

    with PdfReader(workers=1) as reader:
        names = ("encrypted_user_password.pdf", "zero_pages.pdf", "truncated_60pct.pdf")
        assert [fault(name) for name in names] == ["encrypted", "no_pages", "broken"]
