"""The second reader: what it is asked, and what its answer does to a value."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.extraction.confidence.verification import (
    agreed,
    questions,
    unverified,
)
from include.domain.fields import Candidate, Claim, Source
from include.domain.fields.claims import worth
from include.domain.text import Line, Page, TextSource, Word

BOX = (10.0, 10.0, 90.0, 20.0)
SIRET, WRONG_SIRET = "55512155700279", "55512155700219"


def value(text: str, *, confidence: float = 0.9, source: Source = Source.OCR) -> Candidate:
    return Candidate(value=text, source=source, page=1, box=BOX, text=text, confidence=confidence)


def amount(text: str, *, confidence: float = 0.9) -> Candidate:
    return dataclasses.replace(value(text, confidence=confidence), value=Decimal(text))


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
    fields = {name: (amount(text),) for name, text in zip(TOTALS, ("100.00", "20.00", "120.00"), strict=True)}
    assert asked(fields, sure=0.9) == []
    assert asked({**fields, "total_tax": (amount("20.50"),)}, sure=0.9) == list(TOTALS)


TOTALS = ("total_excl_tax", "total_tax", "total_incl_tax")


def test_agreement_makes_a_value_surer() -> None:
    (best,) = agreed("total_incl_tax", (amount("1234.56", confidence=0.8),), "1 234,56 €", 0.9)
    assert best.confidence == pytest.approx(0.9)


@pytest.mark.parametrize("claim", [Claim.ONLY_MENTIONED, Claim.SEVERAL_CANDIDATES, Claim.MEMORY_DIFFERS])
def test_signs_that_two_readers_read_alike_may_still_be_another_value_of_the_page(claim: Claim) -> None:
    before = value("4512").but(claim)
    (best,) = agreed("engagement_number", (before,), "4512", 0.9)
    assert best.confidence == before.confidence <= worth(claim)


def test_two_readers_that_agree_on_a_code_may_both_take_a_letter_for_a_digit() -> None:
    (best,) = agreed("invoice_number", (value("018681", confidence=0.95),), "018681", 0.95)
    assert best.confidence == worth(Claim.SIGNS_LOOK_ALIKE)


@pytest.mark.parametrize("code", ["2511-NHO2", "FA-1O7"])
def test_an_o_beside_a_digit_is_read_again_and_stays_doubtful_whoever_agrees(code: str) -> None:
    found = (value(code, confidence=1.0),)
    assert [asked.field for asked in questions({"invoice_number": found}, [page(sure=1.0)])] == ["invoice_number"]
    for again in (agreed("invoice_number", found, code, 1.0), unverified(found)):
        assert again[0].confidence == worth(Claim.LETTER_AMONG_DIGITS)


def test_the_o_of_a_purchase_order_is_no_zero() -> None:
    (best,) = agreed("engagement_number", (value("PO201925478", confidence=1.0),), "PO201925478", 1.0)
    assert Claim.LETTER_AMONG_DIGITS not in best.claims


def test_disagreement_makes_a_value_unsure_and_both_readings_stay() -> None:
    best, other = agreed("invoice_number", (value("FA-18"),), "FA-1B", 0.9)
    assert (best.value, other.value) == ("FA-18", "FA-1B")
    assert max(best.confidence, other.confidence) <= worth(Claim.SECOND_READER_SEES_ALIKE)


def test_the_reading_with_right_check_digits_goes_before_the_one_without() -> None:
    best, other = agreed("supplier_siret", (value(WRONG_SIRET),), "555 121 557 00279", 0.9)
    assert (best.value, best.confidence, other.value) == (SIRET, worth(Claim.SECOND_READER_CHECKS), WRONG_SIRET)


def test_a_second_reading_that_is_no_value_disputes_without_offering_one() -> None:
    (best,) = agreed("total_incl_tax", (amount("1234.56"),), "12b4,S6", 0.8)
    assert best.confidence <= worth(Claim.SECOND_READER_DIFFERS)


@pytest.mark.parametrize(("text", "sure"), [("", 0.0), ("FA-12", 0.1), ("~", 0.9)])
def test_a_second_reader_that_sees_nothing_says_nothing(text: str, sure: float) -> None:
    found = (value("FA-12", confidence=0.95),)
    assert agreed("invoice_number", found, text, sure) == unverified(found)
    assert unverified(found)[0].confidence == worth(Claim.SECOND_READER_MISSING)


def test_a_speck_beside_the_value_is_no_disagreement() -> None:
    (best,) = agreed("issue_date", (value("12/03/2026", confidence=0.8),), "l 12/03/2026", 0.8)
    assert best.confidence > 0.8


def test_a_small_letter_among_capitals_loses_its_claim_where_the_second_reader_sees_a_capital() -> None:
    (mixed, _), (plain, _) = (
        agreed("contract_number", (value(first),), second, 0.9)
        for first, second in (("TRl-2027-4", "TRI-2027-4"), ("27AO31", "27A031"))
    )
    assert (
        mixed.confidence
        <= worth(Claim.SECOND_READER_DIFFERS)
        < plain.confidence
        <= worth(Claim.SECOND_READER_SEES_ALIKE)
    )


def test_what_two_readers_read_differently_is_below_every_threshold() -> None:
    assert min(DEFAULT_CONFIDENCE.values()) > worth(Claim.SECOND_READER_DIFFERS)


def test_a_supplier_known_by_his_firms_number_is_not_read_again_as_a_siret() -> None:
    by_firm = dataclasses.replace(value(SIRET), text=f"RCS{SIRET[:9]}-Siret{SIRET[:12]}")
    assert asked({"supplier_siret": (by_firm,)}, sure=0.5) == []
