"""Present statuses laid over stored rows, and which live rows a filter takes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from include.application.ports.invoice_views import InvoiceFilter, InvoiceRow, LiveRow, Origin
from include.application.tracking.live_invoices import LiveAnswer
from include.application.tracking.live_list import fits, laid_over, question_of
from include.domain.lifecycle import State
from tests.fakes.clock import START

DAY = START.date()


def values(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = dict.fromkeys(LiveRow.__dataclass_fields__)
    given |= {"id": 1, "chorus_id": 8600001, "invoice_number": "FA-1", "state": State.SUBMITTED, "status": "DEPOSEE"}
    given |= {
        "status_at": START,
        "deposited_at": START,
        "recipient_name": "Mairie d'Évry",
        "total_incl_tax": Decimal("12.50"),
    }
    return {**given, "recipient_siret": "12345678200051", "reasons": (), "origin": Origin.CONNECTOR, **changes}


def answer(*rows: LiveRow, available: bool = True) -> LiveAnswer:
    return LiveAnswer(rows=rows, available=available, asked_at=START)


def test_the_present_status_is_laid_over_with_its_comment_and_day() -> None:
    stored = InvoiceRow(**values(status="MISE_A_DISPOSITION", pay_by=DAY))
    later = START + dt.timedelta(hours=1)
    told = LiveRow(**values(status="MANDATEE", status_at=later, comment="payé bientôt"))
    [row] = laid_over([stored], [answer(told)])
    assert (row.status, row.status_at, row.comment, row.pay_by) == ("MANDATEE", later, "payé bientôt", DAY)
    [untouched] = laid_over([stored], [answer(told, available=False)])
    assert untouched is stored


@pytest.mark.parametrize("status", ["SUSPENDUE", "A_RECYCLER", "REJETEE"])
def test_what_was_given_back_has_no_last_day(status: str) -> None:
    stored = InvoiceRow(**values(status="MISE_A_DISPOSITION", pay_by=DAY))
    [row] = laid_over([stored], [answer(LiveRow(**values(status=status)))])
    assert row.pay_by is None


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (InvoiceFilter(), True),
        (InvoiceFilter(statuses=("DEPOSEE", "MANDATEE")), True),
        (InvoiceFilter(statuses=("MANDATEE",)), False),
        (InvoiceFilter(text="EVRY"), True),
        (InvoiceFilter(text="123 456 782 00051"), True),
        (InvoiceFilter(text="860000"), True),
        (InvoiceFilter(text="fa-2"), False),
        (InvoiceFilter(recipient="mairie"), True),
        (InvoiceFilter(recipient="FA-1"), False),
        (InvoiceFilter(total_min=Decimal("12.50"), total_max=Decimal("12.50")), True),
        (InvoiceFilter(total_min=Decimal("12.51")), False),
        (InvoiceFilter(total_max=Decimal("12.49")), False),
        (InvoiceFilter(deposited_from=DAY, deposited_to=DAY), True),
        (InvoiceFilter(deposited_from=DAY + dt.timedelta(days=1)), False),
        (InvoiceFilter(status_to=DAY - dt.timedelta(days=1)), False),
        (InvoiceFilter(overdue_on=DAY), False),
    ],
)
def test_a_filter_takes_a_row_by_what_the_platform_says(wanted: InvoiceFilter, taken: bool) -> None:
    assert fits(LiveRow(**values()), wanted) is taken


def test_a_row_without_day_fits_no_range_of_days() -> None:
    assert not fits(LiveRow(**values(deposited_at=None)), InvoiceFilter(deposited_to=DAY))


def test_the_platform_is_asked_for_one_status_and_the_days() -> None:
    assert question_of(InvoiceFilter(statuses=("DEPOSEE",), deposited_from=DAY)).status == "DEPOSEE"
    assert question_of(InvoiceFilter(statuses=("DEPOSEE", "MANDATEE"))).status is None
