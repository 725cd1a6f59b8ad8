from __future__ import annotations

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.extraction.lexicon.lookalikes import held_against
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, column, page, read


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


@pytest.mark.parametrize("label", ["N° d'engagement : {}", "Votre commande : {}", "Engagement n° {}", "N° EJ : {}"])
@pytest.mark.parametrize(
    "number",
    [
        *("2026-EJ-0042", "BDC-2026-17", "BC/2026/17", "AD-RIB-7", "MA.2026.12", "TVA-2026-3", "12-DATE-4"),
        *("CMD_2026_4", "2026 EJ 0042", "2026 BC 17"),
    ],
)
def test_an_engagement_number_is_not_cut_at_a_label_inside_it(label: str, number: str) -> None:
    [found, *_] = candidates(page((40, 50, label.format(number))))["engagement_number"]
    assert (found.value, found.confidence >= 0.6) == (number, True)


def test_an_engagement_number_of_which_a_part_may_be_missing_claims_little() -> None:
    [found, *_] = candidates(page((40, 50, "Engagement n° 4711 A 12")))["engagement_number"]
    [whole, *_] = candidates(page((40, 50, "Engagement n° 4711 du 3 mai 2026")))["engagement_number"]
    assert found.confidence < 0.6 < whole.confidence


@pytest.mark.parametrize("label", ["Code service : {}", "Service : {}", "Service exécutant : {}"])
@pytest.mark.parametrize("code", ["SERV-TECH", "SERV-01", "2026-SERV-2", "DIR-EJ", "TVA-IMMO", "ENG_JUR"])
def test_a_service_code_is_not_cut_at_a_label_inside_it(label: str, code: str) -> None:
    [found, *_] = candidates(page((40, 50, label.format(code))))["service_code"]
    assert found.value == code


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


@pytest.mark.parametrize(
    "text",
    [
        "Facture d'origine : 2026-FA-0417",
        "N° de facture d'origine 2026-FA-0417 du 3 mars 2026",
        "Avoir sur facture n° 2026-FA-0417 du 03/03/2026",
        "Annule et remplace la facture n° 2026-FA-0417",
        "Cet avoir annule la facture 2026-FA-0417 du 03/03/2026.",
        "Facture concernée : n° 2026-FA-0417",
        "Réf. facture initiale : 2026-FA-0417",
        "Credit note for original invoice no. 2026-FA-0417",
    ],
)
def test_the_invoice_that_a_credit_note_corrects_is_found_and_is_not_its_own_number(text: str) -> None:
    found = candidates(page((400, 50, "AVOIR"), (400, 70, "N° AV-0012"), (40, 300, text)))
    assert found["original_invoice_number"][0].value == "2026-FA-0417"
    assert found["original_invoice_number"][0].confidence >= DEFAULT_CONFIDENCE["original_invoice_number"]
    assert [number.value for number in found["invoice_number"]] == ["AV-0012"]


def test_two_corrected_invoices_are_a_doubt() -> None:
    texts = ((40, 300, "Facture d'origine : F-0417"), (40, 320, "Facture d'origine : F-0418"))
    best = candidates(page((400, 50, "AVOIR N° AV-0012"), *texts))["original_invoice_number"][0]
    assert best.confidence < DEFAULT_CONFIDENCE["original_invoice_number"]


def test_a_label_heads_the_number_below_it() -> None:
    texts = ((40, 300, "Facture d'origine"), (40, 314, "F-0417"))
    assert read(page((400, 50, "AVOIR N° AV-0012"), *texts))["original_invoice_number"] == "F-0417"


@pytest.mark.parametrize(
    ("texts", "field", "value"),
    [
        ([(40, 50, "Engagement juridique (EJ) 2105334421")], "engagement_number", "2105334421"),
        (
            [(40, 50, "Service exécutant (SE) PRFPLTF061"), (40, 64, "Notre référence CV263302")],
            "service_code",
            "PRFPLTF061",
        ),
        ([(40, 50, "Code Chorus : UF-12")], "service_code", "UF-12"),
    ],
)
def test_an_abbreviation_in_brackets_belongs_to_its_label(texts: list[Placed], field: str, value: str) -> None:
    [found, *_] = candidates(page(*texts))[field]
    assert (found.value, found.confidence >= DEFAULT_CONFIDENCE[field]) == (value, True)


def test_the_clients_reference_is_an_order_only_where_his_account_has_another_name() -> None:
    reference = (40, 50, "Réf. client : LPAC-26-031")
    assert "engagement_number" not in read(page(reference))
    found = candidates(page(reference, (40, 64, "Code client : CU2401")))["engagement_number"][0]
    assert (found.value, found.confidence >= DEFAULT_CONFIDENCE["engagement_number"]) == ("LPAC-26-031", True)


