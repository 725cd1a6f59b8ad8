"""Which values of an invoice teach where they stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from include.application.ports.layouts import Material
from include.application.reading.learn_layouts import known_values
from include.domain.extraction.layout_memory.example import Standing
from include.domain.fields import Candidate, Source
from include.domain.mapping import Draft, FieldValue
from include.domain.reading import DocumentKind, Reading
from tests.unit.extraction.paper import page

OTHER = "40483304800022"
NUMBER = "K26/001234"


def field(**evidence: Any) -> FieldValue:
    return FieldValue(chosen=Candidate(**evidence))


def material(**changes: Any) -> Material:
    head = [
        (40.0, 40.0, "Carrières Taupin"),
        (40.0, 54.0, "Granulats depuis longtemps"),
        (40.0, 68.0, "Lieu dit Ormeaux"),
    ]
    values: dict[str, Any] = {
        "content_sha256": "0" * 64,
        "invoice_id": 7,
        "provider_key": None,
        "classification_rule": "Facture Client",
        "provider_scope": (),
        "reading": Reading(kind=DocumentKind.DIGITAL, pages=(page(*head, (480, 40, NUMBER)),)),
        "edits": {"invoice_number": NUMBER},
    }
    return Material(**{**values, **changes})


def test_before_it_is_accepted_only_what_was_typed_teaches() -> None:
    read = field(value=dt.date(2026, 5, 3), source=Source.TEXT, text="3 mai 2026")
    draft = Draft(fields={"issue_date": read})
    assert dict(known_values(material(draft=draft))).keys() == {"invoice_number"}
    accepted = dict(known_values(material(draft=draft, accepted=True)))
    assert {name: known.standing for name, known in accepted.items()} == {
        "invoice_number": Standing.CORRECTED,
        "issue_date": Standing.ACCEPTED,
    }


@pytest.mark.parametrize(
    ("value", "standing"),
    [
        (field(value="F-1", source=Source.METADATA), Standing.CONFIRMED),
        (field(value="F-2", source=Source.FACTURX), Standing.CORRECTED),
        (field(value="F-1", source=Source.TEXT, text="F-1"), Standing.ACCEPTED),
        (field(value="F-1", source=Source.TEXT, text="F-1", remembered=3), None),
        (field(value="F-1", source=Source.TEXT), None),
        (field(value="F-1", source=Source.DEFAULT), None),
        (field(value="F-1", source=Source.REMOTE), None),
    ],
)
def test_who_vouches_for_a_value_that_was_sent(value: FieldValue, standing: Standing | None) -> None:
    reading = Reading(
        kind=DocumentKind.DIGITAL,
        fields={"invoice_number": (Candidate(value="F-1", source=Source.TEXT, text="F-1"),)},
    )
    given = material(reading=reading, edits={}, accepted=True, draft=Draft(fields={"invoice_number": value}))
    known = dict(known_values(given)).get("invoice_number")
    assert (known.standing if known else None) is standing


def test_an_emptied_field_teaches_nothing() -> None:
    assert dict(known_values(material(edits={"contract_number": "", "comment": "x"}))) == {}
