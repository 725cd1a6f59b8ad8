from __future__ import annotations

from decimal import Decimal

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.extraction.lexicon.patterns import Text, amounts
from include.domain.fields import as_text, vat_row
from include.domain.text import Page, TextSource
from tests.unit.extraction.paper import Placed, candidates, column, page, read, words

NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
TOTALS = ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due")


def totals(*texts: Placed) -> tuple[object, ...]:
    found = read(page(*texts))
    return tuple(found.get(name) for name in TOTALS)


def table(*rows: tuple[str, str], y: float = 500) -> list[Placed]:
    """Labels at the left of a column, amounts at its right."""
    return [text for index, (label, amount) in enumerate(rows) for text in _row(label, amount, y + 14 * index)]


def _row(label: str, amount: str, y: float) -> list[Placed]:
    return [(330, y, label), (500, y, amount)]


@pytest.mark.parametrize(
    ("excl", "tax", "incl"),
    [
        ("1 500,00 €", "300,00 €", "1 800,00 €"),
        (f"1{NBSP}500,00", "300,00", f"1{NBSP}800,00"),
        (f"1{NARROW}500,00 €", "300,00 €", f"1{NARROW}800,00 €"),
        ("1.500,00 EUR", "300,00 EUR", "1.800,00 EUR"),
        ("1,500.00", "300.00", "1,800.00"),
        ("1500,00", "300,00", "1800,00"),
        ("1 500 €", "300 €", "1 800 €"),
    ],
)
def test_totals_in_every_spelling(excl: str, tax: str, incl: str) -> None:
    found = totals(*table(("Total HT", excl), ("TVA", tax), ("Total TTC", incl)))
    assert found == ("1500.00", "300.00", "1800.00", "1800.00")


def test_totals_below_zero_keep_their_sign_but_for_a_credit_note() -> None:
    below = table(("Total HT", "-1 500,00"), ("TVA", "-300,00"), ("Total TTC", "-1 800,00"))
    assert totals((40, 60, "FACTURE"), *below)[:3] == ("-1500.00", "-300.00", "-1800.00")
    assert totals((40, 60, "AVOIR"), *below) == ("1500.00", "300.00", "1800.00", "1800.00")


INVOICE = (("Total HT", "320,00"), ("TVA 20 %", "64,00"), ("Total TTC", "384,00"))


@pytest.mark.parametrize(
    ("rows", "due"),
    [
        ((("Net à payer", "-116,00 EUR"),), "-116.00"),
        ((("Net à payer", "-384,00 EUR"),), "-384.00"),
        ((("Solde à payer", "-500,00"),), "-500.00"),
        ((("Net à votre crédit", "116,00"),), "-116.00"),
        ((("Solde en votre faveur", "116,00 EUR"),), "-116.00"),
        ((("Trop perçu", "116,00"),), "-116.00"),
        ((("Acompte versé", "-500,00"),), "-116.00"),
        ((("Acompte versé", "500,00"),), "-116.00"),
        ((("Acompte versé", "-100,00"), ("Net à payer", "284,00")), "284.00"),
    ],
)
def test_an_amount_due_below_zero_stays_below_zero(rows: tuple[tuple[str, str], ...], due: str) -> None:
    assert totals((40, 60, "FACTURE"), *table(*INVOICE, *rows))[3] == due


@pytest.mark.parametrize(
    ("rows", "due"),
    [
        ((("Net à payer", "-384,00"),), "384.00"),
        ((("Net à payer", "-84,00"),), "-84.00"),
        ((("Net à votre crédit", "84,00"),), "84.00"),
        ((("Acompte versé", "500,00"),), "384.00"),
    ],
)
def test_a_credit_note_prints_either_sign_before_its_total(rows: tuple[tuple[str, str], ...], due: str) -> None:
    assert totals((40, 60, "AVOIR"), *table(*INVOICE, *rows))[3] == due


