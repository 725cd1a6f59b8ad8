from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from include.domain.values import (
    canonical_amount,
    compact,
    fold,
    normalise_iban,
    normalise_siret,
    parse_amount,
    parse_date,
    siret_checks,
)

NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    "text",
    [
        "1 800,00",
        f"1{NBSP}800,00",
        f"1{NARROW}800,00 €",
        "1.800,00",
        "1,800.00",
        "1'800.00",
        "1\N{RIGHT SINGLE QUOTATION MARK}800,00",
        "1800,00",
        "1800.0",
        "1800",
        "1 800 €",
        "EUR 1 800,00",
        "€1,800.00",
        "1 800,00 euros",
        "+1800,000",
    ],
)
def test_one_amount_in_every_spelling(text: str) -> None:
    assert parse_amount(text) == Decimal(1800)


@pytest.mark.parametrize("text", ["-12,50", "12,50-", "(12,50)", "\N{MINUS SIGN}12,50 €", "- 12.50 EUR"])
def test_an_amount_may_be_negative_in_every_way_people_write_it(text: str) -> None:
    assert parse_amount(text) == Decimal("-12.50")


@pytest.mark.parametrize("text", ["1.800", "1,800", "12.345 €"])
def test_an_amount_that_may_mean_two_things_is_none(text: str) -> None:
    assert parse_amount(text) is None


def test_three_decimals_are_decimals_where_they_cannot_be_thousands() -> None:
    assert parse_amount("0,800") == Decimal("0.8")
    assert parse_amount("1800.125") == Decimal("1800.125")


@pytest.mark.parametrize("text", ["", "-", "€", "10 %", "12 34,00", "1 80,00", "1.234 567,89", "12/05", "abc", "1,2,3"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert parse_amount(text) is None


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_a_canonical_amount_reads_back_as_itself(value: Decimal) -> None:
    assert parse_amount(canonical_amount(value)) == value


def test_a_canonical_amount_has_two_decimals_rounds_half_up_and_knows_no_negative_zero() -> None:
    assert canonical_amount(Decimal("2.345")) == "2.35"
    assert canonical_amount(Decimal("-1800")) == "-1800.00"
    assert canonical_amount(Decimal("-0.001")) == "0.00"


@pytest.mark.parametrize(
    "text",
    [
        "18/11/2026",
        "18-11-2026",
        "18.11.26",
        "18 / 11 / 2026",
        "18 novembre 2026",
        "mercredi 18 novembre 2026",
        "18 nov. 2026",
        "18-nov-2026",
        "November 18, 2026",
        "18th November 2026",
        "2026-11-18",
        "2026/11/18",
        "2026-11-18T09:30:00Z",
        "20261118",
        "11/18/2026",
    ],
)
def test_one_date_in_every_spelling(text: str) -> None:
    assert parse_date(text) == dt.date(2026, 11, 18)


def test_the_day_comes_before_the_month_where_both_would_do() -> None:
    assert parse_date("03/04/2026") == dt.date(2026, 4, 3)


def test_accents_and_ordinals_in_french_dates() -> None:
    assert parse_date("1er février 2026") == dt.date(2026, 2, 1)
    assert parse_date("15 AOÛT 2026") == dt.date(2026, 8, 15)


@pytest.mark.parametrize("text", ["", "31/02/2026", "30.02.26", "18112026", "12/2026", "18 brumaire 2026", "1/1/1200"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_folding_drops_case_accents_and_spare_blanks() -> None:
    assert fold(f"  Hôtel{NBSP}de\tVILLE – d\N{RIGHT SINGLE QUOTATION MARK}Œuvre ") == "hotel de ville - d'oeuvre"
    assert compact(" fr 12\n345 ") == "FR12345"


def test_a_siret_is_fourteen_digits_however_it_is_spaced() -> None:
    assert normalise_siret("123 456 789 00012") == "12345678900012"
    assert normalise_siret("123.456.789-00012") == "12345678900012"
    assert normalise_siret("123456789") is None
    assert normalise_siret("1234567890001A") is None  # pragma: allowlist secret


def test_the_check_of_a_siret_knows_luhn_and_la_poste() -> None:
    base = "3254021516357"
    assert siret_checks(base + luhn.calc_check_digit(base))
    assert siret_checks("35600000000048")
    post_office = [f"356000000{number:05d}" for number in range(100) if not luhn.is_valid(f"356000000{number:05d}")]
    by_sum = {number: sum(map(int, number)) % 5 == 0 for number in post_office}
    assert {number: siret_checks(number) for number in post_office} == by_sum
    assert any(by_sum.values())
    assert not siret_checks("12345678900012")


def test_an_iban_is_bare_and_only_with_right_check_digits() -> None:
    assert normalise_iban("FR76 3000 6000 0112 3456 7890 189") == "FR7630006000011234567890189"
    assert normalise_iban("FR76 3000 6000 0112 3456 7890 188") is None
