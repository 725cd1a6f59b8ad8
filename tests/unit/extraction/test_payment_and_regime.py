"""Mode of payment, VAT regime and framework, as pages say them."""

from __future__ import annotations

import pytest

from tests.unit.extraction.paper import page, read
from tests.unit.extraction.test_amounts import table

TAXED = table(("Total HT", "1 000,00"), ("TVA 20 %", "200,00"), ("Total TTC", "1 200,00"))
FREE = table(("Total HT", "1 000,00"), ("TVA", "0,00"), ("Total TTC", "1 000,00"))


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("Mode de paiement : prélèvement automatique le 12/12/2026", "PRELEVEMENT"),
        ("Mode de règlement : chèque", "CHEQUE"),
        ("Moyen de paiement : virement", "VIREMENT"),
        ("Règlement par mandat administratif", "VIREMENT"),
        ("Le montant de 1 200,00 € sera prélevé le 12/12/2026", "PRELEVEMENT"),
        ("Prélèvement SEPA prévu le 12/12/2026", "PRELEVEMENT"),
        ("Payable par chèque à l'ordre de l'Atelier", "CHEQUE"),
        ("Payé en espèces", "ESPECE"),
        ("Payment method: direct debit", "PRELEVEMENT"),
        ("PRÉLÈVEMENT AUTOMATIQUE", "PRELEVEMENT"),
        ("RUM : FR-2026-0012", "PRELEVEMENT"),
        ("Paiement par chèque ou carte bancaire", "AUTRE"),
    ],
)
def test_the_page_says_how_it_is_paid(text: str, mode: str) -> None:
    assert read(page((40, 600, text)))["payment_mode"] == mode


@pytest.mark.parametrize(
    "text",
    [
        "Règlement par virement ou par chèque",
        "Pour opter pour le prélèvement automatique, appelez-nous avant le 12/12/2026",
        "Prélèvement d'eau du 12/10/2026",
        "Conditions de paiement : 30 jours",
    ],
)
def test_a_choice_or_an_offer_says_nothing(text: str) -> None:
    assert "payment_mode" not in read(page((40, 600, text)))


def test_whom_to_make_out_a_cheque_to_leaves_the_choice_beside_an_account() -> None:
    cheque, account = (40, 600, "Chèque à l'ordre de l'Atelier"), (40, 700, "IBAN : FR7630006000011234567890189")
    assert read(page(cheque))["payment_mode"] == "CHEQUE"
    assert "payment_mode" not in read(page(cheque, account))
    assert read(page((40, 600, "Mode de paiement : chèque"), account))["payment_mode"] == "CHEQUE"


def test_the_value_may_stand_beside_or_below_its_label() -> None:
    assert read(page((40, 600, "Mode de règlement"), (250, 600, "Prélèvement")))["payment_mode"] == "PRELEVEMENT"
    assert read(page((40, 600, "Mode de règlement"), (40, 614, "Chèque")))["payment_mode"] == "CHEQUE"


def test_what_a_label_says_counts_more_than_what_is_said_in_passing() -> None:
    texts = ((40, 600, "Mode de règlement : prélèvement"), (40, 700, "À défaut, paiement par virement"))
    assert read(page(*texts))["payment_mode"] == "PRELEVEMENT"


@pytest.mark.parametrize(
    ("text", "regime"),
    [
        ("TVA non applicable, art. 293 B du CGI", "SANS_TVA"),
        ("Franchise en base de TVA", "SANS_TVA"),
        ("Art. 294-1 du CGI, Mayotte", "SANS_TVA"),
        ("Autoliquidation, article 283-2 nonies du CGI", "SANS_TVA"),
        ("Auto-liquidation de la TVA", "SANS_TVA"),
        ("VAT reverse charge", "SANS_TVA"),
        ("Hors champ de la TVA", "SANS_TVA"),
        ("Exonération de TVA, article 261-4-4 du CGI", "EXONERATION"),
        ("Exonéré de TVA", "EXONERATION"),
    ],
)
def test_a_notice_says_why_there_is_no_vat(text: str, regime: str) -> None:
    assert read(page(*FREE, (40, 600, text)))["vat_type"] == regime
    assert "vat_type" not in read(page(*TAXED, (40, 600, text)))


@pytest.mark.parametrize(
    ("text", "regime"),
    [
        ("TVA sur les encaissements", "TVA_SUR_ENCAISSEMENT"),
        ("TVA acquittée d'après les débits", "TVA_SUR_DEBIT"),
        ("Option pour le paiement de la taxe sur les débits", "TVA_SUR_DEBIT"),
    ],
)
def test_a_notice_says_when_the_vat_is_due(text: str, regime: str) -> None:
    assert read(page(*TAXED, (40, 600, text)))["vat_type"] == regime


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("Sous-traitant du lot 3 - paiement direct par le maître d'ouvrage", "A9_FACTURE_SOUSTRAITANT"),
        ("Facture de sous-traitance", "A9_FACTURE_SOUSTRAITANT"),
        ("Émise en qualité de sous-traitant", "A9_FACTURE_SOUSTRAITANT"),
        ("Cotraitant du groupement", "A12_FACTURE_COTRAITANT"),
    ],
)
def test_who_is_no_main_supplier_says_so(text: str, framework: str) -> None:
    assert read(page((40, 600, text)))["invoicing_framework"] == framework


@pytest.mark.parametrize("text", ["Sous-traitant : néant", "Travaux de sous-traitance, lot 3", "Paiement à 30 jours"])
def test_the_word_alone_makes_no_subcontractor(text: str) -> None:
    assert "invoicing_framework" not in read(page((40, 600, text)))
