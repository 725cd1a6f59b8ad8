from __future__ import annotations

import pytest

from include.domain.extraction.layout.label_matching import EXCLUDED, match_labels, mend
from include.domain.extraction.lexicon.excluded_labels import EXCLUDED_LABELS
from include.domain.extraction.lexicon.labels import LABELS, PAID, TOTAL_ROW
from include.domain.extraction.lexicon.tokens import label_tokens, tokens_of
from include.domain.fields.registry import READ_FIELDS
from tests.unit.extraction.paper import words


def seen(text: str) -> list[set[str]]:
    """The fields that the labels of a text announce, label by label."""
    return [{label.field for label in found.labels} for found in match_labels(tokens_of(words(0, 0, text)))]


@pytest.mark.parametrize(
    "text", ["Numéro de facture", "N° DE LA FACTURE :", "Facture N°", "FACTURE n°F-12", "facture No 12", "Nº facture"]
)
def test_case_accents_small_words_and_ways_to_write_number_do_not_matter(text: str) -> None:
    assert seen(text)[0] == {"invoice_number"}


def test_abbreviations_with_points_are_the_same_label() -> None:
    assert seen("Total H.T.") == seen("TOTAL HT") == [{"total_excl_tax"}]


def test_the_longest_wording_wins() -> None:
    assert seen("Date d'échéance") == [{"due_date"}]
    assert seen("Total TTC") == [{"total_incl_tax"}]


@pytest.mark.parametrize("text", ["N° de bon de livraison", "Date de livraison", "N° TVA intracommunautaire", "PU HT"])
def test_a_longer_excluded_label_keeps_a_label_from_being_seen(text: str) -> None:
    assert seen(text) == [{EXCLUDED}]


def test_owed_is_not_of_the() -> None:
    assert seen("Solde dû") == [{"amount_due"}]
    assert {"amount_due"} not in seen("Solde du compte")


def test_small_words_after_a_label_belong_to_it_but_not_the_beginning_of_an_identifier() -> None:
    assert seen("À régler avant le 12/05/2026") == [{"due_date"}]
    tokens = tokens_of(words(0, 0, "Facture n° A-0042"))
    assert [token.text for token in tokens[match_labels(tokens)[0].end :]] == ["a-", "0042"]


def test_every_label_announces_something_that_is_read() -> None:
    assert set(LABELS) - {PAID, TOTAL_ROW} <= set(READ_FIELDS)
    assert all(0 < weight <= 1 for wordings in LABELS.values() for weight in wordings.values())


def test_no_excluded_label_is_also_a_label() -> None:
    labels = {label_tokens(wording): wording for wordings in LABELS.values() for wording in wordings}
    assert [wording for wording in EXCLUDED_LABELS if label_tokens(wording) in labels] == []


def test_misread_label_words_are_mended_and_run_together_ones_parted() -> None:
    assert mend("facturf") == ("facture",)
    assert mend("totalttc") == ("total", "ttc")
    assert mend("tfc") == ("ttc",)
    assert mend("dupont") == ("dupont",)
