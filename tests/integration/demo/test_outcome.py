"""The closing table of `make run`, and the comparison that decides about its exit code."""

from __future__ import annotations

from typing import Any

import pytest

from include.demo.generator import DemoDocument
from include.demo.outcome import differences, print_documents

DOCUMENT = DemoDocument(
    portal_id="Factures/a.pdf",
    purpose="an invoice",
    truth={"fields": {"invoice_number": "FA-1", "total_incl_tax": "12.00"}},
    expected_state="submitted",
    expected={"recipient_siret": "12345678200051"},
)
ROW: dict[str, Any] = {
    "portal_id": "Factures/a.pdf",
    "name": "a.pdf",
    "kind": "scan",
    "state": "submitted",
    "invoice_number": "FA-1",
    "recipient_siret": "12345678200051",
    "total_incl_tax": "12.00",
    "chorus_id": 7,
    "reasons": [],
    "shelved_reason": None,
}
THERE = {"chorus_id": 7, "number": "FA-1"}


def test_what_came_as_expected_has_no_differences() -> None:
    assert differences([DOCUMENT], [ROW], [THERE]) == []


@pytest.mark.parametrize(
    ("rows", "there", "told"),
    [
        ([], [], ["a.pdf: expected submitted, is missing"]),
        ([{**ROW, "state": "to_complete", "chorus_id": None}], [], ["a.pdf: expected submitted, is to_complete"]),
        ([{**ROW, "total_incl_tax": "21.00"}], [THERE], ["a.pdf: total_incl_tax expected 12.00, is 21.00"]),
        (
            [{**ROW, "invoice_number": "FA-7"}],
            [THERE],
            ["a.pdf: invoice_number expected FA-1, is FA-7", "Chorus Pro calls 7 FA-1, we call it FA-7"],
        ),
        (
            [{**ROW, "recipient_siret": "00000000000000"}],
            [THERE],
            ["a.pdf: recipient_siret expected 12345678200051, is 00000000000000"],
        ),
        ([ROW], [], ["Chorus Pro does not hold 7"]),
        (
            [ROW],
            [THERE, {"chorus_id": 8, "number": "FA-1"}],
            ["Chorus Pro holds 8, which we do not know", "FA-1 is there 2 times"],
        ),
    ],
)
def test_each_difference_is_told(rows: list[dict[str, Any]], there: list[dict[str, Any]], told: list[str]) -> None:
    assert differences([DOCUMENT], rows, there) == told


def test_metadata_that_replaces_the_printed_total_is_what_is_expected() -> None:
    replaced = DemoDocument(
        portal_id=DOCUMENT.portal_id,
        purpose="metadata win",
        truth=DOCUMENT.truth,
        expected_state="submitted",
        expected={"total_incl_tax": "18.00"},
    )
    assert differences([replaced], [{**ROW, "total_incl_tax": "18.00"}], [THERE]) == []
    assert differences([replaced], [ROW], [THERE]) != []


REFUSED = {
    **ROW,
    "name": "a name [with] brackets.pdf",
    "state": "to_complete",
    "chorus_id": None,
    "invoice_number": None,
    "reasons": [{"message": "The invoice number is missing: type it."}, {"message": "Another."}],
}


@pytest.mark.parametrize("width", [170, 140, 100, 40])
def test_every_width_shows_every_document_its_outcome_and_the_sums(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    print_documents([ROW, REFUSED], width=width)
    shown = capsys.readouterr().out
    words = " ".join(shown.replace("│", " ").split())
    for word in (
        "a.pdf",
        "OCR",
        "FA-1",
        "12345678200051",
        "12.00",
        "submitted",
        "[with]",
        "1 submitted, 1 to_complete",
    ):
        assert word in words, word
    assert "(+1)" in words
    assert all(len(line) <= width for line in shown.splitlines())
