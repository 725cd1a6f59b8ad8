"""The table of fields: what is promised of it, and what must not change by itself when a field is declared."""

from __future__ import annotations

import pytest

from include.domain.completeness.decisions import DECIDING
from include.domain.extraction import read_fields
from include.domain.extraction.fields.mentions import MENTIONS
from include.domain.extraction.lexicon.labels import LABELS, PAID, TOTAL_ROW
from include.domain.fields.registry import BY_NAME, FIELDS, READ_FIELDS, TOTALS, Kind
from include.domain.mapping import Draft, sent_digest
from tests.factories import PROVIDER_KEY, complete_draft
from tests.unit.extraction.paper import page

PROMISED = """
    invoice_number issue_date due_date type currency supplier_siret recipient_siret recipient_name service_code
    engagement_number contract_number total_excl_tax total_tax total_incl_tax amount_due vat iban
    service_name original_invoice_number invoicing_framework vat_type vat_exemption_reason payment_mode discount
    discount_reason comment bank_details user_label attachment_switch
"""


def test_every_promised_name_is_declared_once() -> None:
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names)) == len(BY_NAME)
    assert set(PROMISED.split()) <= set(names)


def test_no_two_fields_are_read_from_one_term() -> None:
    terms = [term for field in FIELDS for term in field.terms]
    assert len(terms) == len(set(terms))


def test_what_a_label_announces_is_a_field_that_is_read() -> None:
    assert {name for name in LABELS if name not in (PAID, TOTAL_ROW)} <= {f.name for f in FIELDS if f.read}


def test_every_field_that_is_read_is_looked_for_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: set[str] = set()
    monkeypatch.setattr(read_fields, "with_memory", lambda fields, *_: looked_for.update(fields) or fields)
    sums = ("Total HT 100,00", "TVA 20 % 20,00", "Total TTC 120,00", "Net à payer 120,00")
    read_fields.page_candidates([page(*((40, 80 + 15 * line, text) for line, text in enumerate(sums)))])
    assert set(READ_FIELDS) - looked_for == set()


def test_what_goes_out_by_itself_is_asked_for_a_confidence() -> None:
    """A misread value that is sent must be held back by something."""
    assert [f.name for f in FIELDS if f.read and f.sent and not 0 < f.confidence <= 1] == []


def test_what_is_learned_is_read() -> None:
    assert all(field.read and field.kind is not Kind.VAT for field in FIELDS if field.learned)


def test_rules_about_single_fields_name_fields_that_there_are() -> None:
    """Arithmetic, doubts and mentions are rules of their own, about fields of this table."""
    assert set(TOTALS) == {field.name for field in FIELDS if field.kind is Kind.AMOUNT and field.demanded}
    assert {name for names in DECIDING.values() for name in names} <= {field.name for field in FIELDS if field.demanded}
    assert set(MENTIONS) <= {field.name for field in FIELDS if field.kind is Kind.IDENTIFIER and field.asked_platform}


def test_the_digest_of_stored_refusals_stays_what_it_is() -> None:
    """Refused invoices hold such digests: one that changed with an upgrade would have them all sent again."""
    empty = "a813f053271ce39553f1f67599222710b432f317ad44d93703955b22bc1decee"  # pragma: allowlist secret
    whole = "e5becbe3a6235a19ed2696d5861610399a207cd62fbf8f3017c2b78b0202a6a1"  # pragma: allowlist secret
    assert sent_digest(Draft(), None) == empty
    assert sent_digest(complete_draft(), PROVIDER_KEY, ["bl.pdf"], {"bl.pdf": "02"}) == whole
