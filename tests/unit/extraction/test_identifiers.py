from __future__ import annotations

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, page, read


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        ([(40, 50, "Facture n° FA-2026/001")], "FA-2026/001"),
        ([(40, 50, "FACTURE N°F123 du 3 mai 2026")], "F123"),
        ([(40, 50, "Facture FC-8365")], "FC-8365"),
        ([(40, 50, "FACTURE"), (40, 64, "N° : 006102")], "006102"),
        ([(40, 50, "Facture N°"), (300, 50, "2026-17")], "2026-17"),
        ([(40, 50, "N° Facture"), (150, 50, "Date"), (40, 64, "006102"), (150, 64, "18/01/2026")], "006102"),
        ([(40, 50, "Invoice number: INV-7")], "INV-7"),
        ([(40, 50, "Avoir n° AV 2026-3")], "AV 2026-3"),
        ([(40, 50, "Facture n° FA 2026 0012 du 3 mai 2026")], "FA 2026 0012"),
        ([(40, 50, "Facture n° 2026 0012 12/05/2026")], "2026 0012"),
    ],
)
def test_a_number_stands_after_beside_or_below_its_label(texts: list[Placed], number: str) -> None:
    assert read(page(*texts))["invoice_number"] == number


@pytest.mark.parametrize("label", ["Facture {}", "Facture n° {}", "Facture N° : {}", "Numéro de facture : {}"])
@pytest.mark.parametrize("number", ["N-2", "NO-15", "FA-N-2", "2-N", "FA-NO/15"])
def test_a_number_that_holds_the_letters_of_the_word_number_is_not_cut(label: str, number: str) -> None:
    assert read(page((40, 50, label.format(number))))["invoice_number"] == number


@pytest.mark.parametrize(
    "text",
    [
        "N° de client : C-1234",
        "Bon de livraison n° 4711",
        "Facture du 02 juillet 2026",
        "N° TVA : FR12345678901",
        "Avoir sur facture n° F-99",
        "Facture à régler sous 30 jours",
    ],
)
def test_other_numbers_and_dates_are_no_invoice_number(text: str) -> None:
    assert "invoice_number" not in read(page((40, 50, text)))


def test_a_better_label_beats_a_worse_one() -> None:
    found = read(page((40, 50, "N° 77"), (40, 80, "Numéro de facture : F-12")))
    assert found["invoice_number"] == "F-12"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Code service : UF4521", "UF4521"),
        ("Service : UF4521", "UF4521"),
        ("Code service : DSI", "DSI"),
        ("Service exécutant SERVICE_ACHATS_2", "SERVICE_ACHATS_2"),
        ("SERVICE EXECUTANT : Bureau du service interne", "Bureau du service interne"),
        ("SERVICE EXECUTANT : Direction des achats", "Direction des achats"),
        ("Référence acheteur : 0042", "0042"),
    ],
)
def test_a_service_code_after_its_label(text: str, code: str) -> None:
    assert read(page((40, 50, text)))["service_code"] == code


@pytest.mark.parametrize(
    "text", ["Service facturier", "Service des finances", "SERVICE COMPTABILITE", "Code postal : 29200"]
)
def test_the_word_service_alone_announces_nothing(text: str) -> None:
    assert "service_code" not in read(page((40, 50, text)))


def test_the_engagement_is_preferred_to_a_purchase_order() -> None:
    found = read(page((40, 50, "Votre commande : CMD-77"), (40, 64, "N° d'engagement : 1423173688")))
    assert found["engagement_number"] == "1423173688"


def test_a_purchase_order_serves_where_there_is_no_engagement() -> None:
    assert read(page((40, 50, "Bon de commande n° 4500012")))["engagement_number"] == "4500012"


def test_the_market_in_an_address_is_no_contract() -> None:
    assert "contract_number" not in read(page((40, 50, "2, place du Marché"), (40, 64, "44000 NANTES")))
    assert read(page((40, 50, "Marché : 2026M04")))["contract_number"] == "2026M04"


