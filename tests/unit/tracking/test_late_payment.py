"""Late interest and the lump sum: begun the day after the last day, one rate for the whole time, cents at the end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from include.domain.configuration import Configuration, LatePayment, ReferenceRate
from include.domain.configuration_rules.parts import faults
from include.domain.late_payment import LateDebt, late_debt
from tests.factories import BODY, configuration

LAST_DAY = dt.date(2025, 6, 29)
RATES = LatePayment(
    rates=(
        ReferenceRate(since=dt.date(2025, 1, 1), percent=3.15),
        ReferenceRate(since=dt.date(2025, 7, 1), percent=2.15),
    )
)


def debt(**changes: Any) -> LateDebt | None:
    values: dict[str, Any] = {
        "status": "MISE_A_DISPOSITION",
        "status_at": dt.datetime(2025, 5, 30, 8, tzinfo=dt.UTC),
        "amount": Decimal("1000.00"),
        "rates": RATES,
        "today": dt.date(2025, 7, 29),
    }
    return late_debt(changes.pop("last_day", LAST_DAY), **{**values, **changes})


def owed(**changes: Any) -> LateDebt:
    found = debt(**changes)
    assert found is not None
    return found


def test_interest_runs_from_the_next_day_at_the_rate_of_its_first_half_year() -> None:
    found = owed()
    assert (found.first_day, found.days) == (dt.date(2025, 6, 30), 30)
    # begun on 30 June, so that the rate of January holds for July too
    assert (found.half_year, found.percent) == (dt.date(2025, 1, 1), Decimal("11.15"))
    assert found.interest == Decimal("9.16")  # 1000 x 11.15 % x 30 / 365 = 9.1643...
    assert (found.lump_sum, found.total) == (Decimal("40.00"), Decimal("49.16"))


def test_a_day_later_the_next_half_year_begins() -> None:
    found = owed(last_day=dt.date(2025, 6, 30), today=dt.date(2025, 7, 30))
    assert (found.first_day, found.percent) == (dt.date(2025, 7, 1), Decimal("10.15"))


def test_half_a_cent_goes_up_and_nothing_is_rounded_before() -> None:
    # 14.60 x 10 % x 31 / 365 = 0.124; 14.60 x 10 % x 50 / 365 = 0.2 exactly; 18.25 x 10 % x 5 / 365 = 0.025
    ten = LatePayment(rates=(ReferenceRate(since=dt.date(2025, 1, 1), percent=2),))
    assert owed(amount=Decimal("18.25"), rates=ten, today=dt.date(2025, 7, 4)).interest == Decimal("0.03")
    assert owed(amount=Decimal("14.60"), rates=ten, today=dt.date(2025, 8, 18)).interest == Decimal("0.20")


def test_a_rate_as_it_is_written_is_exact() -> None:
    assert RATES.reference(dt.date(2025, 7, 1)) == Decimal("2.15")


def test_a_rate_that_is_missing_is_said_and_never_guessed() -> None:
    found = owed(last_day=dt.date(2026, 8, 1), today=dt.date(2026, 9, 1))
    assert (found.half_year, found.reference) == (dt.date(2026, 7, 1), None)
    assert (found.percent, found.interest, found.total) == (None, None, None)
    assert found.lump_sum == Decimal("40.00")


def test_what_was_paid_late_counts_to_its_day_and_no_further() -> None:
    paid = dt.datetime(2025, 7, 9, 22, 30, tzinfo=dt.UTC)
    found = owed(status="MISE_EN_PAIEMENT", status_at=paid, today=dt.date(2026, 1, 1))
    assert (found.until, found.days, found.paid) == (dt.date(2025, 7, 10), 11, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"today": LAST_DAY},
        {"last_day": None},
        {"amount": None},
        {"amount": Decimal(0)},
        {"status": "REJETEE"},
        {"status": "ABANDONNEE"},
        {"status": "MISE_EN_PAIEMENT", "status_at": dt.datetime(2025, 6, 29, 12, tzinfo=dt.UTC)},
        {"status": "MISE_EN_PAIEMENT", "status_at": None},
    ],
)
def test_nothing_is_owed(changes: dict[str, Any]) -> None:
    assert debt(**changes) is None


@pytest.mark.parametrize("day", ["2025-06-30", "2025-07-02", "2025-04-01"])
def test_a_rate_begins_with_a_half_year(day: str) -> None:
    with pytest.raises(ValidationError):
        ReferenceRate(since=day, percent=2)  # type: ignore[arg-type]


def _recipients(**body: Any) -> Configuration:
    return configuration(recipients=[{"siret": BODY, **body}])


@pytest.mark.parametrize(
    ("body", "term"),
    [
        ({}, None),
        ({"kind": "state_or_local"}, 30),
        ({"kind": "health_establishment"}, 50),
        ({"kind": "public_undertaking"}, 60),
        ({"kind": "public_undertaking", "payment_days": 45}, 45),
        ({"payment_days": 50}, 50),
    ],
)
def test_the_kind_of_body_decides_and_a_contract_may_say_less(body: dict[str, Any], term: int | None) -> None:
    found = _recipients(**body)
    assert found.recipients[0].term == term
    assert list(faults(found)) == []


def test_a_contract_never_says_more() -> None:
    [fault] = faults(_recipients(kind="health_establishment", payment_days=51))
    assert fault.path == ("recipients", 0, "payment_days")
