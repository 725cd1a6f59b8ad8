"""Number and date as the heads of invoices print them: below a title, in a table of heads, on lines of their own."""

from __future__ import annotations

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, column, page, read

TITLES = ["FACTURE", "Facture de vente", "Facture de solde", "Note d'honoraires", "Facture / Invoice", "AVOIR"]


def surely(field: str, *texts: Placed) -> str | None:
    """The value of a field that would go out by itself."""
    found = candidates(page(*texts)).get(field, ())
    return str(found[0].value) if found and found[0].confidence >= DEFAULT_CONFIDENCE[field] else None


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("label", ["N° {}", "N° : {}", "Numéro : {}", "Réf. : {}", "Référence {}"])
def test_a_short_label_below_a_title_announces_the_number(title: str, label: str) -> None:
    assert surely("invoice_number", *column(400, 50, title, label.format("FA2603-0188"))) == "FA2603-0188"


@pytest.mark.parametrize("title", TITLES)
def test_a_number_alone_below_the_title_is_the_invoices(title: str) -> None:
    assert surely("invoice_number", *column(400, 50, title, "FV2600718", "19/03/2026")) == "FV2600718"


def test_a_reference_that_stands_below_no_title_is_in_doubt() -> None:
    assert surely("invoice_number", (40, 50, "Réf. : FA2603-0188")) is None


@pytest.mark.parametrize("title", ["Facture groupée", "Note d'honoraires", "Facture mensuelle"])
def test_a_title_of_several_words_announces_number_and_date(title: str) -> None:
    line = (40, 50, f"{title} NH-2026-05 du 9 février 2026")
    assert (surely("invoice_number", line), surely("issue_date", line)) == ("NH-2026-05", "2026-02-09")
    assert surely("issue_date", (40, 50, f"{title} du 9 février 2026")) == "2026-02-09"


def test_values_under_their_heads_are_as_sure_as_beside_them() -> None:
    heads = [(40, 70, "Numéro"), (140, 70, "Date"), (240, 70, "Code client"), (340, 70, "N° Page")]
    values = [(40, 84, "FA002460"), (140, 84, "30/04/2026"), (240, 84, "CL04117"), (340, 84, "1/1")]
    texts = ((40, 50, "Facture"), *heads, *values)
    assert (surely("invoice_number", *texts), surely("issue_date", *texts)) == ("FA002460", "2026-04-30")


def test_a_head_over_two_values_is_less_sure_than_one_over_its_own() -> None:
    heads = [(40, 50, "Numéro de facture et code"), (300, 50, "Date")]
    table = page(*heads, (40, 64, "FA002460"), (120, 64, "CL04117"), (300, 64, "30/04/2026"))
    clear = page(*heads, (40, 64, "FA002460"), (300, 64, "30/04/2026"))
    [unclear, *_], [sure, *_] = candidates(table)["invoice_number"], candidates(clear)["invoice_number"]
    assert unclear.confidence < sure.confidence


@pytest.mark.parametrize("number", ["FACTURE N° 2026/1240", "N° MD2026-033871"])
def test_a_date_on_its_own_line_below_the_number_is_the_invoices(number: str) -> None:
    texts = column(40, 50, "FACTURE", number, "du 23/06/2026")
    assert surely("issue_date", *texts, (40, 300, "Votre bon à tirer signé le 11/06/2026")) == "2026-06-23"


def test_a_date_below_another_number_is_not() -> None:
    texts = column(40, 300, "Bon de livraison n° BL-12", "du 23/06/2026")
    assert surely("issue_date", (40, 50, "Facture n° F-12"), *texts) is None


@pytest.mark.parametrize(
    "text",
    [
        "Acompte versé - facture FA-2026-031 du 04/03/2026",
        "Solde de la facture FA-2026-031",
        "Déjà réglé facture FA-2026-031",
    ],
)
def test_the_number_of_an_earlier_invoice_is_not_its_own(text: str) -> None:
    texts = (*column(400, 50, "Facture de solde", "N° FA-2026-088"), (40, 400, text))
    assert surely("invoice_number", *texts) == "FA-2026-088"


def test_the_date_of_a_stamp_is_not_the_invoices() -> None:
    stamp = column(60, 120, "REÇU LE", "11 SEP. 2026", "Service Finances")
    assert surely("issue_date", (40, 50, "Facture n° F-12"), *stamp) is None
    assert surely("issue_date", (40, 50, "Facture n° F-12"), (60, 134, "11 SEP. 2026")) == "2026-09-11"


def test_a_common_word_before_a_colon_is_a_label_wherever_it_stands() -> None:
    assert read(page((40, 50, "FACTURE N° 2026-G-17 DATE : 07/09/2026")))["issue_date"] == "2026-09-07"


def test_a_label_that_a_scan_ran_into_the_value_before_it_is_parted_from_it() -> None:
    scan = page((40, 50, "FACTURE N° 2026-G-0017DATE : 07/09/2026"), source=TextSource.OCR)
    found = read(scan)
    assert (found["invoice_number"], found["issue_date"]) == ("2026-G-0017", "2026-09-07")
    assert (
        read(page((40, 50, "FACTURE N° 2026-G-0017ABCD"), source=TextSource.OCR))["invoice_number"] == "2026-G-0017ABCD"
    )


def test_a_date_alone_below_the_number_is_the_invoices_whatever_date_follows() -> None:
    texts = (*column(40, 50, "FACTURE N°4565", "16 mai 2026"), (40, 400, "Règlement avant le 15 juillet 2026"))
    assert surely("issue_date", *texts) == "2026-05-16"


def test_of_two_wordings_of_one_label_the_surer_counts() -> None:
    assert surely("engagement_number", (40, 50, "Commande / Purchase order 452936068")) == "452936068"


def test_a_number_that_says_that_it_is_an_engagement_needs_no_better_label() -> None:
    assert surely("engagement_number", (40, 50, "Commande : EJ30612480")) == "EJ30612480"
    assert surely("engagement_number", (40, 50, "Commande : 30612480")) is None


def test_a_number_of_a_document_in_the_list_of_an_invoice_is_its_own() -> None:
    names, values = (
        column(40, 120, "N° client", "N° de pièce", "Date de pièce", "Échéance"),
        column(150, 120, "C-7712", "V-0815", "07/09/2026", "07/10/2026"),
    )
    assert surely("invoice_number", (40, 50, "Facture - vente"), *names, *values) == "V-0815"
    assert surely("invoice_number", (40, 50, "Bon de livraison"), *names, *values) is None


def test_a_bare_order_beside_the_line_of_the_service_is_the_buyers() -> None:
    lines = column(40, 80, "Commande : LB27-0447", "Code service : VOIRIE")
    assert surely("engagement_number", (40, 50, "Facture V-0815"), *lines) == "LB27-0447"
