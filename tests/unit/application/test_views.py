"""Rows as programs get them: the promised keys, names for keys, reasons in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from include.application.ports.document_views import DocumentRow
from include.application.ports.invoice_views import InvoiceRow, Origin
from include.application.views import json_rows
from include.domain.causes import free_text
from include.domain.lifecycle import State
from include.domain.payment_terms import days_late
from include.domain.reasons import Reason
from tests.factories import PROVIDER_KEY, configuration
from tests.fakes.clock import START

DAY = dt.timedelta(days=1)
TODAY = START.date()
REASON = Reason(code="broken", field="engagement_number", params={})


def document(**changes: Any) -> DocumentRow:
    values: dict[str, Any] = dict.fromkeys(DocumentRow.__dataclass_fields__)
    values |= {"id": 1, "invoice_id": 2, "version": 3, "content_version": 1, "attachments": 2, "warnings": ()}
    values |= {
        "state": State.TO_COMPLETE,
        "provider_key": PROVIDER_KEY,
        "reasons": (REASON,),
        "held_reason": free_text("wait"),
    }
    return DocumentRow(**{**values, **changes})


def invoice(**changes: Any) -> InvoiceRow:
    values: dict[str, Any] = dict.fromkeys(InvoiceRow.__dataclass_fields__)
    values |= {"id": 1, "version": 3, "state": State.TO_PROCESS, "status": "SUSPENDUE", "status_at": START}
    values |= {"provider_key": PROVIDER_KEY, "reasons": (), "deposited_at": START, "origin": Origin.FOREIGN}
    return InvoiceRow(**{**values, **changes})


def test_a_document_has_the_promised_keys_and_its_reasons_in_the_readers_language() -> None:
    shown = json_rows.document(document(), configuration(), "fr")
    promised = "id portal_id name state provider invoice_number recipient_siret total_incl_tax chorus_id reasons"
    promised += " version content_version arrived_at changed_at recipient_name attachments kind warnings held_reason"
    assert set(f"{promised} invoice_id".split()) <= set(shown)
    assert (shown["version"], shown["content_version"], shown["attachments"]) == (3, 1, 2)
    assert shown["provider"] == configuration().providers[0].name and "provider_key" not in shown
    [french] = shown["reasons"]  # type: ignore[misc]
    assert french == {"code": "broken", "field": "engagement_number", "message": REASON.message("fr")}
    [english] = json_rows.document(document(), configuration(), "en")["reasons"]  # type: ignore[misc]
    assert english["message"] == REASON.message("en") != french["message"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1800.00", "1800.00"), ("-12.5", "-12.50"), ("0", "0.00"), ("7.125", "7.125"), ("2E+3", "2000.00")],
)
def test_an_amount_is_a_text_with_two_decimals_and_more_only_where_it_has_more(amount: str, text: str) -> None:
    assert json_rows.plain({"amounts": (Decimal(amount),)}) == {"amounts": [text]}


def test_a_provider_that_is_gone_is_named_by_its_key_and_none_by_nothing() -> None:
    for key in ("simulator:gone", None):
        assert json_rows.document(document(provider_key=key), configuration(), "fr")["provider"] == key


def test_an_invoice_has_the_promised_keys() -> None:
    shown = json_rows.invoice(invoice(), configuration(), "fr", today=TODAY)
    promised = "id chorus_id provider invoice_number state status status_at recipient_siret total_incl_tax origin"
    promised += " document_id version deposited_at recipient_name comment pay_by days_late"
    assert set(promised.split()) <= set(shown)
    assert shown["origin"] == "foreign"
    assert "days_late" not in json_rows.invoice(invoice(), configuration(), "fr"), "it depends on the day"


@pytest.mark.parametrize(
    ("status", "action", "deadline"),
    [
        ("SUSPENDUE", "complete", START + 7 * DAY),
        ("REJETEE", "reject-handled", START + 7 * DAY),
        ("A_RECYCLER", "recycle", None),
        ("MANDATEE", None, None),
    ],
)
def test_a_returned_invoice_says_what_answers_it_and_until_when(
    status: str, action: str | None, deadline: dt.datetime | None
) -> None:
    shown = json_rows.returned(invoice(status=status), configuration(), "fr", today=TODAY)
    assert (shown["action"], shown["deadline"]) == (action, deadline)


@pytest.mark.parametrize(
    ("last_day", "status", "late"),
    [
        (None, "DEPOSEE", None),
        (TODAY, "MANDATEE", 0),
        (TODAY - DAY, "MANDATEE", 1),
        (TODAY - 9 * DAY, "MISE_EN_PAIEMENT", 0),
        (TODAY - 9 * DAY, "SUSPENDUE", 0),
    ],
)
def test_days_late_are_counted_until_it_is_paid_or_given_back(
    last_day: dt.date | None, status: str, late: int | None
) -> None:
    assert days_late(last_day, status, TODAY) == late