def test_a_number_of_which_a_part_may_be_missing_is_in_doubt() -> None:
    whole = candidates(page((40, 50, "Facture n° UC1-2023")))["invoice_number"][0]
    part = candidates(page((40, 50, "Facture n° UC1 2023 F")))["invoice_number"][0]
    assert part.confidence < 0.75 * whole.confidence


def test_a_word_that_spells_another_label_of_the_field_is_the_value_of_the_first() -> None:
    scan = page((40, 50, "SERVICE EXECUTANT : BuyerReference - BU 3"), source=TextSource.OCR)
    assert candidates(scan)["service_code"][0].value == "BuyerReference - BU 3"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Code service à facturer : ST01", "ST01"),
        ("Service gestionnaire : UF12", "UF12"),
        ("Code service (Chorus) : UF-12", "UF-12"),
        ("Réf. service : ST-01", "ST-01"),
    ],
)
def test_a_label_that_goes_on_up_to_its_colon_is_no_part_of_the_code(text: str, code: str) -> None:
    assert read(page((40, 50, text)))["service_code"] == code


def test_a_label_of_an_engagement_may_go_on_too() -> None:
    assert read(page((40, 50, "Engagement comptable : 4512345678")))["engagement_number"] == "4512345678"


def test_a_short_service_beside_a_siret_is_a_code_and_elsewhere_a_doubt() -> None:
    among = candidates(page((40, 50, "SIRET 21410018600017"), (40, 62, "Service DSI")))["service_code"][0]
    alone = candidates(page((40, 50, "Commune de Blois"), (40, 62, "Service DSI")))["service_code"][0]
    assert (among.value, alone.value) == ("DSI", "DSI")
    assert alone.confidence < DEFAULT_CONFIDENCE["service_code"] <= among.confidence


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Pour la commande reçue 4512345678", "engagement_number"),
        ("Le service qui nous a passé commande : ST-014", "engagement_number"),
        ("Notre interlocuteur au service du parc = ST014", "service_code"),
    ],
)
def test_a_code_that_no_label_announces_is_a_doubt_and_not_left_out(text: str, field: str) -> None:
    found = candidates(page((40, 50, text)))[field][0]
    assert found.confidence < DEFAULT_CONFIDENCE[field]


@pytest.mark.parametrize(
    "text", ["Notre commande 4512345678", "Commande du 12/05/2026", "Montant de la commande 1 200,00", "Service client"]
)
def test_other_mentions_of_orders_and_services_raise_no_doubt(text: str) -> None:
    found = read(page((40, 50, text)))
    assert not {"engagement_number", "service_code"} & found.keys()


@pytest.mark.parametrize(
    "texts",
    [
        [(40, 50, "Facture L006600 du 28/06/2026, échéance 28/07/2026")],
        [(40, 50, "Facture"), (150, 50, "004288/1026")],
        [(40, 50, "FACTURE DE TRAVAUX"), (40, 66, "FACT02623 du 24 septembre 2026")],
        [(40, 50, "Mémoire n° 2026-014")],
    ],
)
def test_a_title_announces_the_number_that_is_dated_or_stands_alone_beside_it(texts: list[Placed]) -> None:
    assert candidates(page(*texts))["invoice_number"][0].confidence >= DEFAULT_CONFIDENCE["invoice_number"]


def test_a_count_beside_the_title_is_not_surely_the_number() -> None:
    found = candidates(page((40, 50, "Facture"), (150, 50, "12"))).get("invoice_number", ())
    assert not found or found[0].confidence < DEFAULT_CONFIDENCE["invoice_number"]


def test_the_name_of_a_service_ends_before_the_next_number() -> None:
    found = read(page((40, 50, "Code service : Bureau des achats, SIRET 21410018600017")))
    assert found["service_code"] == "Bureau des achats"


def test_a_mere_word_that_is_said_to_be_a_code_is_a_doubt() -> None:
    found = candidates(page((40, 50, "Code service : Finances")))["service_code"][0]
    assert found.value == "Finances"
    assert found.confidence < DEFAULT_CONFIDENCE["service_code"]
    assert "service_code" not in read(page((40, 50, "Code service : néant")))