@pytest.mark.parametrize("place", [[(40, 50, "Service : TRAVAUX")], [(40, 50, "Code Chorus"), (140, 50, "TRAVAUX")]])
def test_a_code_that_is_an_ordinary_word_is_in_doubt_until_its_body_lists_it(place: list[Placed]) -> None:
    found = candidates(page(*place))["service_code"]
    assert (found[0].value, found[0].confidence < DEFAULT_CONFIDENCE["service_code"]) == ("TRAVAUX", True)
    [listed, *_] = held_against(found, frozenset({"TRAVAUX", "FINANCES"}))
    assert (listed.value, listed.confidence >= DEFAULT_CONFIDENCE["service_code"]) == ("TRAVAUX", True)


def test_values_at_the_edge_of_a_list_belong_to_their_labels_however_far_they_stand() -> None:
    labels = column(51, 50, "Numéro de facture", "Date d'émission", "Code Chorus", "Parapheo 12")
    values = column(310, 50, "7F3A-27", "1er août 2026", "FINANCES", "Facturer à")
    assert candidates(page(*labels, *values))["service_code"][0].value == "FINANCES"


def test_no_label_spans_two_parts_of_a_line() -> None:
    scan = page((40, 50, "Code service : DECHETS | N° d'engagement : 26-DEC-0311"), source=TextSource.OCR)
    found = read(scan)
    assert (found["service_code"], found["engagement_number"]) == ("DECHETS", "26-DEC-0311")


@pytest.mark.parametrize("nothing", ["-", ": -", ": néant", "–"])
def test_a_label_that_says_there_is_none_takes_nothing_from_its_neighbours(nothing: str) -> None:
    labels = column(40, 80, f"N° d'engagement {nothing}", f"N° de marché {nothing}", f"Code service {nothing}")
    beside = column(300, 80, "14 allée des Tilleuls", "69120 VAULX", "SIRET 12345678200051")
    found = read(page((40, 50, "Facture V-0815 du 07/09/2026"), *labels, *beside))
    assert not {"engagement_number", "contract_number", "service_code"} & found.keys()


def test_the_references_of_a_letter_are_no_sure_order() -> None:
    letter = column(40, 80, "Notre réf. : 77-B/lc", "Votre réf. : AJ 2026-031")
    (found,) = candidates(page((40, 50, "Facture V-0815"), *letter))["engagement_number"]
    assert found.confidence < DEFAULT_CONFIDENCE["engagement_number"]
    (file,) = candidates(page((40, 50, "Facture V-0815"), (40, 94, "Votre réf. : DAF/LM/27-4")))["engagement_number"]
    assert file.confidence < DEFAULT_CONFIDENCE["engagement_number"]
    (order,) = candidates(page((40, 50, "Facture V-0815"), letter[0], (40, 94, "Votre réf. : EJ30771")))[
        "engagement_number"
    ]
    assert order.confidence >= DEFAULT_CONFIDENCE["engagement_number"]


def test_number_and_date_behind_one_label() -> None:
    found = read(page((40, 50, "Facture"), (40, 70, "N°/Date"), (150, 70, "7100045512 / 07.09.2026")))
    assert (found["invoice_number"], found["issue_date"]) == ("7100045512", "2026-09-07")


@pytest.mark.parametrize("heading", ["Facturé à", "FACTURÉE À :", "FACTURE A"])
def test_the_heading_over_the_buyers_address_is_no_title(heading: str) -> None:
    texts = [(40, 50, "FACTURE"), (40, 64, "2026-0815"), *column(300, 50, heading, "12 quai Vauban", "283 rue Haute")]
    found = candidates(page(*texts))["invoice_number"]
    assert [one.value for one in found] == ["2026-0815"]


@pytest.mark.parametrize("code", ["NUM", "REF", "DT"])
def test_a_service_that_is_called_like_an_abbreviation_of_a_label(code: str) -> None:
    inline, beside = page((40, 50, f"code service : {code}")), page((40, 50, "Service"), (150, 50, code))
    assert [read(one)["service_code"] for one in (inline, beside)] == [code, code]


HEADS: list[Placed] = [(40, 160, "Numéro"), (140, 160, "Date"), (240, 160, "Référence"), (380, 160, "Échéance")]


def headed(reference: str) -> list[Placed]:
    values = [(40, 174, "VT771820"), (140, 174, "07/09/26"), (240, 174, reference), (380, 174, "07/10/26")]
    return [(460, 40, "FACTURE"), *HEADS, *values]


def test_heads_of_number_and_dates_on_a_page_with_a_title_name_the_documents_own_number() -> None:
    (number, *_) = candidates(page(*headed("BC-2027/031")))["invoice_number"]
    assert (number.value, number.confidence >= DEFAULT_CONFIDENCE["invoice_number"]) == ("VT771820", True)
    (untitled, *_) = candidates(page(*headed("BC-2027/031")[1:]))["invoice_number"]
    assert untitled.confidence < DEFAULT_CONFIDENCE["invoice_number"]


@pytest.mark.parametrize(("reference", "sure"), [("BC-2027/031", True), ("77VX004", False)])
def test_a_reference_among_the_heads_of_the_document_is_an_order_or_a_doubt(reference: str, sure: bool) -> None:
    (found,) = candidates(page(*headed(reference)))["engagement_number"]
    assert (found.value, found.confidence >= DEFAULT_CONFIDENCE["engagement_number"]) == (reference, sure)


