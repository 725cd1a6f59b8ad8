"""What a page says of the whole document: that it is no invoice, a duplicate, paid, payable to somebody else."""

from __future__ import annotations

import pytest

from include.domain.extraction.fields.statements import statements
from tests.unit.extraction.paper import page


def codes(*texts: str, title: str = "FACTURE N° 2026-118") -> list[str]:
    placed = [(40.0, 200.0 + 20 * index, text) for index, text in enumerate(texts)]
    return [reason.code for reason in statements([page((40, 60, title), *placed)])]


@pytest.mark.parametrize(
    "title", ["Facture proforma N° PRO-2026-11", "FACTURE PRO FORMA N° 12", "PRO-FORMA INVOICE", "P R O F O R M A"]
)
def test_a_pro_forma_is_no_invoice(title: str) -> None:
    assert codes(title=title) == ["not_an_invoice"]


@pytest.mark.parametrize(
    "text",
    [
        "PRO FORMA",
        "Ce document n'est pas une facture",
        "Ce document ne constitue pas une facture et ne doit pas être payé",
        "Document sans valeur de facture",
        "This is not an invoice",
        "SPECIMEN",
        "BROUILLON",
        "Projet de facture",
        "Document provisoire",
        "PRÉ-FACTURE",
        "FACTURE ANNULÉE",
        "Lettre de rappel",
        "2e relance",
    ],
)
def test_a_mark_or_sentence_says_that_nothing_is_to_be_paid_for_it(text: str) -> None:
    assert codes(text) == ["not_an_invoice"]


@pytest.mark.parametrize(
    "text",
    [
        "Facture établie suite à notre pro forma n° 12",
        "Selon proforma PF-12 du 03/10/2026",
        "Votre devis n° D-12",
        "Devis : D-2026-12",
        "Le règlement n'est pas libératoire tant que la facture n'est pas soldée",
        "Rappel : tout retard entraîne des pénalités",
        "Facture non acquittée",
        "TVA acquittée sur les encaissements",
        "T.V.A. acquittée sur les débits. Garantie financière",
        "Merci de rappeler le numéro de facture",
    ],
)
def test_an_invoice_may_speak_of_such_papers(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("title", ["DEVIS N° D-2026-12", "Bon de commande", "Relevé de compte", "Quotation"])
def test_a_title_of_another_paper_counts_where_no_title_says_invoice(title: str) -> None:
    assert codes(title=title) == ["not_an_invoice"]
    assert codes(title) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DUPLICATA", "says_duplicate"),
        ("Facture acquittée", "says_paid"),
        ("Acquittée le 12/11/2026 par carte", "says_paid"),
        ("PAID", "says_paid"),
        ("Créance cédée à la Banque du Lac, loi Dailly", "says_other_payee"),
        ("Le paiement est à effectuer à notre factor par subrogation", "says_other_payee"),
    ],
)
def test_what_changes_who_is_paid_or_whether(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_the_reason_quotes_the_words_and_is_said_once() -> None:
    (reason,) = statements([page((40, 60, "PRO FORMA"), (40, 80, "Ce document n'est pas une facture"))])
    assert reason.params["words"] == "PRO FORMA"
    assert statements([]) == ()
