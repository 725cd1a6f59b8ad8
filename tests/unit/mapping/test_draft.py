"""The draft as a value: stored as JSON and back, and the digest of what it sends."""

from __future__ import annotations

import dataclasses
import json

import pytest

from include.adapters.storage.core.codec import dump, load
from include.domain.fields import Source, Value
from include.domain.mapping import Draft, sent_digest
from tests.factories import PROVIDER_KEY, complete_draft, typed
from tests.unit.mapping.drafts import candidate, draft_of, facturx, field, read, rows


def test_a_draft_goes_to_json_and_back_unchanged() -> None:
    page = candidate("F1", Source.OCR, box=(1.0, 2.0, 3.0, 4.0), text="F1", confidence=0.5)
    reading = read(invoice_number=[facturx("F2"), page], vat=rows(("20.00", "1.00", "0.20")))
    draft = draft_of(reading, metadata={"total_incl_tax": "1.800"}, edits={"comment": "Lot 3"})
    assert draft.reasons
    assert draft.warnings
    stored = json.loads(json.dumps(dump(Draft, draft)))
    assert load(Draft, stored) == draft


def test_the_digest_does_not_ask_where_a_value_came_from() -> None:
    draft = complete_draft()
    by_hand = draft.with_field("invoice_number", field("2026-FA-1", Source.PERSON, confidence=0.3))
    assert sent_digest(by_hand, PROVIDER_KEY, ["a"]) == sent_digest(draft, PROVIDER_KEY, ["a"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("invoice_number", "2026-FA-2"),
        ("issue_date", "2026-11-19"),
        ("type", "credit_note"),
        ("recipient_siret", "12345678200036"),
        ("service_code", "ST01"),
        ("engagement_number", "1300"),
        ("contract_number", "M1"),
        ("original_invoice_number", "F0"),
        ("total_incl_tax", "1201.00"),
        ("amount_due", "0.00"),
        ("discount", "1.00"),
        ("vat_type", "SANS_TVA"),
        ("payment_mode", "CHEQUE"),
        ("bank_details", "Compte CIC"),
        ("comment", "Lot 3"),
        ("vat", rows(("10.00", "1000.00", "100.00"))),
    ],
)
def test_every_value_that_is_sent_changes_the_digest(name: str, value: Value) -> None:
    changed = complete_draft().with_field(name, field(typed(name, value)))
    assert sent_digest(changed, PROVIDER_KEY) != sent_digest(complete_draft(), PROVIDER_KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [("due_date", "2026-12-31"), ("recipient_name", "X"), ("user_label", "X"), ("iban", "X"), ("type", "down_payment")],
)
def test_what_is_not_sent_does_not_change_the_digest(name: str, value: str) -> None:
    changed = complete_draft().with_field(name, field(typed(name, value)))
    assert sent_digest(changed, PROVIDER_KEY) == sent_digest(complete_draft(), PROVIDER_KEY)


def test_provider_and_attachments_are_part_of_what_is_sent() -> None:
    draft = complete_draft()
    digests = {
        sent_digest(draft, PROVIDER_KEY),
        sent_digest(draft, "production:1"),
        sent_digest(draft, None),
        sent_digest(draft, PROVIDER_KEY, ["bl.pdf"]),
        sent_digest(draft, PROVIDER_KEY, ["bl.pdf"], {"bl.pdf": "RIB"}),
    }
    assert len(digests) == 5
    assert sent_digest(draft, None, ["a", "b"]) == sent_digest(draft, None, ["b", "a"])


def test_reasons_and_warnings_are_not_sent() -> None:
    draft = dataclasses.replace(complete_draft(), warnings=draft_of(read(), metadata={"iban": "x"}).reasons)
    assert sent_digest(draft, None) == sent_digest(complete_draft(), None)
