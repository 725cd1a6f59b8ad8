"""A second total on the page: told where nothing explains it, silent where something does."""

from __future__ import annotations

import pytest

from include.domain.extraction.confidence.ambiguity import rows_missing, second_total
from include.domain.reasons import Reason
from tests.unit.extraction.paper import Placed, candidates, page


def doubt(*rows: tuple[str, str], extra: tuple[Placed, ...] = ()) -> Reason | None:
    """Totals below one another, label left and amount right."""
    texts = [(40, 50, "Facture n° F-12"), *extra]
    for index, (label, amount) in enumerate(rows):
        texts += [(40, 300 + 14 * index, label), (400, 300 + 14 * index, amount)]
    made = page(*texts)
    return second_total([made], candidates(made))


TOTALS = (("Total HT", "100,00 €"), ("Total TVA", "20,00 €"), ("Total TTC", "120,00 €"))


def test_another_net_to_pay_is_a_doubt_that_names_both() -> None:
    found = doubt(*TOTALS, extra=((40, 600, "Total TTC : 500,00 €"),))
    assert found is not None
    assert (found.code, found.field) == ("second_total", "total_incl_tax")
    assert found.params == {"chosen": "120.00", "other": "500.00"}
    assert "500,00" in found.message("fr")
    assert "500.00" in found.message("en")


def test_the_larger_of_two_amounts_due_is_a_doubt_too() -> None:
    assert doubt(*TOTALS, ("Net à payer", "120,00 €"), ("Montant net à payer", "950,00 €")) is not None


@pytest.mark.parametrize(
    "rows",
    [
        (("Acompte versé", "50,00 €"), ("Reste à payer", "70,00 €")),
        (("Retenue de garantie 5 %", "6,00 €"), ("Net à payer", "114,00 €")),
        (("Solde antérieur", "30,00 €"), ("Total à payer", "150,00 €")),
        (("Net à payer", "120,00 €"), ("Net à payer", "120,00 €")),
        (("Net à payer", "0,00 €"),),
        (("Contre-valeur", "140,00 CHF"),),
    ],
)
def test_what_is_paid_kept_back_or_carried_over_explains_another_sum(rows: tuple[tuple[str, str], ...]) -> None:
    assert doubt(*TOTALS, *rows) is None


def test_parts_that_make_up_the_whole_are_no_second_total() -> None:
    assert doubt(("Total TTC", "40,00 €"), ("Total TTC", "80,00 €"), *TOTALS) is None


def test_without_a_total_there_is_nothing_to_doubt() -> None:
    made = page((40, 50, "Facture n° F-12"))
    assert second_total([made], candidates(made)) is None


RATES: tuple[Placed, ...] = ((40, 400, "TVA 5,5 %"), (40, 414, "TVA 20 %"))


def test_several_rates_without_their_rows_are_a_doubt() -> None:
    made = page((40, 50, "Facture n° F-12"), *RATES, (40, 600, "Total HT 100,00"), (40, 614, "TVA 12,00"))
    found = rows_missing([made], candidates(made))
    assert found is not None
    assert (found.code, found.params["rates"]) == ("vat_rows_missing", "5.5 %, 20 %")


def test_a_tax_that_is_no_rate_s_share_is_that_of_several_whatever_is_named() -> None:
    totals: tuple[Placed, ...] = ((40, 600, "Total HT 6 929,53"), (40, 614, "Total TVA 992,45"))
    made = page((40, 50, "Facture n° F-12"), *totals, (40, 628, "Total TTC 7 921,98"))
    found = rows_missing([made], candidates(made))
    assert found is not None and found.params == {"rates": "≈ 14.32 %"}


def test_one_rate_or_rows_that_were_read_are_none() -> None:
    totals: tuple[Placed, ...] = ((40, 600, "Total HT 100,00"), (40, 614, "Total TVA 20,00"))
    one = page(RATES[1], *totals)
    assert rows_missing([one], candidates(one)) is None
    rows: tuple[Placed, ...] = ((200, 400, "40,00"), (300, 400, "2,20"), (200, 414, "60,00"), (300, 414, "12,00"))
    table = page(*RATES, *rows, totals[0], (40, 614, "Total TVA 14,20"))
    assert rows_missing([table], candidates(table)) is None
