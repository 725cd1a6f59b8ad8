from __future__ import annotations

import pytest

from include.domain.fields import VatRow
from include.domain.text import TextSource
from tests.unit.extraction.paper import Placed, candidates, column, page, read

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
        ("-1 500,00", "-300,00", "-1 800,00"),
        ("1 500 €", "300 €", "1 800 €"),
    ],
)
def test_totals_in_every_spelling(excl: str, tax: str, incl: str) -> None:
    found = totals(*table(("Total HT", excl), ("TVA", tax), ("Total TTC", incl)))
    assert found == ("1500.00", "300.00", "1800.00", "1800.00")


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


def test_an_amount_due_above_the_total_is_not_believed() -> None:
    rows = table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"), ("Montant à payer", "1 180,00"))
    assert totals(*rows)[3] == "180.00"


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
    assert (found.value, found.box, found.text) == ("30.00", None, None)


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
    assert read(page(*texts))["vat"] == (VatRow("20.00", "1000.00", "200.00"), VatRow("5.50", "100.00", "5.50"))


def test_exempt_rows_may_repeat_their_rate() -> None:
    texts = [
        *row("20,00%", "11,00", "2,20", 400),
        *row("0,00%", "60,00", "0,00", 414),
        *row("0,00%", "2,00", "0,00", 428),
        *table(("Total HT", "73,00"), ("Total TVA", "2,20"), ("Total TTC", "75,20")),
    ]
    assert [rate for rate, _, _ in read(page(*texts))["vat"]] == ["20.00", "0.00", "0.00"]


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
    assert read(page(*texts))["vat"] == (VatRow("20.00", "10.83", "2.17"),)


def test_one_rate_follows_from_the_totals_but_has_no_place() -> None:
    found = candidates(page(*table(("Total HT", "150,00"), ("TVA", "30,00"), ("Total TTC", "180,00"))))["vat"][0]
    assert found.value == (VatRow("20.00", "150.00", "30.00"),)
    assert found.text is None


def test_rates_without_their_sign() -> None:
    texts = [
        *row("Taux", "Base HT", "Montant TVA", 400),
        *row("20,00", "1 000,00", "200,00", 414),
        *row("5,50", "100,00", "5,50", 428),
        *table(("Total HT", "1 100,00"), ("Total TVA", "205,50"), ("Total TTC", "1 305,50")),
    ]
    assert read(page(*texts))["vat"] == (VatRow("20.00", "1000.00", "200.00"), VatRow("5.50", "100.00", "5.50"))


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
    assert (vat.value, vat.text is not None) == ((VatRow("10.00", "226.27", "22.63"),), True)


def test_an_exact_sum_comes_before_one_row_of_the_taxes_that_is_a_cent_off() -> None:
    rows = [("Taux", "Base HT", "Montant TVA"), ("20,00 %", "63,00", "12,60"), ("5,50 %", "0,11", "0,01")]
    taxes = [
        (x, 440.0 + 14 * index, text)
        for index, row in enumerate(rows)
        for x, text in zip((330, 400, 480), row, strict=True)
    ]
    below = table(("Total HT", "63,11"), ("TVA", "12,61"), ("Total TTC", "75,72"), ("Net à payer", "75,72"))
    assert totals(*taxes, *below) == ("63.11", "12.61", "75.72", "75.72")
