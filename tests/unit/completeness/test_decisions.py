"""What a document says of itself keeps it back until somebody decides who may."""

from __future__ import annotations

import dataclasses

import pytest

from include.domain.completeness.decisions import ASKED, ASKED_OF_A_PERSON
from include.domain.fields import Source, vat_row
from include.domain.reasons import Reason
from tests.factories import reading
from tests.unit.completeness.cases import case, draft, found, reasons
from tests.unit.mapping.drafts import field

VALUES = {
    "type": "invoice",
    "invoicing_framework": "A1_FACTURE_FOURNISSEUR",
    "bank_details": "Compte courant",
    "vat_type": "TVA_SUR_DEBIT",
    "payment_mode": "VIREMENT",
    "amount_due": "1200.00",
    "invoice_number": "F-1",
    "vat": (vat_row("20", "1000.00", "200.00"),),
}
PARAMS = {
    name: "1.00" if name in ("due", "left") else "2"
    for name in ("words", "type_code", "process", "means", "category", "due", "left", "count", "vat_type", "rates")
}


def _said(code: str, source: Source) -> list[str]:
    name = {**ASKED, **ASKED_OF_A_PERSON}[code]
    said = dataclasses.replace(reading(), checks=(Reason(code=code, params=PARAMS),))
    given = draft(source=source, **{name: VALUES[name]})
    return [found_code for found_code, _ in reasons(case(given, reading=said))]


@pytest.mark.parametrize("code", [*ASKED, *ASKED_OF_A_PERSON])
def test_it_waits_for_a_person(code: str) -> None:
    assert _said(code, Source.TEXT) == [code]
    assert _said(code, Source.FACTURX) == [code]
    assert _said(code, Source.PERSON) == []


@pytest.mark.parametrize("code", ASKED)
def test_metadata_decide_on_a_value(code: str) -> None:
    assert _said(code, Source.METADATA) == []


@pytest.mark.parametrize("code", ASKED_OF_A_PERSON)
def test_metadata_do_not_make_an_invoice_of_what_says_that_it_is_none(code: str) -> None:
    assert _said(code, Source.METADATA) == [code]


def test_a_field_that_nobody_gave_is_no_decision() -> None:
    said = dataclasses.replace(reading(), checks=(Reason(code="says_other_payee", params=PARAMS),))
    assert reasons(case(draft(drop=("bank_details",)), reading=said)) == [("says_other_payee", None)]


def test_what_goes_out_as_paid_may_say_that_it_is_paid() -> None:
    said = dataclasses.replace(reading(), checks=(Reason(code="says_paid", params=PARAMS),))
    paid = draft(amount_due="0.00").with_field(
        "invoicing_framework", field("A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", Source.FACTURX)
    )
    assert reasons(case(paid, reading=said)) == []


def test_a_file_that_was_passed_over_is_said_and_stops_nothing() -> None:
    said = dataclasses.replace(reading(), checks=(Reason(code="xml_passed_over", params={"name": "a.xml"}),))
    result = found(case(reading=said))
    assert (result.reasons, [warning.code for warning in result.warnings]) == ((), ["xml_passed_over"])
