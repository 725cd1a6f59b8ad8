"""What a spreadsheet program would run or reshape is marked as a text; what it leaves alone stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain.spreadsheet_cells import guarded, is_misread, marked_as_text, unguarded


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001 - those are meant
def test_nothing_that_begins_like_a_formula_is_written_bare(first: str) -> None:
    for text in (f"{first}HYPERLINK(1)", f'{first}cmd|" /C calc"!A0', first, f"{first}{'x' * 300}"):
        assert is_misread(text)
        assert guarded(text).startswith(('="', "'"))


@pytest.mark.parametrize(
    "text", ["0042", "33254021516357", "2026-11", "1/2", "MARS-26", "12 janv.", "vrai", "1e5", "- 3 -"]
)
def test_what_looks_like_a_number_a_date_or_a_truth_value_is_marked(text: str) -> None:
    assert guarded(text) == f'="{text}"'


@pytest.mark.parametrize("text", ["", "Mairie d'Annecy", "a=b", "F-417", "rue du 8 mai, no 3 b", "1er étage"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.text(max_size=600))
def test_the_text_comes_back_but_for_outer_blanks_and_an_apostrophe_of_its_own(text: str) -> None:
    wanted = text.strip()
    assert unguarded(marked_as_text(wanted)) == wanted
    if not wanted.startswith("'"):
        assert unguarded(guarded(wanted)) == wanted
