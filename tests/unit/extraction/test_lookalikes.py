"""Codes read from scans, held against the list of their recipient."""

from __future__ import annotations

import pytest

from include.domain.extraction.lexicon.lookalikes import listed_service, the_one_meant
from include.domain.fields import Candidate, Claim, Source
from include.domain.fields.claims import worth

BODY = "21740010200013"


@pytest.mark.parametrize(
    ("read", "meant"), [("ADCFACTO75", "ADCFACT075"), ("DSi", "DSI"), ("MAPAB3", "MAPA83"), ("UF45Z1", "UF4521")]
)
def test_a_code_that_looks_like_one_of_the_list_is_that_one(read: str, meant: str) -> None:
    assert the_one_meant(read, [meant, "OTHER"]) == meant


def test_where_two_codes_look_alike_none_is_chosen() -> None:
    assert the_one_meant("ST0l", ["ST01", "STO1"]) is None
    assert the_one_meant("ST99", ["ST01"]) is None


def fields(code: str, *, source: Source = Source.OCR, confidence: float = 0.6) -> dict[str, tuple[Candidate, ...]]:
    return {
        "service_code": (Candidate(value=code, source=source, text=code, confidence=confidence),),
        "recipient_siret": (Candidate(value=BODY, source=source),),
    }


def test_a_misread_code_becomes_the_listed_one_and_the_reading_stays_as_evidence() -> None:
    found = listed_service(fields("STO1"), {BODY: frozenset({"ST01", "ST02"})})
    assert [candidate.value for candidate in found] == ["ST01", "STO1"]
    assert found[0].text == "STO1"


def test_a_listed_code_is_confirmed_unless_its_double_is_listed_too() -> None:
    confirmed = listed_service(fields("ST01"), {BODY: frozenset({"ST01"})})[0]
    assert confirmed.confidence == worth(Claim.ON_THE_RECIPIENTS_LIST)
    assert listed_service(fields("ST01"), {BODY: frozenset({"ST01", "STO1"})})[0].confidence == 0.6


def test_the_list_of_another_body_changes_nothing() -> None:
    given = fields("STO1")
    assert listed_service(given, {"21260058600018": frozenset({"ST01"})}) == given["service_code"]


def test_what_a_text_layer_says_is_not_repaired() -> None:
    given = fields("STO1", source=Source.TEXT)
    assert listed_service(given, {BODY: frozenset({"ST01"})}) == given["service_code"]


def test_the_listed_one_of_two_candidates_comes_first_whatever_its_source() -> None:
    for source in (Source.TEXT, Source.OCR):
        given = fields("LOT7", source=source, confidence=0.8)
        given["service_code"] += (Candidate(value="ST01", source=source, text="ST01", confidence=0.5),)
        found = listed_service(given, {BODY: frozenset({"ST01", "ST02"})})
        assert [candidate.value for candidate in found] == ["ST01", "LOT7"]
        assert found[0].confidence == worth(Claim.ON_THE_RECIPIENTS_LIST)


def test_where_the_list_has_both_or_none_the_reading_decides() -> None:
    given = fields("ST02", source=Source.TEXT)
    given["service_code"] += (Candidate(value="ST01", source=Source.TEXT, text="ST01", confidence=0.5),)
    assert listed_service(given, {BODY: frozenset({"ST01", "ST02"})}) == given["service_code"]
    assert listed_service(given, {BODY: frozenset({"DSI"})}) == given["service_code"]