def test_the_head_of_the_column_of_items_is_not_the_total() -> None:
    items = [
        (40.0, 300.0, "Désignation"),
        (300.0, 300.0, "Qté"),
        (500.0, 300.0, "Total HT"),
        (40.0, 314.0, "Nettoyage"),
        (300.0, 314.0, "2"),
        (500.0, 314.0, "100,00"),
        (40.0, 328.0, "Vitres"),
        (300.0, 328.0, "1"),
        (500.0, 328.0, "50,00"),
    ]
    found = totals(*items, *table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00")))
    assert found[:3] == ("150.00", "30.00", "180.00")


def test_totals_below_their_heads() -> None:
    heads = [(100.0, 500.0, "TOTAL HT"), (200.0, 500.0, "TOTAL TVA"), (300.0, 500.0, "TOTAL TTC")]
    values = [(100.0, 514.0, "150,00"), (200.0, 514.0, "30,00"), (300.0, 514.0, "180,00")]
    assert totals(*heads, *values)[:3] == ("150.00", "30.00", "180.00")


def test_the_sum_that_holds_beats_the_labels_that_lie() -> None:
    found = totals(
        *table(("Total HT", "999,00")),
        *table(("Montant HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"), y=560),
    )
    assert found[:3] == ("150.00", "30.00", "180.00")


def test_a_sum_that_holds_makes_sure_and_one_that_does_not_leaves_doubt() -> None:
    right = candidates(page(*table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"))))
    wrong = candidates(page(*table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "190,00"))))
    assert right["total_incl_tax"][0].confidence > 0.95
    assert wrong["total_excl_tax"][0].confidence < right["total_excl_tax"][0].confidence


def test_totals_may_be_a_cent_apart() -> None:
    assert totals(*table(("Total HT", "10,83"), ("TVA", "2,17"), ("Total TTC", "12,99")))[2] == "12.99"


def test_the_amount_due_is_the_total_less_what_is_paid() -> None:
    rows = table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"), ("Acompte versé", "80,00"))
    assert totals(*rows)[3] == "100.00"


def test_a_printed_amount_due_is_taken() -> None:
    rows = table(("Total TTC", "180,00"), ("Retenue de garantie", "9,00"), ("Net à payer", "171,00"))
    assert totals(*rows)[3] == "171.00"


ABOVE = table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"), ("Montant à payer", "1 180,00"))


def test_an_amount_due_above_the_total_waits_for_a_person() -> None:
    [found, total, *_] = candidates(page(*ABOVE))["amount_due"]
    assert (str(found.value), found.confidence < 0.6, str(total.value)) == ("1180.00", True, "180.00")


def test_what_is_owed_from_before_is_no_part_of_the_invoice() -> None:
    assert totals(*ABOVE, (40, 300, "Solde antérieur : 1 000,00"))[3] == "180.00"


@pytest.mark.parametrize(
    ("rows", "due"),
    [
        ((("Débours sans TVA", "53,00"), ("A verser", "233,00")), "233.00"),
        ((("Géomètre", "20,00"), ("Taxe de publicité", "33,00"), ("Ensemble", "233,00")), "233.00"),
        ((("Versé à la commande", "-100,00"), ("Reliquat", "80,00")), "80.00"),
    ],
)
def test_another_sum_that_the_page_makes_of_the_total_is_a_doubt_whatever_it_is_called(
    rows: tuple[tuple[str, str], ...], due: str
) -> None:
    [found, *_] = candidates(page(*table(*ABOVE_TOTAL, *rows)))["amount_due"]
    assert (str(found.value), found.confidence < 0.6) == (due, True)


ABOVE_TOTAL = (("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"))


def test_a_balance_in_favour_of_the_supplier_is_owed_to_him() -> None:
    assert totals(*table(*ABOVE_TOTAL, ("SOLDE EN NOTRE FAVEUR", "180,00 €")))[3] == "180.00"
    assert totals(*table(*ABOVE_TOTAL, ("Solde en votre faveur", "180,00 €")))[3] == "-180.00"


def test_the_last_line_of_a_table_is_split_by_arithmetic() -> None:
    row = [(40.0, 500.0, "Total facture"), (300.0, 500.0, "24,99"), (400.0, 500.0, "5,00"), (500.0, 500.0, "29,99")]
    assert totals(*row)[:3] == ("24.99", "5.00", "29.99")


def test_the_base_of_the_tax_is_not_its_amount() -> None:
    texts = [
        *table(("Total hors TVA", "7 492,07 €")),
        (330.0, 514.0, "TVA à 20 % sur 7 492,07 €"),
        (500.0, 514.0, "1 498,41 €"),
        *table(("Total à prélever", "8 990,48 €"), y=528),
    ]
    assert totals(*texts) == ("7492.07", "1498.41", "8990.48", "8990.48")


def test_a_total_that_is_not_printed_has_no_place() -> None:
    found = candidates(page(*table(("Total HT", "150,00"), ("Total TTC", "180,00"))))["total_tax"][0]
    assert (found.amount, found.box, found.text) == (Decimal("30.00"), None, None)


def test_all_totals_in_one_sentence() -> None:
    text = "Montant HT : 1 500,00 € TVA 20 % : 300,00 € Montant TTC : 1 800,00 €"
    assert totals((40, 500, text))[:3] == ("1500.00", "300.00", "1800.00")


def test_no_amounts_no_fields() -> None:
    assert {*TOTALS, "vat"} & set(read(page((40, 50, "Facture n° F-1"), (40, 64, "Total HT")))) == set()


def row(rate: str, base: str, amount: str, y: float) -> list[Placed]:
    return [(60, y, rate), (150, y, base), (250, y, amount)]


def test_the_rows_of_the_vat_table() -> None:
    texts = [
        *row("Taux", "Base HT", "Montant TVA", 400),
        *row("20 %", "1 000,00", "200,00", 414),
        *row("5,5 %", "100,00", "5,50", 428),
        *table(("Total HT", "1 100,00"), ("Total TVA", "205,50"), ("Total TTC", "1 305,50")),
    ]
    assert read(page(*texts))["vat"] == (vat_row("20.00", "1000.00", "200.00"), vat_row("5.50", "100.00", "5.50"))


def test_exempt_rows_may_repeat_their_rate() -> None:
    texts = [
        *row("20,00%", "11,00", "2,20", 400),
        *row("0,00%", "60,00", "0,00", 414),
        *row("0,00%", "2,00", "0,00", 428),
        *table(("Total HT", "73,00"), ("Total TVA", "2,20"), ("Total TTC", "75,20")),
    ]
    assert [row.as_texts()[0] for row in read(page(*texts))["vat"]] == ["20.00", "0.00", "0.00"]


def test_rows_that_do_not_add_up_to_the_totals_are_no_vat_table() -> None:
    texts = [
        *row("20 %", "500,00", "100,00", 400),
        *table(("Total HT", "1 100,00"), ("TVA", "205,50"), ("Total TTC", "1 305,50")),
    ]
    assert "vat" not in read(page(*texts))


def test_base_and_tax_on_two_lines() -> None:
    texts = [
        *table(("Total HT", "10,83"), ("Total TTC", "13,00")),
        *column(40, 560, "TVA 20,00 % payée sur les débits 2,17", "Montant soumis à une TVA à 20,00 % 10,83"),
    ]
    assert read(page(*texts))["vat"] == (vat_row("20.00", "10.83", "2.17"),)


def test_one_rate_follows_from_the_totals_but_has_no_place() -> None:
    found = candidates(page(*table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"))))["vat"][0]
    assert found.value == (vat_row("20.00", "150.00", "30.00"),)
    assert found.text is None


def test_rates_without_their_sign() -> None:
    texts = [
        *row("Taux", "Base HT", "Montant TVA", 400),
        *row("20,00", "1 000,00", "200,00", 414),
        *row("5,50", "100,00", "5,50", 428),
        *table(("Total HT", "1 100,00"), ("Total TVA", "205,50"), ("Total TTC", "1 305,50")),
    ]
    assert read(page(*texts))["vat"] == (vat_row("20.00", "1000.00", "200.00"), vat_row("5.50", "100.00", "5.50"))


def test_an_item_whose_price_happens_to_be_a_fifth_of_its_sum_begins_no_vat_table() -> None:
    texts = [
        *row("Trousse de secours 20 personnes", "58,00", "290,00", 386),
        *row("5,50", "2 713,50", "149,24", 400),
        *row("20,00", "4 216,03", "843,21", 414),
        *table(("Total HT", "6 929,53"), ("Total TVA", "992,45"), ("Total TTC", "7 921,98")),
    ]
    assert [one.as_texts()[0] for one in read(page(*texts))["vat"]] == ["5.50", "20.00"]


def test_without_vat_the_total_is_the_net_amount() -> None:
    rows = table(("Total HT", "150,00"), ("Montant à payer", "150,00"))
    assert totals(*rows, (40, 600, "TVA non applicable, art. 293 B du CGI")) == ("150.00", "0.00", "150.00", "150.00")


def test_on_a_scan_a_line_of_items_whose_printed_rate_does_not_fit_is_no_vat_row() -> None:
    scan = page(
        (40, 50, "Livraison"), (200, 50, "5"), (250, 50, "45,00"), (350, 50, "10,00 %"), (450, 50, "225,00"),
        (40, 70, "TVA 10,00 % sur 226,27"), (450, 70, "22,63"),
        (300, 90, "Total HT"), (450, 90, "226,27 €"),
        (300, 110, "Montant TVA"), (450, 110, "22,63 €"),
        (300, 130, "Total TTC"), (450, 130, "248,90 €"),
        source=TextSource.OCR,
    )  # fmt: skip
    (vat, *_) = candidates(scan)["vat"]
    assert (vat.value, vat.text is not None) == ((vat_row("10.00", "226.27", "22.63"),), True)


def test_an_exact_sum_comes_before_one_row_of_the_taxes_that_is_a_cent_off() -> None:
    rows = [("Taux", "Base HT", "Montant TVA"), ("20,00 %", "63,00", "12,60"), ("5,50 %", "0,11", "0,01")]
    taxes = [
        (x, 440.0 + 14 * index, text)
        for index, row in enumerate(rows)
        for x, text in zip((330, 400, 480), row, strict=True)
    ]
    below = table(("Total HT", "63,11"), ("TVA", "12,61"), ("Total TTC", "75,72"), ("Net à payer", "75,72"))
    assert totals(*taxes, *below) == ("63.11", "12.61", "75.72", "75.72")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("-334,50", "-334.50"),
        ("334,50-", "-334.50"),
        ("334,50 € -", "-334.50"),
        ("(334,50 €)", "-334.50"),
        ("(20 % sur 334,50 €)", "334.50"),
        ("334,50 - montant", "334.50"),
    ],
)
def test_a_sign_belongs_to_the_amount_and_a_dash_or_bracket_of_the_sentence_does_not(text: str, amount: str) -> None:
    assert [found.value for found in amounts(Text(words(0, 0, text)))] == [Decimal(amount)]


@pytest.mark.parametrize(
    "row",
    [
        [(283, 480, "TVA - France (20 % sur 334,50 €)"), (525, 480, "66,90 €")],
        [(40, 480, "Récapitulatif : TVA FR 20 % - base 334,50 - montant 66,90")],
        [(329, 480, "TVA 20 % sur 334,50 €"), (517, 480, "66,90 €")],
    ],
)
def test_a_row_of_vat_in_a_sentence(row: list[Placed]) -> None:
    found = candidates(page(*row, *table(("Total HT", "334,50"), ("Total TTC", "401,40"))))["vat"][0]
    assert (found.value, found.text is not None) == ((vat_row("20", "334.50", "66.90"),), True)


def test_the_last_line_of_the_vat_table_gives_the_totals_that_make_the_printed_one() -> None:
    heads = [(47, 400, "Taux de TVA"), (330, 400, "Montant HT"), (494, 400, "Montant TVA")]
    rows = [(47, 414, "TVA à 5,50 %"), (343, 414, "190,12 €"), (516, 414, "10,46 €")]
    rows += [(47, 428, "TVA à 20,00 %"), (336, 428, "2 898,37 €"), (511, 428, "579,67 €")]
    rows += [(47, 442, "Total"), (336, 442, "3 088,49 €"), (511, 442, "590,13 €")]
    sites = [
        (47, 300, "Total site hors TVA"),
        (405, 300, "873,64"),
        (47, 314, "Total site hors TVA"),
        (397, 314, "2 214,85"),
    ]
    found = totals(*sites, *heads, *rows, (47, 456, "Total TTC"), (504, 456, "3 678,62 €"))
    assert found == ("3088.49", "590.13", "3678.62", "3678.62")


@pytest.mark.parametrize(
    "notice", ["TVA non applicable en Guyane (art. 294-1 du CGI)", "TVA non applicable, art. 293 B du CGI"]
)
def test_a_total_without_vat_is_sure_where_it_is_also_due_and_the_notice_says_why(notice: str) -> None:
    rows = table(("MONTANT TOTAL", "29 530,00 €"), ("NET A PAYER", "29 530,00 €"))
    found = candidates(page(*rows, (40, 600, notice)))
    assert [(str(found[name][0].value), found[name][0].confidence >= 0.75) for name in TOTALS[:3]] == [
        ("29530.00", True),
        ("0.00", False),
        ("29530.00", True),
    ]
    unsaid = candidates(page(*rows))["total_incl_tax"][0]
    assert unsaid.confidence < 0.75


def test_a_deposit_that_is_invoiced_is_not_taken_off_its_own_total() -> None:
    rows = table(("Acompte 30 %", "5 592,00"), ("Total HT", "5 592,00 €"), ("TVA 20 %", "1 118,40 €"))
    due = table(("Acompte à payer TTC", "6 710,40 €"), y=600)
    assert totals((400, 50, "Facture d'acompte"), *rows, *due) == ("5592.00", "1118.40", "6710.40", "6710.40")
    assert totals((400, 50, "Facture d'acompte"), *rows)[3] == "6710.40"


def test_a_total_without_vat_is_sure_where_the_lines_over_it_make_it() -> None:
    lines = table(("Conseil", "2 625,00"), ("Déplacement", "72,00"), ("TOTAL", "2 697,00"))
    notice = (40, 600, "TVA non applicable, article 293 B du CGI")
    assert candidates(page(*lines, notice))["total_incl_tax"][0].confidence >= 0.75
    others = table(("Conseil", "2 625,00"), ("Déplacement", "73,00"), ("TOTAL", "2 697,00"))
    assert candidates(page(*others, notice))["total_incl_tax"][0].confidence < 0.75


def test_a_total_that_is_printed_as_the_amount_due_alone_is_the_sum_of_the_others() -> None:
    found = candidates(page(*table(("Net amount", "3,447.45"), ("VAT 20%", "689.49"), ("Total due", "4,136.94"))))
    assert [str(found[name][0].value) for name in TOTALS] == ["3447.45", "689.49", "4136.94", "4136.94"]
    assert found["total_excl_tax"][0].confidence >= 0.75


def sums(*lines: tuple[str, str]) -> Page:
    """A page whose sums stand under one another."""
    names = [(300.0, 258.0 + 14 * row, name) for row, (name, _) in enumerate(lines)]
    return page((40, 50, "Facture V-0815"), *names, *column(430, 258, *(amount for _, amount in lines)))


@pytest.mark.parametrize(
    ("between", "amount", "net"), [("Frais de port HT", "15,00", "315.00"), ("Remise", "-30,00", "270.00")]
)
def test_an_amount_between_the_sums_makes_the_total_without_tax(between: str, amount: str, net: str) -> None:
    tax = Decimal(net) / 5
    ending = [("TVA 20 %", f"{tax:.2f}"), ("Total TTC", f"{Decimal(net) + tax:.2f}")]
    found = candidates(sums(("Total HT", "300,00"), (between, amount), *ending))
    assert as_text(found["total_excl_tax"][0].value) == net
    assert as_text(found["total_tax"][0].value) == f"{tax:.2f}"
    assert found["total_excl_tax"][0].confidence >= DEFAULT_CONFIDENCE["total_excl_tax"]


@pytest.mark.parametrize(
    "lines",
    [
        (("Total HT", "300,00"), ("Total TTC", "363,60")),
        (("Total HT", "300,00"), ("TVA 20 %", "44,00"), ("TVA 5,5 %", "4,40"), ("Total TTC", "348,40")),
        (("Total HT", "300,00"), ("TVA 20 %", "63,00"), ("Total TTC", "378,00")),
    ],
)
def test_a_total_that_follows_with_a_tax_of_no_rate_or_beside_another_printed_one_waits(
    lines: tuple[tuple[str, str], ...],
) -> None:
    found = candidates(sums(*lines))
    assert any(found[name][0].confidence < DEFAULT_CONFIDENCE[name] for name in TOTALS[:3])


@pytest.mark.parametrize("less", ["Retenue de garantie", "Pénalités de retard", "Avance à déduire"])
def test_what_is_taken_from_a_total_without_a_sign_makes_the_amount_due_a_doubt(less: str) -> None:
    lines = (("Total HT", "300,00"), ("TVA 20 %", "60,00"), ("Total TTC", "360,00"), (less, "18,00"), ("Net", "342,00"))
    (found, *_) = candidates(sums(*lines))["amount_due"]
    assert (as_text(found.value), found.confidence < DEFAULT_CONFIDENCE["amount_due"]) == ("342.00", True)
    (named, *_) = candidates(sums(*lines[:4], ("Net à mandater", "342,00")))["amount_due"]
    assert (as_text(named.value), named.confidence >= DEFAULT_CONFIDENCE["amount_due"]) == ("342.00", True)
