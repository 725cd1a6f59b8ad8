"""Labels that follow their values: behind them in a list, below them in a line or a stack."""

from __future__ import annotations

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from tests.unit.extraction.paper import Placed, candidates, column, page, read

NUMBER_AND_DATE: Placed = (40, 50, "Facture n° V-0815 du 07/09/2026")


def test_a_list_whose_labels_stand_behind_their_values() -> None:
    values = column(40, 80, "V-0815", "07/09/2026", "BC77120", "ST_04")
    names = column(150, 80, "numéro de facture", "date de facture", "bon de commande", "code service")
    found = read(page((40, 50, "Facture"), *values, *names))
    assert (found["invoice_number"], found["issue_date"]) == ("V-0815", "2026-09-07")
    assert (found["engagement_number"], found["service_code"]) == ("BC77120", "ST_04")


def test_totals_at_the_left_with_their_names_behind() -> None:
    amounts = column(40, 400, "310,00 €", "62,00 €", "372,00 €")
    apart = read(page(NUMBER_AND_DATE, *amounts, *column(140, 400, "Total HT", "TVA 20 %", "Total TTC")))
    close = read(page(NUMBER_AND_DATE, *column(40, 400, "310,00 € total HT", "62,00 € TVA 20 %", "372,00 € total TTC")))
    for found in (apart, close):
        totals = [found[name] for name in ("total_excl_tax", "total_tax", "total_incl_tax")]
        assert totals == ["310.00", "62.00", "372.00"]


def test_a_value_that_has_a_label_before_it_is_not_that_of_the_label_behind() -> None:
    rows = [(40, 80, "N° client"), (150, 80, "C-7712"), (260, 80, "Code service")]
    rows += [(40, 94, "N° de bon"), (150, 94, "L-4410"), (260, 94, "Engagement")]
    found = read(page(NUMBER_AND_DATE, *rows))
    assert "service_code" not in found
    assert "engagement_number" not in found


def test_a_line_of_values_over_a_line_of_labels() -> None:
    values = [(40, 80, "V-0815"), (180, 80, "07/09/2026"), (320, 80, "BC77120")]
    names = [(40, 92, "numéro de facture"), (180, 92, "date de facture"), (320, 92, "bon de commande")]
    found = read(page((40, 50, "Facture"), *values, *names))
    assert (found["invoice_number"], found["issue_date"]) == ("V-0815", "2026-09-07")
    assert found["engagement_number"] == "BC77120"


def test_labels_without_values_take_none_from_the_labels_above() -> None:
    rows = [(40, 80, "N° client"), (180, 80, "Votre contact"), (40, 92, "C-7712"), (180, 92, "poste 4418")]
    found = read(page(NUMBER_AND_DATE, *rows, (40, 104, "Engagement"), (180, 104, "Code service")))
    assert "engagement_number" not in found
    assert "service_code" not in found


def test_in_a_stack_the_nearer_value_is_the_labels_own() -> None:
    stack: list[Placed] = [(40, 80, "V-0815"), (40, 91, "numéro de facture")]
    found = candidates(page((40, 50, "Facture"), *stack, (40, 112, "BC77120"), (40, 123, "bon de commande")))
    assert found["invoice_number"][0].value == "V-0815"
    assert found["invoice_number"][0].confidence >= DEFAULT_CONFIDENCE["invoice_number"]


def test_between_two_values_as_near_nobody_knows_whose_a_label_is() -> None:
    stack = column(40, 80, "V-0815", "numéro de facture", "BC77120", "bon de commande")
    assert all(
        one.confidence < DEFAULT_CONFIDENCE["invoice_number"] for one in candidates(page(*stack))["invoice_number"]
    )


ADDRESS = column(40, 84, "Commune de Blois", "2 place Basse", "41000 BLOIS", "France")


def test_lines_of_values_over_their_small_labels_beside_an_address() -> None:
    first: list[Placed] = [(300, 80, "V-0815"), (420, 80, "07/09/2026"), (500, 80, "07/10/2026")]
    first += [(300, 93, "Facture n°"), (420, 93, "Date"), (500, 93, "À régler pour le")]
    second: list[Placed] = [(300, 118, "LB27-0447"), (420, 118, "VOIRIE"), (500, 118, "–")]
    second += [(300, 131, "Votre commande"), (420, 131, "Code service"), (500, 131, "Marché")]
    found = read(page(*ADDRESS, *first, *second))
    assert (found["invoice_number"], found["issue_date"], found["due_date"]) == ("V-0815", "2026-09-07", "2026-10-07")
    assert (found["engagement_number"], found["service_code"]) == ("LB27-0447", "VOIRIE")
    assert "contract_number" not in found


def test_a_value_that_is_as_near_to_what_stands_over_it_belongs_to_no_label_below() -> None:
    rows: list[Placed] = [(300, 80, "Facture n°"), (420, 80, "Date"), (300, 92, "V-0815"), (420, 92, "07/09/2026")]
    found = read(page(*rows, (300, 104, "Votre commande"), (420, 104, "Code service")))
    assert (found["invoice_number"], found["issue_date"]) == ("V-0815", "2026-09-07")
    assert "engagement_number" not in found
    assert "service_code" not in found
