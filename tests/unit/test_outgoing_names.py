"""Names of attachments as they go out: short enough, with their extension, and each unlike the others."""

from __future__ import annotations

import pytest

from include.domain.submission_builder import MAX_FILE_NAME, distinct_names


def test_names_that_fit_stay() -> None:
    assert distinct_names("f.pdf", ["bl.pdf", "bl.docx"]) == ["bl.pdf", "bl.docx"]


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".tiff"])
def test_two_that_are_cut_to_the_same_name_are_told_apart(suffix: str) -> None:
    names = distinct_names("f.pdf", [f"{'x' * 60}{n}{suffix}" for n in range(12)])
    assert len({name.casefold() for name in names}) == 12
    assert all(len(name) <= MAX_FILE_NAME and name.endswith(suffix) for name in names)


def test_the_same_name_from_two_folders_is_told_apart_without_regard_to_case() -> None:
    assert distinct_names("f.pdf", ["bl.pdf", "BL.pdf", "bl.pdf"]) == ["bl.pdf", "BL (2).pdf", "bl (3).pdf"]


def test_no_attachment_has_the_name_of_the_invoice() -> None:
    assert distinct_names("2026-1.pdf", ["2026-1.pdf"]) == ["2026-1 (2).pdf"]


def test_a_name_that_already_looks_like_a_second_one_is_not_taken_twice() -> None:
    assert distinct_names("f.pdf", ["bl (2).pdf", "bl.pdf", "bl.pdf"]) == ["bl (2).pdf", "bl.pdf", "bl (3).pdf"]
