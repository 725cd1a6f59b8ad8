"""What is stored as JSON keeps its shape, whatever the code calls it: data of years lie in these columns."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from include.adapters.storage.core.codec import Edits, Found, Reasons, dump, load
from include.adapters.storage.core.stored_shapes import RemoteFields
from include.application.ports.assessments import Edit
from include.domain.causes import Cause, CauseCode
from include.domain.correction import Correction, CorrectionKind, Routing
from include.domain.directory import BankAccount, DirectoryEntry, SupplierAccount
from include.domain.extraction.layout_memory.example import (
    Anchor,
    Example,
    Fingerprint,
    LearnedField,
    Region,
    Standing,
)
from include.domain.fields import Candidate, Claim, Source, vat_row
from include.domain.mapping import Draft, FieldValue, LearnedLine
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.submission import Submission
from tests.factories import ARRIVED, BODY, SUPPLIER, a_submission, complete_draft, found_as_sent

BOX = (1.0, 2.0, 3.0, 4.0)

STORED_EXAMPLE = {
    "look": {"words": [["facture", 12]]},
    "lessons": {
        "invoice_number": {
            "standing": "corrected",
            "spots": [
                {
                    "anchors": [
                        {"words": ["n"], "left": 0.1, "right": 0.2, "middle": 0.0, "near": True, "row": True},
                    ]
                }
            ],
            "shape": "FA-99",
            "constant": None,
        }
    },
    "supplier_siret": "33254021516357",
}


def test_an_example_is_stored_as_it_always_was() -> None:
    anchor = Anchor(words=("n",), left=0.1, right=0.2, middle=0.0, near=True, row=True)
    number = LearnedField(standing=Standing.CORRECTED, regions=(Region(anchors=(anchor,)),), shape="FA-99")
    example = Example(
        fingerprint=Fingerprint(words=(("facture", 12),)),
        learned={"invoice_number": number},
        supplier_siret="33254021516357",
    )
    assert dump(Example, example) == STORED_EXAMPLE
    assert load(Example, STORED_EXAMPLE) == example


def test_a_drafts_learned_lines_are_stored_as_they_always_were() -> None:
    draft = Draft(learned_lines=(LearnedLine(wording="Mairie", siret="12345678200051"),))
    stored = dump(Draft, draft)
    assert stored["lessons"] == [{"wording": "Mairie", "siret": "12345678200051", "service_code": None}]
    assert load(Draft, stored) == draft


STORED_DRAFT = {
    "fields": {
        "total_incl_tax": {
            "value": "1800.00",
            "source": "metadata",
            "page": None,
            "box": None,
            "text": "montant: 1 800",
            "confidence": 1.0,
            "remembered": 0,
            "others": [
                {
                    "value": "1500.00",
                    "source": "text",
                    "page": 1,
                    "box": [1.0, 2.0, 3.0, 4.0],
                    "text": "1 500,00",
                    "confidence": 0.9,
                    "remembered": 2,
                }
            ],
        },
        "issue_date": {
            "value": "2026-11-18",
            "source": "facturx",
            "page": None,
            "box": None,
            "text": None,
            "confidence": 1.0,
            "remembered": 0,
            "others": [],
        },
        "vat": {
            "value": [["20.00", "1500.00", "300.00"]],
            "source": "text",
            "page": 1,
            "box": None,
            "text": None,
            "confidence": 0.8,
            "remembered": 0,
            "others": [],
        },
    },
    "reasons": [],
    "warnings": [],
    "signed": None,
    "lessons": [],
}


def test_values_are_stored_as_text_and_come_back_as_what_they_mean() -> None:
    page = Candidate(
        value=Decimal("1500.00"), source=Source.TEXT, page=1, box=BOX, text="1 500,00", confidence=0.9, remembered=2
    )
    told = Candidate(value=Decimal("1800.00"), source=Source.METADATA, text="montant: 1 800")
    rows = Candidate(value=(vat_row("20.00", "1500.00", "300.00"),), source=Source.TEXT, page=1, confidence=0.8)
    day = Candidate(value=dt.date(2026, 11, 18), source=Source.FACTURX)
    draft = Draft(
        fields={
            "total_incl_tax": FieldValue(chosen=told, others=(page,)),
            "issue_date": FieldValue(chosen=day),
            "vat": FieldValue(chosen=rows),
        }
    )
    assert json.loads(json.dumps(dump(Draft, draft))) == STORED_DRAFT
    assert load(Draft, STORED_DRAFT) == draft


def test_a_number_that_looks_like_a_date_or_an_amount_stays_a_text() -> None:
    for number in ("20261118", "2026-11-18", "1800.00"):
        found = {"invoice_number": (Candidate(value=number, source=Source.TEXT),)}
        reading = Reading(kind=DocumentKind.DIGITAL, fields=found)
        assert load(Reading, json.loads(json.dumps(dump(Reading, reading)))) == reading


TOTAL = Candidate(value=Decimal("1200.00"), source=Source.REMOTE, confidence=0.5)
VALUES: dict[Any, Any] = {
    Cause: Cause(code=CauseCode.CLAIM_TOO_OLD),
    Draft: complete_draft(),
    Reading: Reading(kind=DocumentKind.SCAN, fields={"total_incl_tax": (TOTAL,)}, warnings=("hidden_text",)),
    RemoteFields: {"total_incl_tax": TOTAL},
    Reasons: (Reason(code="missing_currency", field="currency", params={"a": "b"}),),
    Edits: {"total_incl_tax": Edit(value="1200.00", actor="anna", at=ARRIVED)},
    Found: (found_as_sent(),),
    Submission: a_submission(vat=(vat_row("20.00", "1000.00", "200.00"),), discount=Decimal("1.50")),
    Correction: Correction(
        kind=CorrectionKind.RECYCLE,
        chorus_id=7,
        actor="anna",
        before=Routing(recipient_siret=BODY),
        routing=Routing(recipient_siret=BODY, service_code="ST01"),
    ),
    DirectoryEntry: DirectoryEntry(siret=BODY, structure_id=1, name="COMMUNE", active=True, fetched_at=ARRIVED),
    SupplierAccount: SupplierAccount(
        structure_id=1, siret=SUPPLIER, name="DURAND", bank_accounts=(BankAccount(id=3, name="CIC"),)
    ),
    Example: Example(fingerprint=Fingerprint(words=())),
}


STORED_KINDS = (
    Cause,
    Draft,
    Reading,
    RemoteFields,
    Reasons,
    Edits,
    Found,
    Submission,
    Correction,
    DirectoryEntry,
    SupplierAccount,
    Example,
)


@pytest.mark.parametrize("kind", STORED_KINDS, ids=str)
def test_every_stored_kind_goes_there_and_back(kind: Any) -> None:
    value = VALUES[kind]
    assert load(kind, json.loads(json.dumps(dump(kind, value)))) == value


def test_claims_are_kept_and_those_of_another_version_are_left_out() -> None:
    value = TOTAL.but(Claim.SUM_DOES_NOT_ADD_UP)
    stored = dump(RemoteFields, {"total_incl_tax": value})
    assert stored["total_incl_tax"]["claims"] == ["sum_does_not_add_up"]
    assert load(RemoteFields, stored) == {"total_incl_tax": value}
    stored["total_incl_tax"]["claims"].append("no_longer_a_claim")
    assert load(RemoteFields, stored) == {"total_incl_tax": value}
