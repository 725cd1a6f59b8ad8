"""Amounts agree to the cent, or there is a reason."""

from __future__ import annotations

import pytest

from include.domain.fields import Source, Value
from include.domain.mapping import complete_draft
from include.texts import LANGUAGES
from tests.unit.completeness.cases import case, draft, found, reasons
from tests.unit.mapping.drafts import draft_of, field, read, rows

CENTS = "total_incl_tax"


@pytest.mark.parametrize("total", ["1200.01", "1199.99", "1500.00"])
def test_a_single_cent_is_a_reason(total: str) -> None:
    assert reasons(draft(total_incl_tax=total, amount_due="1.00")) == [("totals_disagree", CENTS)]


def test_the_reason_shows_every_total_with_its_source_and_what_the_parts_give() -> None:
    page = {"total_excl_tax": "1250.00", "total_tax": "250.00", "total_incl_tax": "1500.00"}
    mapped = complete_draft(
        draft_of(read(**page), metadata={"montant": "1 800,00"}, association={CENTS: "montant"}), None
    )
    (reason,) = [r for r in found(case(mapped)).reasons if r.code == "totals_disagree"]
    french, english = (reason.message(language).replace("\N{NARROW NO-BREAK SPACE}", " ") for language in LANGUAGES)
    for part in ("1 250,00 (page 1)", "250,00 (page 1)", "= 1 500,00", "1 800,00 (montant: 1 800,00)"):
        assert part in french
    for part in ("1,250.00 (page 1)", "250.00 (page 1)", "= 1,500.00", "1,800.00 (montant: 1 800,00)"):
        assert part in english


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"discount": "50.00", "total_incl_tax": "1150.00", "amount_due": "1150.00"}, []),
        ({"discount": "50.00"}, [("totals_disagree_discount", CENTS)]),
        ({"amount_due": "1200.01"}, [("due_above_total", "amount_due")]),
        ({"amount_due": "0.01"}, []),
        ({"vat": rows(("20.00", "1000.00", "200.01"))}, [("vat_rows_disagree", "vat")]),
        ({"vat": rows(("20.00", "999.99", "200.00"))}, [("vat_rows_disagree", "vat")]),
        ({"vat": rows(("20.00", "500.00", "100.00"), ("20.00", "500.00", "100.00"))}, []),
        ({"total_excl_tax": "-1000.00"}, [("negative_total_excl_tax", "total_excl_tax")]),
        ({"discount": "-1.00"}, [("negative_discount", "discount")]),
        ({"vat_type": "SANS_TVA"}, [("vat_not_zero", "total_tax")]),
        ({"vat_type": "EXONERATION", "vat_exemption_reason": "X"}, [("vat_not_zero", "total_tax")]),
        ({"invoicing_framework": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"}, [("due_not_zero", "amount_due")]),
        ({"invoicing_framework": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", "amount_due": "0.00"}, []),
    ],
)
def test_rules_of_amounts(values: dict[str, Value], expected: list[tuple[str, str]]) -> None:
    assert reasons(draft(**values)) == expected


NOTHING = {"total_excl_tax": "0.00", "total_tax": "0.00", "total_incl_tax": "0.00", "amount_due": "0.00"}


def test_an_invoice_over_nothing_is_a_reason() -> None:
    assert reasons(draft(drop=("vat",), **NOTHING)) == [("total_zero", CENTS)]


FREE = {"total_tax": "0.00", "total_excl_tax": "1200.00"}


def test_exemption_needs_its_reason() -> None:
    exempt = draft(drop=("vat",), **FREE, vat_type="EXONERATION")
    assert reasons(exempt) == [("vat_exemption_missing", "vat_exemption_reason")]
    assert reasons(exempt.with_field("vat_exemption_reason", field("ART261"))) == []


def test_a_missing_reason_for_an_exemption_is_asked_for_with_the_words_of_the_document() -> None:
    exempt = draft(drop=("vat",), **FREE).with_field(
        "vat_type", field("EXONERATION", text="Soins, art. 261-4-1 du CGI")
    )
    assert reasons(exempt) == [("vat_exemption_said", "vat_exemption_reason")]
    assert "Soins, art. 261-4-1 du CGI" in found(exempt).reasons[0].message("fr")


@pytest.mark.parametrize("source", [Source.PERSON, Source.METADATA])
def test_no_vat_under_a_regime_with_vat_waits_for_a_decision(source: Source) -> None:
    free = draft(drop=("vat",), **FREE)
    assert reasons(free) == [("vat_zero", "vat_type")]
    assert reasons(free.with_field("vat_type", field("TVA_SUR_DEBIT", source))) == []
    assert reasons(draft(drop=("vat",), **FREE, vat_type="SANS_TVA")) == []


def test_nothing_due_outside_the_framework_of_paid_invoices_waits_for_a_decision() -> None:
    assert reasons(draft(amount_due="0.00")) == [("due_zero", "amount_due")]
    assert reasons(draft(amount_due="0.00", source=Source.PERSON)) == []
