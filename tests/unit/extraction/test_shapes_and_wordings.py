"""Rules that unknown layouts need: any word inside a label, abbreviations, numbers set apart, sums named behind."""

from __future__ import annotations

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.fields import as_text, vat_row
from tests.unit.extraction.paper import Placed, candidates, column, page, read

NUMBERS = [
    ("Facture n° FA 2026/00012", "FA 2026/00012"),
    ("Facture n° 2026-F-0007 bis du 03/05/2026", "2026-F-0007 bis"),
    ("Facture n° 10 245 778 321 du 4 octobre 2026", "10 245 778 321"),
    ("Facture n° 2026 / 0017", "2026 / 0017"),
    ("Facture n° F.2026.12", "F.2026.12"),
    ("Facture n° 07936 11 2026", "07936 11 2026"),
    ("Facture de situation n° 2 - FA 2026/00649", "FA 2026/00649"),
    ("Facture de fournitures n° N-2", "N-2"),
    ("Note d'honoraires n° 2026-0457", "2026-0457"),
    ("Facture n° 12345 du 03/05/2026", "12345"),
    ("Facture n° 2026-118 03/05/2026", "2026-118"),
    ("Facture n° 71820 004416 09", "71820 004416 09"),
]


@pytest.mark.parametrize(("line", "number"), NUMBERS)
def test_a_number_is_read_whole_and_nothing_of_its_neighbours(line: str, number: str) -> None:
    assert read(page((40, 50, line)))["invoice_number"] == number


def test_a_number_behind_which_something_may_be_missing_is_unsure() -> None:
    whole = candidates(page((40, 50, "Facture n° F-12")))["invoice_number"][0]
    cut = candidates(page((40, 50, "Facture n° F-12 X")))["invoice_number"][0]
    assert cut.confidence < 0.75 <= whole.confidence


def test_a_list_of_other_invoices_does_not_give_the_number() -> None:
    rows: list[Placed] = [(40, 600, "N° facture"), (200, 600, "Montant TTC"), (40, 614, "FCT-1"), (200, 614, "412,80")]
    found = candidates(page((40, 50, "Facture FCT-9"), *rows))["invoice_number"]
    assert found[0].value == "FCT-9"
    assert candidates(page(*rows))["invoice_number"][0].confidence < 0.75


def test_a_postal_box_is_no_number() -> None:
    assert "invoice_number" not in read(page((40, 50, "Facture n°"), (40, 64, "BP 40237")))


def test_any_words_may_stand_inside_the_label_of_a_total() -> None:
    rows = [(40, 300, "Total des travaux exécutés HT"), (400, 300, "100,00")]
    rows += [(40, 314, "TVA 20 %"), (400, 314, "20,00"), (40, 328, "Total honoraires TTC"), (400, 328, "120,00")]
    found = read(page(*rows))
    assert [found[name] for name in ("total_excl_tax", "total_tax", "total_incl_tax")] == ["100.00", "20.00", "120.00"]


def test_words_of_other_sums_may_not_stand_there() -> None:
    assert "total_excl_tax" not in read(page((40, 300, "Total situation précédente HT"), (400, 300, "100,00")))


def test_abbreviated_labels_announce_as_whole_ones_do() -> None:
    texts = column(40, 50, "Fact. N° 26/118", "Dt fact. 03/05/26", "Éch. 02/06/26", "Cde n° EJ123456", "Mché n° M_77")
    found = read(page(*texts, (40, 200, "Mt HT"), (400, 200, "10,00"), (40, 214, "Mt TTC"), (400, 214, "12,00")))
    assert found["invoice_number"] == "26/118"
    assert (found["issue_date"], found["due_date"]) == ("2026-05-03", "2026-06-02")
    assert (found["engagement_number"], found["contract_number"]) == ("EJ123456", "M_77")
    assert (found["total_excl_tax"], found["total_incl_tax"]) == ("10.00", "12.00")


def test_an_amount_may_be_named_behind_it() -> None:
    texts = [(40, 300, "Total TTC 120,00 €"), (40, 314, "dont 100,00 € HT et 20,00 € de TVA à 20 %")]
    found = read(page(*texts))
    assert (found["total_excl_tax"], found["total_tax"], found["total_incl_tax"]) == ("100.00", "20.00", "120.00")


def test_one_row_of_several_is_never_the_total_although_it_adds_up() -> None:
    heads = [(40, 300, "Taux"), (150, 300, "Base HT"), (250, 300, "TVA"), (350, 300, "TTC")]
    rows = [("20,00 %", "1 974,95", "394,99", "2 369,94"), ("5,50 %", "966,00", "53,13", "1 019,13")]
    rows += [("Total", "2 940,95", "448,12", "3 389,07")]
    cells = [
        (x, 316 + 16 * y, text) for y, row in enumerate(rows) for x, text in zip((40, 150, 250, 350), row, strict=True)
    ]
    found = read(page(*heads, *cells, (40, 100, "Total à payer TTC"), (350, 100, "3 389,07")))
    assert (found["total_excl_tax"], found["total_incl_tax"]) == ("2940.95", "3389.07")


