"""Which documents go along, and whether the platform takes the files."""

from __future__ import annotations

from typing import Any

import pytest

from include.domain.completeness import attachments_wanted, chosen_attachments
from include.domain.configuration import Attachments
from include.domain.document import PortalDocument
from include.domain.reasons import Reason
from tests.factories import portal_document
from tests.unit.completeness.cases import case, draft, provider, reasons

INVOICE = portal_document()
NOTE = portal_document("Factures/bl.pdf", b"%PDF-1 note")
OTHER = portal_document("Factures/plan.dwg")
SENDS = provider(send_attachments=True)
PJ = Attachments()


def chosen(switch: str | None, *, has_switch: bool = False, sends: bool = True) -> tuple[PortalDocument, ...]:
    given = draft(attachment_switch=switch) if switch is not None else draft()
    wanted = attachments_wanted(given, provider(send_attachments=sends), PJ, has_switch=has_switch)
    return chosen_attachments([NOTE, INVOICE, NOTE], INVOICE) if wanted else ()


def test_without_a_switch_linked_documents_always_go_each_once_and_never_the_invoice_itself() -> None:
    assert chosen(None) == (NOTE,)


@pytest.mark.parametrize("value", ["PJ", " pj ", "x;PJ"])
def test_a_switch_that_is_on_sends_them(value: str) -> None:
    assert chosen(value, has_switch=True) == (NOTE,)


@pytest.mark.parametrize("value", [None, "non", ""])
def test_a_switch_that_is_not_on_sends_none(value: str | None) -> None:
    assert chosen(value, has_switch=True) == ()


def test_a_switch_that_a_person_typed_counts_without_any_metadata() -> None:
    assert chosen("non") == ()
    assert chosen("PJ") == (NOTE,)


def test_a_provider_that_sends_no_attachments_sends_none() -> None:
    assert chosen("PJ", has_switch=True, sends=False) == ()


def test_without_a_provider_nothing_goes() -> None:
    unknown = Reason(code="missing_supplier_siret", field="supplier_siret")
    assert not attachments_wanted(draft(), unknown, PJ, has_switch=False)


def test_the_same_bytes_go_once_whatever_they_are_called() -> None:
    again = portal_document("Ailleurs/copie.pdf", b"%PDF-1 note")
    itself = portal_document("Ailleurs/facture.pdf", b"%PDF-1")
    assert chosen_attachments([NOTE, again, itself], INVOICE) == (NOTE,)


def test_a_link_of_the_portal_to_what_is_not_there_is_a_reason_that_names_it() -> None:
    lost = case(provider=SENDS, missing_attachments=("Bons/bl-417.pdf",))
    assert reasons(lost) == [("attachment_missing", None)]
    asked = case(draft(attachment_switch="pj"), provider=SENDS, missing_attachments=("Bons/bl-417.pdf",))
    assert reasons(asked) == [("attachment_missing", None)], "one reason, not two"


def test_a_switch_that_is_on_with_nothing_linked_is_a_reason() -> None:
    asked = draft(attachment_switch="pj")
    assert reasons(case(asked, provider=SENDS)) == [("attachments_missing", "attachment_switch")]
    assert reasons(case(asked, provider=SENDS, attachments=(NOTE,))) == []
    assert reasons(case(asked)) == []
    assert reasons(case(draft(attachment_switch="non"), provider=SENDS)) == []


@pytest.mark.parametrize(
    ("name", "size", "codes"),
    [
        ("bl.pdf", 9_999_999, []),
        ("BL.PDF", 1, []),
        (f"{'x' * 60}.docx", 1, []),
        ("bl.pdf", 10_000_000, ["attachment_too_large"]),
        ("bl.pdf", 0, ["attachment_empty"]),
        ("plan.dwg", 1, ["attachment_type"]),
        ("bl", 1, ["attachment_type"]),
        ("plan.dwg", 0, ["attachment_type", "attachment_empty"]),
    ],
)
def test_what_the_platform_would_not_take_is_a_reason_that_names_it(name: str, size: int, codes: list[str]) -> None:
    attachment = portal_document(f"Factures/{name}", size=size)
    given = case(provider=SENDS, attachments=(attachment,))
    assert [code for code, _ in reasons(given)] == codes


def _size(size: int) -> Any:
    return portal_document("Factures/bl.pdf", size=size)


def test_all_files_together_have_a_limit() -> None:
    many = tuple(portal_document(f"Factures/{n}.pdf", size=9_999_999) for n in range(12))
    assert reasons(case(provider=SENDS, attachments=many, document=_size(20))) == [("attachments_too_large", None)]
    assert reasons(case(provider=SENDS, attachments=many[:11])) == []


def test_the_invoice_itself_must_be_small_enough() -> None:
    assert reasons(case(document=_size(10_000_000))) == [("main_file_too_large", None)]
    assert reasons(case(document=_size(9_999_999))) == []


def test_a_long_file_name_is_mended_and_no_reason() -> None:
    assert reasons(case(document=portal_document(f"Factures/{'x' * 80}.pdf"))) == []
