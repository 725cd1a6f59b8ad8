from __future__ import annotations

import pytest
from stdnum import iban

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, page, read

BBAN = "30006000011234567890189"
IBAN = f"FR{iban.calc_check_digits('FR00' + BBAN)}{BBAN}"
GROUPED = " ".join(IBAN[index : index + 4] for index in range(0, 27, 4))


@pytest.mark.parametrize(
    "text",
    [f"IBAN : {GROUPED} BIC : AGRIFRPP", f"Code IBAN {IBAN}", f"Coordonnées bancaires : {GROUPED}", f"IBAN:{IBAN}"],
)
def test_an_iban_with_or_without_groups_label_and_bic(text: str) -> None:
    assert read(page((40, 700, text)))["iban"] == IBAN


def test_an_iban_spread_over_the_cells_of_a_form() -> None:
    parts = [(150.0 + 60 * index, 700.0, part) for index, part in enumerate(GROUPED.split())]
    assert read(page((40, 700, "IBAN"), *parts))["iban"] == IBAN


def test_an_iban_broken_over_two_lines_of_a_narrow_column() -> None:
    texts = [(40.0, 240.0, "IBAN"), (40.0, 254.0, GROUPED[:19]), (40.0, 268.0, GROUPED[20:]), (40.0, 282.0, "BIC X")]
    assert read(page(*texts, (200, 254, "Enveloppes"), (500, 254, "0,78")))["iban"] == IBAN


@pytest.mark.parametrize("cut", [4, 9, 24])
def test_an_iban_broken_at_the_end_of_a_line_of_text(cut: int) -> None:
    foot = [
        (40.0, 780.0, f"SIRET 123 - Banque : Crédit de Loire, IBAN {GROUPED[:cut]}"),
        (40.0, 792.0, f"{GROUPED[cut + 1 :]}."),
    ]
    assert read(page(*foot))["iban"] == IBAN


def test_wrong_check_digits_are_kept_in_doubt_where_a_label_says_iban() -> None:
    wrong = IBAN[:-1] + str((int(IBAN[-1]) + 1) % 10)
    found = candidates(page((40, 700, f"IBAN : {wrong}")))["iban"][0]
    assert (found.value, found.confidence <= 0.5) == (wrong, True)
    assert "iban" not in read(page((40, 700, f"Compte {wrong}")))
    assert read(page((40, 700, f"IBAN : {wrong}"), (40, 714, f"IBAN : {IBAN}")))["iban"] == IBAN


def test_letters_read_for_digits_are_mended_where_the_check_digits_confirm_it() -> None:
    scan = page((40, 700, "IBAN : " + GROUPED.replace("0", "O")), source=TextSource.OCR)
    assert read(scan)["iban"] == IBAN


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FACTURE", "invoice"),
        ("Facture n° 12", "invoice"),
        ("AVOIR N° 12", "credit_note"),
        ("Facture d'avoir", "credit_note"),
        ("NOTE DE CRÉDIT", "credit_note"),
        ("Credit note", "credit_note"),
        ("Facture rectificative n° 3", "corrected_invoice"),
        ("Facture d'acompte n° 3", "down_payment"),
        ("INVOICE", "invoice"),
        ("Bonjour, voici votre facture du 2 novembre 2026 :", "invoice"),
    ],
)
def test_the_kind_of_document(text: str, kind: str) -> None:
    assert read(page((40, 60, text)))["type"] == kind


def test_the_verb_avoir_and_a_credit_line_make_no_credit_note() -> None:
    found = read(
        page(
            (40, 60, "FACTURE"),
            (40, 600, "Pour avoir droit à la remise, réglez sous huit jours."),
            (330, 700, "Avoir : 0,00 €"),
        )
    )
    assert found["type"] == "invoice"


@pytest.mark.parametrize(
    ("text", "currency"),
    [("Total 12,00 €", "EUR"), ("Montants en euros", "EUR"), ("Total EUR 12.00", "EUR"), ("Total USD 12.00", "USD")],
)
def test_the_currency_that_is_printed(text: str, currency: str) -> None:
    assert read(page((40, 60, text)))["currency"] == currency


def test_without_a_currency_none_is_guessed() -> None:
    assert "currency" not in read(page((40, 60, "Total 12,00")))


def test_a_credit_below_the_title_of_an_invoice_is_a_doubt_and_one_at_the_top_is_none() -> None:
    invoice: Placed = (40, 50, "Facture n° V-0815 du 07/09/2026")
    (below, *_) = candidates(page(invoice, (40, 300, "Avoir à déduire : 12,00")))["type"]
    assert below.confidence < DEFAULT_CONFIDENCE["type"]
    (title, *_) = candidates(page((40, 50, "AVOIR n° A-0815"), (40, 80, "Facture n° V-0815 du 07/09/2026")))["type"]
    assert (title.value, title.confidence >= DEFAULT_CONFIDENCE["type"]) == ("credit_note", True)