def test_rates_may_head_columns() -> None:
    rows = [
        ("", "20,00 %", "5,50 %", "Total"),
        ("Base HT", "100,00", "200,00", "300,00"),
        ("TVA", "20,00", "11,00", "31,00"),
    ]
    cells = [
        (x, 300 + 16 * y, text)
        for y, row in enumerate(rows)
        for x, text in zip((40, 150, 250, 350), row, strict=True)
        if text
    ]
    sums = [(40, 400, "Total HT 300,00"), (40, 414, "Total TVA 31,00"), (40, 428, "Total TTC 331,00")]
    assert read(page(*cells, *sums))["vat"] == (
        vat_row("20.00", "100.00", "20.00"),
        vat_row("5.50", "200.00", "11.00"),
    )


@pytest.mark.parametrize(
    "mention", ["TVA non applicable, article 293 B du CGI", "Exonération de TVA, art. 261-4-4 du CGI"]
)
def test_one_total_without_vat_is_both_totals(mention: str) -> None:
    texts = [(40, 300, "Total"), (400, 300, "250,00 €"), (40, 330, mention)]
    found = read(page(*texts))
    assert (found["total_excl_tax"], found["total_tax"], found["total_incl_tax"]) == ("250.00", "0.00", "250.00")
    assert "total_tax" not in read(page(*texts[:2]))


def test_a_value_right_below_its_label_comes_before_one_in_another_column() -> None:
    texts = [(40, 50, "Votre marché"), (40, 64, "2025_408"), (400, 50, "87000 LIMOGES")]
    assert read(page(*texts))["contract_number"] == "2025_408"


@pytest.mark.parametrize(
    ("line", "code"),
    [("SIRET 123, service DSI, engagement 4512345", "DSI"), ("V/Commande BC123 V/Service ST_TECH", "ST_TECH")],
)
def test_a_service_inside_a_line_of_references(line: str, code: str) -> None:
    assert read(page((40, 50, line)))["service_code"] == code


def test_a_word_in_capitals_is_no_service() -> None:
    assert "service_code" not in read(page((40, 50, "SERVICE ACHATS")))


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Lyon, le 3 mai 2026", "2026-05-03"),
        ("Facture n° F-12 - 03/05/2026", "2026-05-03"),
        ("Le 03/05/2026", "2026-05-03"),
    ],
)
def test_datelines_are_sure_enough_to_be_sent(line: str, day: str) -> None:
    found = candidates(page((40, 50, line)))["issue_date"][0]
    assert as_text(found.value) == day
    assert found.confidence >= 0.5


def test_the_last_day_of_payment_is_not_the_day_of_the_invoice() -> None:
    found = candidates(page((40, 50, "3 mai 2026"), (40, 300, "Règlement par virement avant le 2 juin 2026")))
    assert as_text(found["issue_date"][0].value) == "2026-05-03"


def test_the_factor_who_is_to_be_paid_is_not_the_recipient() -> None:
    texts = [(40, 100, "Identifiant Chorus Pro (SIRET) 12345678200051")]
    texts += [
        (40, 700, "votre règlement doit être fait à l'ordre de FACTO SA, SIRET 552 120 222 00013, par subrogation")
    ]
    assert read(page(*texts))["recipient_siret"] == "12345678200051"


def test_a_number_that_says_invoice_tells_the_kind_unless_a_credit_note_is_spoken_of() -> None:
    plain = candidates(page((40, 50, "Numéro de facture"), (40, 64, "F-12")))["type"][0]
    assert (plain.value, plain.confidence >= 0.5) == ("invoice", True)
    doubtful = candidates(page((40, 50, "Numéro de facture"), (40, 64, "F-12"), (40, 300, "à déduire de votre avoir")))
    assert doubtful["type"][0].confidence < 0.65


def test_of_two_values_with_equally_good_labels_neither_is_sure() -> None:
    texts = column(40, 50, "Date de facture : 03/05/2026", "Date de la facture : 05/01/2026", "Code service : DSI-1")
    found = candidates(page(*texts, (300, 50, "Code service : DRH-2")))
    for name in ("issue_date", "service_code"):
        assert found[name][0].confidence < DEFAULT_CONFIDENCE[name]
    alone = candidates(page(*texts[:1], texts[2]))
    for name in ("issue_date", "service_code"):
        assert alone[name][0].confidence >= DEFAULT_CONFIDENCE[name]


def test_a_service_in_capitals_that_two_words_announce_waits_and_is_not_left_out() -> None:
    (found,) = candidates(page((40, 50, "service destinataire VOIRIE"), (40, 64, "engagement 4500077120")))[
        "service_code"
    ]
    assert (found.value, found.confidence < DEFAULT_CONFIDENCE["service_code"]) == ("VOIRIE", True)


def test_a_date_behind_the_name_of_another_paper_does_not_vie_with_the_one_at_the_top() -> None:
    top: Placed = (450, 40, "7 septembre 2026")
    found = candidates(page(top, (40, 80, "Facture V-0815"), (40, 180, "Livraison"), (200, 180, "04/09/2026")))
    assert [as_text(one.value) for one in found["issue_date"]] == ["2026-09-07"]
    assert found["issue_date"][0].confidence >= DEFAULT_CONFIDENCE["issue_date"]