def test_a_number_centred_under_its_title() -> None:
    texts = [(300, 50, "FACTURE"), (290, 64, "V-0815/2027"), (40, 64, "Atelier du Port")]
    (found,) = candidates(page(*texts))["invoice_number"]
    assert found.confidence >= DEFAULT_CONFIDENCE["invoice_number"]


def test_an_order_alone_beside_its_bare_word_is_as_sure_as_behind_a_whole_label() -> None:
    alone: list[Placed] = [(40, 80, "Commande"), (140, 80, "LB27-0447")]
    (found,) = candidates(page((40, 50, "Facture V-0815"), *alone))["engagement_number"]
    (inside,) = candidates(page((40, 50, "Facture V-0815"), (40, 80, "Commande LB27-0447 livrée en mai")))[
        "engagement_number"
    ]
    assert found.confidence >= DEFAULT_CONFIDENCE["engagement_number"] > inside.confidence


@pytest.mark.parametrize("line", ["EJ Chorus 1507714478", "Imputation 6068 / Engt : 1507714478"])
def test_an_engagement_by_its_short_names(line: str) -> None:
    assert read(page((40, 50, "Facture V-0815"), (40, 80, line)))["engagement_number"] == "1507714478"


def test_the_number_of_an_article_far_under_a_sentence_is_no_order() -> None:
    sentence: Placed = (40, 80, "Commande passée au comptoir")
    line: list[Placed] = [(40, 108, "ART-4471"), (150, 108, "Gants"), (350, 108, "12,50"), (450, 108, "25,00")]
    assert "engagement_number" not in read(page((40, 50, "Facture V-0815"), sentence, *line))


def test_a_service_between_strokes() -> None:
    line = "Bon de commande n° LB27-0447 — service VRD — chantier 771"
    assert read(page((40, 50, "Facture V-0815"), (40, 80, line)))["service_code"] == "VRD"


@pytest.mark.parametrize("label", ["Code service Chorus", "Service"])
@pytest.mark.parametrize("neighbour", ["À payer avant le", "Page"])
def test_a_service_stands_under_its_head_whatever_head_stands_beside(label: str, neighbour: str) -> None:
    heads: list[Placed] = [(40, 80, "Bon de commande"), (200, 80, label), (340, 80, neighbour)]
    values: list[Placed] = [(40, 94, "LB27-0447"), (200, 94, "CULT"), (340, 94, "10/05/2026")]
    assert read(page((40, 50, "Facture V-0815"), *heads, *values))["service_code"] == "CULT"


def test_an_order_of_service_is_the_buyers_order() -> None:
    assert read(page((40, 50, "Facture V-0815"), (40, 80, "OS n° 26-PAT-0418")))["engagement_number"] == "26-PAT-0418"


def test_a_framework_contract_may_say_what_it_is_for() -> None:
    line = "Accord-cadre de prestations juridiques n° 2024-DAJ-05"
    assert read(page((40, 50, "Facture V-0815"), (40, 80, line)))["contract_number"] == "2024-DAJ-05"


def test_the_contract_of_whom_a_line_of_items_speaks_is_not_the_invoices() -> None:
    line = "LE GALL Maëlys – contrat 077/4418 – Aide à domicile"
    assert "contract_number" not in read(page((40, 50, "Facture V-0815"), (40, 300, line)))
    for own in ("Contrat 077/4418", "Code service CTM - contrat 077/4418"):
        assert read(page((40, 50, "Facture V-0815"), (40, 80, own)))["contract_number"] == "077/4418"


def test_the_number_of_a_piece_among_the_heads_of_an_invoice_is_its_own() -> None:
    heads: list[Placed] = [(40, 160, "N° pièce"), (140, 160, "Date"), (240, 160, "Code client")]
    values: list[Placed] = [(40, 174, "FC260418"), (140, 174, "14/04/26"), (240, 174, "CHU0034")]
    (number, *_) = candidates(page((460, 40, "FACTURE"), *heads, *values))["invoice_number"]
    assert (number.value, number.confidence >= DEFAULT_CONFIDENCE["invoice_number"]) == ("FC260418", True)
    (note, *_) = candidates(page((460, 40, "BON DE LIVRAISON"), *heads, *values))["invoice_number"]
    assert note.confidence < DEFAULT_CONFIDENCE["invoice_number"]


def test_the_head_beside_the_services_is_no_service_nor_is_a_word_for_none() -> None:
    heads: list[Placed] = [(40, 80, "Votre commande"), (200, 80, "Code service"), (320, 80, "Magasin")]
    values: list[Placed] = [(40, 92, "LB27-0447"), (320, 92, "M. Petit")]
    assert "service_code" not in read(page((40, 50, "Facture V-0815"), *heads, *values))
    assert "service_code" not in read(page((40, 50, "Facture V-0815"), (40, 80, "Code service : non précisé")))
    assert read(page((40, 50, "Facture V-0815"), (40, 80, "Code service : SO-TECH")))["service_code"] == "SO-TECH"
