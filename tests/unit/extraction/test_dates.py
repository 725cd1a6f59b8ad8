from __future__ import annotations

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.fields import as_text
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, page, read


@pytest.mark.parametrize(
    "texts",
    [
        [(40, 50, "Date de facture : 18/11/2026")],
        [(40, 50, "Émise le 18 novembre 2026")],
        [(40, 50, "Facture n° 12 du 18.11.26")],
        [(40, 50, "Facture d'acompte n° AC-77 du 18/11/2026")],
        [(40, 50, "Facture du 18/11/2026")],
        [(40, 50, "Lyon, le 18 novembre 2026")],
        [(40, 50, "Date"), (400, 50, "18-11-2026")],
        [(40, 50, "N° Facture"), (150, 50, "Date"), (40, 64, "F-1"), (150, 64, "18/11/2026")],
        [(40, 50, "Date : 20261118")],
        [(40, 50, "Invoice date: 2026-11-18")],
        [(400, 50, "18 novembre 2026")],
    ],
)
def test_the_issue_date_in_many_places_and_spellings(texts: list[Placed]) -> None:
    assert read(page(*texts))["issue_date"] == "2026-11-18"


@pytest.mark.parametrize(
    "text",
    [
        "Date d'échéance : 18/12/2026",
        "À régler avant le 18/12/2026",
        "Payable au plus tard le 18 décembre 2026",
        "Le prélèvement sera effectué le 18/12/2026",
        "Montant prélevé le 18 décembre 2026",
        "Due date: 2026-12-18",
    ],
)
def test_the_due_date_after_its_label(text: str) -> None:
    assert read(page((40, 50, text)))["due_date"] == "2026-12-18"


def test_the_date_of_a_decree_is_no_issue_date() -> None:
    text = "Indemnité forfaitaire de 40 euros pour frais de recouvrement (décret n° 2013-269 du 29 mars 2013)"
    assert "issue_date" not in read(page((40, 780, text)))


@pytest.mark.parametrize("text", ["Date de livraison : 01/11/2026", "Date de facture associée : 01/01/2026"])
def test_other_dates_are_not_the_issue_date(text: str) -> None:
    found = read(page((40, 50, text), (40, 80, "Date de facture : 18/11/2026")))
    assert found["issue_date"] == "2026-11-18"


def test_two_dates_on_one_line_go_to_their_labels() -> None:
    found = read(page((40, 50, "Date : 15/04/2026 - Échéance : 15/05/2026")))
    assert (found["issue_date"], found["due_date"]) == ("2026-04-15", "2026-05-15")


def test_an_issue_date_that_the_due_date_precedes_gives_way_to_one_that_it_does_not() -> None:
    found = read(
        page((40, 50, "Date d'édition : 20/12/2026"), (40, 64, "Date : 18/11/2026"), (40, 78, "Échéance : 18/12/2026"))
    )
    assert (found["issue_date"], found["due_date"]) == ("2026-11-18", "2026-12-18")


REFERENCES = [
    "Facture concernée : F01600 du 05/01/2026",
    "Votre commande en date du 05/01/2026",
    "Livraison du 05/01/2026, bon n° 6562",
    "Devis n° 118 accepté le 05/01/2026",
    "Annule la facture F01600 du 05/01/2026",
    "Régularisation facture du 05/01/2026",
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_date_of_another_paper_is_never_surely_the_issue_date(reference: str) -> None:
    alone = candidates(page((40, 50, "Avoir n° NC01605"), (40, 64, reference))).get("issue_date", ())
    assert not alone or alone[0].confidence < DEFAULT_CONFIDENCE["issue_date"]
    beside = read(page((40, 50, "Avoir n° NC01605 - 16/09/2026"), (40, 64, reference)))
    assert beside["issue_date"] == "2026-09-16"


def test_a_date_behind_the_number_below_a_title_is_as_sure_as_the_number() -> None:
    found = candidates(page((40, 30, "NOTE DE CRÉDIT"), (40, 50, "N° NC01605 - 16/09/2026")))["issue_date"][0]
    assert as_text(found.value) == "2026-09-16"
    assert found.confidence >= DEFAULT_CONFIDENCE["issue_date"]


@pytest.mark.parametrize(
    "texts",
    [
        [(40, 50, "FACTURE N° 26-05/017"), (300, 50, "du 31/05/2026"), (40, 90, "Commande du 02/05/2026")],
        [(40, 50, "FACTURE"), (120, 50, "DU"), (200, 50, "ÉCHÉANCE"), (40, 64, "26-05/017"),
         (120, 64, "31.05.2026"), (200, 64, "30.06.2026")],
    ],
    ids=["in its line", "under heads"],
)  # fmt: skip
def test_a_date_with_a_small_word_right_behind_the_cell_of_the_number_is_the_invoices(texts: list[Placed]) -> None:
    found = candidates(page(*texts))["issue_date"][0]
    assert as_text(found.value) == "2026-05-31"
    assert found.confidence >= DEFAULT_CONFIDENCE["issue_date"]


def test_two_dates_behind_equally_good_labels_leave_it_open() -> None:
    texts: list[Placed] = [(40, 50, "Date : 16/09/2026"), (40, 80, "Date : 05/01/2026")]
    assert candidates(page(*texts))["issue_date"][0].confidence < DEFAULT_CONFIDENCE["issue_date"]


def test_one_date_under_two_labels_of_one_line_is_seen_once() -> None:
    found = candidates(page((40, 50, "Facture du 18/11/2026")))["issue_date"][0]
    assert found.confidence == 0.95


def test_the_first_day_of_a_period_is_no_issue_date() -> None:
    assert "issue_date" not in read(page((40, 50, "Facture du 01/05/2026 au 31/05/2026")))


def test_the_day_of_emission_is_surer_than_a_date_under_the_title() -> None:
    found = candidates(page((40, 50, "Facture V-0815"), (40, 80, "Émission 07/09/2026")))["issue_date"][0]
    assert (as_text(found.value), found.confidence) == ("2026-09-07", 0.75)
    scanned = page(
        (40, 50, "Facture V-0815"),
        (40, 80, "Émission 07/09/2026"),
        (40, 94, "Mission du 02/03/2026"),
        source=TextSource.OCR,
    )
    assert read(scanned)["issue_date"] == "2026-09-07"
    assert candidates(scanned)["issue_date"][0].confidence >= DEFAULT_CONFIDENCE["issue_date"]
