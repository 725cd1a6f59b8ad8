"""Values of metadata and of people become canonical, or a reason with the value in it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.domain.fields import Value, vat_row
from include.domain.fields.registry import FIELD_NAMES
from include.domain.mapping import Unconvertible, convert, not_converted
from tests.factories import typed

ROW = (vat_row("20.00", "850.00", "170.00"),)


@pytest.mark.parametrize(
    ("name", "texts", "value"),
    [
        ("total_incl_tax", ["1 800,00 EUR"], "1800.00"),
        ("total_incl_tax", ["1 800,00 €"], "1800.00"),
        ("total_incl_tax", ["1.800,00"], "1800.00"),
        ("total_incl_tax", ["1800"], "1800.00"),
        ("total_incl_tax", ["1800.5"], "1800.50"),
        ("total_incl_tax", ["1800.000"], "1800.00"),
        ("total_tax", ["-12,5"], "-12.50"),
        ("issue_date", ["18/11/2026"], "2026-11-18"),
        ("issue_date", ["1er mars 2026"], "2026-03-01"),
        ("due_date", ["2026-12-18T00:00:00"], "2026-12-18"),
        ("recipient_siret", ["123 456 782 00051"], "12345678200051"),
        ("type", ["AVOIR"], "credit_note"),
        ("type", ["Facture d\N{RIGHT SINGLE QUOTATION MARK}acompte"], "down_payment"),
        ("type", ["381"], "credit_note"),
        ("type", [" facture "], "invoice"),
        ("currency", ["€"], "EUR"),
        ("currency", ["euros"], "EUR"),
        ("currency", ["usd"], "USD"),
        ("invoicing_framework", ["A2"], "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"),
        ("invoicing_framework", ["a9_facture_soustraitant"], "A9_FACTURE_SOUSTRAITANT"),
        ("vat_type", ["TVA sur les débits"], "TVA_SUR_DEBIT"),
        ("vat_type", ["exonération"], "EXONERATION"),
        ("payment_mode", ["Chèque"], "CHEQUE"),
        ("iban", ["FR76 3000 6000 0112 3456 7890 189"], "FR7630006000011234567890189"),
        ("invoice_number", ["  2026-FA   417 "], "2026-FA 417"),
        ("comment", ["Lot 3", "Phase 2"], "Lot 3\nPhase 2"),
        ("user_label", ["Durand", "Martin"], "Durand;Martin"),
        ("vat", ["20 : 850,00 : 170,00"], ROW),
        ("vat", ["20 % : 850 : 170"], ROW),
        ("vat", ['[{"rate": 20, "base": "850.00", "amount": 170.0}]'], ROW),
        ("vat", ['{"rate": "20", "base": "850", "amount": "170"}'], ROW),
        ("vat", ['[["20", "850", "170"]]'], ROW),
        ("vat", ["20:850:170", "5,5:100:5,50"], (*ROW, vat_row("5.50", "100.00", "5.50"))),
        ("vat", ["20:850:170; 5,5:100:5,50"], (*ROW, vat_row("5.50", "100.00", "5.50"))),
    ],
)
def test_french_and_english_spellings_become_canonical(name: str, texts: list[str], value: Value) -> None:
    assert convert(name, texts) == typed(name, value)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("total_incl_tax", "1.800", "amount"),  # one thousand eight hundred, or one point eight?
        ("total_incl_tax", "1800,005", "amount"),
        ("total_incl_tax", "sur devis", "amount"),
        ("issue_date", "31/02/2026", "date"),
        ("supplier_siret", "332540215", "siret"),
        ("supplier_siret", "415073", "siret"),
        ("type", "devis", "code"),
        ("invoicing_framework", "A3", "code"),
        ("currency", "dollars", "currency"),
        ("iban", "FR7630006000011234567890188", "iban"),
        ("vat", "20 % de 850", "vat"),
        ("vat", "[{", "vat"),
        ("vat", "120:850:170", "vat"),
        ("vat", '["20"]', "vat"),
    ],
)
def test_what_cannot_be_converted_keeps_its_value_for_the_reason(name: str, text: str, expected: str) -> None:
    problem = convert(name, [text])
    assert isinstance(problem, Unconvertible)
    assert (problem.expected, problem.text) == (expected, text)
    reason = not_converted(name, "montant", problem)
    for language in ("fr", "en"):
        assert text in reason.message(language)  # type: ignore[arg-type]
        assert "montant" in reason.message(language)  # type: ignore[arg-type]


def test_a_code_that_is_not_possible_names_the_possible_ones() -> None:
    problem = convert("payment_mode", ["bitcoin"])
    assert isinstance(problem, Unconvertible)
    assert "VIREMENT" in not_converted("payment_mode", "mode", problem).message("fr")


def test_the_same_value_written_twice_is_one_value() -> None:
    assert convert("total_incl_tax", ["1 800,00", "1800.00", ""]) == Decimal("1800.00")


def test_several_different_values_are_a_reason_and_no_choice() -> None:
    problem = convert("invoice_number", ["F1", "F2"])
    assert isinstance(problem, Unconvertible)
    assert "F1, F2" in not_converted("invoice_number", "numero", problem).message("fr")


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_blank_values_are_no_value(name: str) -> None:
    assert convert(name, ["", "  "]) is None


@pytest.mark.parametrize("value", ["1800.00", "-12.50", "0.00"])
def test_conversion_leaves_what_is_canonical(value: str) -> None:
    assert str(convert("total_incl_tax", [value])) == value
