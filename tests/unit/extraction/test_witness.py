"""The second reader: what it is asked, and what its answer does to a value."""

from __future__ import annotations

import pytest

from include.domain.extraction.witness import DISPUTED, PROVEN, UNHEARD, heard, questions, unheard
from include.domain.fields import Candidate, Source
from include.domain.text import Line, Page, TextSource, Word

BOX = (10.0, 10.0, 90.0, 20.0)
SIRET, WRONG_SIRET = "55512155700279", "55512155700219"


def value(text: str, *, confidence: float = 0.9, source: Source = Source.OCR) -> Candidate:
    return Candidate(value=text, source=source, page=1, box=BOX, text=text, confidence=confidence)


def page(*, sure: float) -> Page:
    word = Word(text="whatever", box=BOX, confidence=sure)
    return Page(number=1, width=595, height=842, source=TextSource.OCR, lines=(Line(words=(word,)),))


def asked(fields: dict[str, tuple[Candidate, ...]], *, sure: float) -> list[str]:
    return [question.field for question in questions(fields, [page(sure=sure)])]


def test_words_read_unsurely_are_asked_again_and_clear_ones_are_not() -> None:
    fields = {"invoice_number": (value("F-12"),)}
    assert asked(fields, sure=0.95) == ["invoice_number"]
    assert asked(fields, sure=0.999) == []


def test_a_wrong_check_digit_is_asked_again_however_clear() -> None:
    assert asked({"supplier_siret": (value(WRONG_SIRET),)}, sure=1.0) == ["supplier_siret"]
    assert asked({"supplier_siret": (value(SIRET),)}, sure=1.0) == []


def test_two_candidates_that_look_the_same_are_asked_again() -> None:
    assert asked({"service_code": (value("ST01"), value("STO1"))}, sure=1.0) == ["service_code"]


def test_a_text_layer_needs_no_second_reader() -> None:
    assert asked({"supplier_siret": (value(WRONG_SIRET, source=Source.TEXT),)}, sure=0.5) == []


def test_totals_that_add_up_need_none() -> None:
    fields = {name: (value(text),) for name, text in zip(TOTALS, ("100.00", "20.00", "120.00"), strict=True)}
    assert asked(fields, sure=0.9) == []
    assert asked({**fields, "total_tax": (value("20.50"),)}, sure=0.9) == list(TOTALS)


TOTALS = ("total_excl_tax", "total_tax", "total_incl_tax")


def test_agreement_makes_a_value_surer() -> None:
    (best,) = heard("total_incl_tax", (value("1234.56", confidence=0.8),), "1 234,56 €", 0.9)
    assert best.confidence == pytest.approx(0.9)


def test_two_readers_that_agree_on_a_code_may_both_take_a_letter_for_a_digit() -> None:
    (best,) = heard("invoice_number", (value("018681", confidence=0.95),), "018681", 0.95)
    assert best.confidence == UNHEARD


def test_disagreement_makes_a_value_unsure_and_both_readings_stay() -> None:
    best, other = heard("invoice_number", (value("FA-18"),), "FA-1B", 0.9)
    assert (best.value, other.value) == ("FA-18", "FA-1B")
    assert max(best.confidence, other.confidence) <= DISPUTED


def test_the_reading_with_right_check_digits_goes_before_the_one_without() -> None:
    best, other = heard("supplier_siret", (value(WRONG_SIRET),), "555 121 557 00279", 0.9)
    assert (best.value, best.confidence, other.value) == (SIRET, PROVEN, WRONG_SIRET)


def test_a_second_reading_that_is_no_value_disputes_without_offering_one() -> None:
    (best,) = heard("total_incl_tax", (value("1234.56"),), "12b4,S6", 0.8)
    assert best.confidence <= DISPUTED


@pytest.mark.parametrize(("text", "sure"), [("", 0.0), ("FA-12", 0.1), ("~", 0.9)])
def test_a_second_reader_that_sees_nothing_says_nothing(text: str, sure: float) -> None:
    found = (value("FA-12", confidence=0.95),)
    assert heard("invoice_number", found, text, sure) == unheard(found)
    assert unheard(found)[0].confidence == UNHEARD


def test_a_speck_beside_the_value_is_no_disagreement() -> None:
    (best,) = heard("issue_date", (value("12/03/2026", confidence=0.8),), "l 12/03/2026", 0.8)
    assert best.confidence > 0.8
