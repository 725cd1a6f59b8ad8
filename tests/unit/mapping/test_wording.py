"""Wordings: exact first, then without punctuation and legal forms; similar ones are only proposed."""

from __future__ import annotations

import pytest

from include.domain.mapping.wording import match_wording

LINES = [
    ("12345678200051", ["Mairie d'Annecy", "Ville d'Annecy"]),
    ("12345678200036", ["Régie des Eaux SPL"]),
    ("12345678200028", ["mairie d annecy-le-vieux"]),
]


@pytest.mark.parametrize(
    ("wording", "siret"),
    [
        ("Mairie d'Annecy", "12345678200051"),
        ("  MAIRIE D\N{RIGHT SINGLE QUOTATION MARK}ANNECY ", "12345678200051"),
        ("mairie d annecy", "12345678200051"),
        ("REGIE DES EAUX", "12345678200036"),
        ("S.P.L. Régie des eaux", "12345678200036"),
        ("Mairie d'Annecy-le-Vieux", "12345678200028"),
    ],
)
def test_case_accents_punctuation_and_legal_forms_do_not_count(wording: str, siret: str) -> None:
    assert match_wording(wording, LINES) == (siret,)


@pytest.mark.parametrize("wording", ["Mairie Annecy", "Mairie d'Anecy", "Mairie", "", "SPL", "?"])
def test_a_similar_wording_is_never_taken(wording: str) -> None:
    assert match_wording(wording, LINES) == ()


def test_an_exact_wording_comes_before_one_without_its_legal_form() -> None:
    lines = [("1", ["Régie SPL"]), ("2", ["Régie"])]
    assert match_wording("régie", lines) == ("2",)


def test_a_wording_of_two_recipients_is_ambiguous() -> None:
    assert match_wording("Régie", [("1", ["Régie SA"]), ("2", ["Régie SPL"])]) == ("1", "2")


def test_a_body_named_by_its_legal_form_alone_is_still_a_name() -> None:
    assert match_wording("s.i.v.u", [("1", ["SIVU"])]) == ("1",)
