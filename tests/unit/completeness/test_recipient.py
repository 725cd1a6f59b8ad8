"""The recipient in the directory, and the table of what it demands."""

from __future__ import annotations

from typing import Any

import pytest

from include.domain.directory import DirectoryService
from include.domain.reasons import Reason
from tests.factories import BODY, SUPPLIER
from tests.unit.completeness.cases import case, draft, entry, found, reasons

OPEN = DirectoryService(code="ST01", name="Service technique", active=True)
STRICT = DirectoryService(code="ST02", name="Voirie", active=True, engagement_required=True)
CLOSED = DirectoryService(code="ST03", name="Ancien", active=False)
SERVICE = ("service_required", "service_code")
ENGAGEMENT = ("engagement_required", "engagement_number")
EITHER = ("service_or_engagement_required", "service_code")
BY_SERVICE = ("engagement_required_by_service", "engagement_number")

# What the body demands, what the invoice has, what is missed: the decision table row by row.
TABLE: list[tuple[dict[str, bool], dict[str, str], list[tuple[str, str]]]] = [
    ({}, {}, []),
    ({}, {"service_code": "ST01"}, []),
    ({}, {"engagement_number": "1300"}, []),
    ({"service_required": True}, {}, [SERVICE]),
    ({"service_required": True}, {"engagement_number": "1300"}, [SERVICE]),
    ({"service_required": True}, {"service_code": "ST01"}, []),
    ({"engagement_required": True}, {}, [ENGAGEMENT]),
    ({"engagement_required": True}, {"service_code": "ST01"}, [ENGAGEMENT]),
    ({"engagement_required": True}, {"engagement_number": "1300"}, []),
    ({"service_required": True, "engagement_required": True}, {}, [SERVICE, ENGAGEMENT]),
    ({"service_required": True, "engagement_required": True}, {"service_code": "ST01"}, [ENGAGEMENT]),
    (
        {"service_required": True, "engagement_required": True},
        {"service_code": "ST01", "engagement_number": "1300"},
        [],
    ),
    ({"service_or_engagement": True}, {}, [EITHER]),
    ({"service_or_engagement": True}, {"service_code": "ST01"}, []),
    ({"service_or_engagement": True}, {"engagement_number": "1300"}, []),
    ({"service_or_engagement": True, "service_required": True, "engagement_required": True}, {}, [EITHER]),
    (
        {"service_or_engagement": True, "service_required": True, "engagement_required": True},
        {"engagement_number": "1300"},
        [],
    ),
    ({}, {"service_code": "ST02"}, [BY_SERVICE]),
    ({"service_required": True}, {"service_code": "ST02"}, [BY_SERVICE]),
    ({"engagement_required": True}, {"service_code": "ST02"}, [ENGAGEMENT]),
    ({"service_or_engagement": True}, {"service_code": "ST02"}, [BY_SERVICE]),
    ({"service_or_engagement": True}, {"service_code": "ST02", "engagement_number": "1300"}, []),
]


@pytest.mark.parametrize(("demands", "given", "missed"), TABLE)
def test_the_decision_table_of_obligations(
    demands: dict[str, bool], given: dict[str, str], missed: list[tuple[str, str]]
) -> None:
    known = entry(OPEN, STRICT, CLOSED, **demands)
    assert reasons(case(draft(**given), entry=known)) == missed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "reason"),
    [("XX", "service_unknown"), ("ST03", "service_inactive"), ("Factures_Publiques ", "service_public")],
)
def test_a_service_must_exist_and_be_open_to_suppliers(code: str, reason: str) -> None:
    public = DirectoryService(code="FACTURES_PUBLIQUES", name="Factures publiques", active=True)
    assert reasons(case(draft(service_code=code), entry=entry(OPEN, CLOSED, public))) == [(reason, "service_code")]


def test_the_reason_names_the_services_that_would_do() -> None:
    many = [DirectoryService(code=f"S{n}", name="x", active=True) for n in range(20)]
    (reason,) = found(case(draft(service_code="XX"), entry=entry(*many, CLOSED))).reasons
    assert "S0, S1, S2, S3, S4, S5, S6, S7 ..." in reason.message("fr")
    (reason,) = found(case(draft(service_code="XX"), entry=entry(CLOSED))).reasons
    assert "ST03" not in reason.message("fr")


def test_a_service_wording_nobody_knows_is_proposed_for_the_configuration() -> None:
    known = entry(OPEN, service_required=True)
    assert reasons(case(draft(service_name="Cantine"), entry=known)) == [("service_wording_unknown", "service_name")]


@pytest.mark.parametrize(
    ("siret", "known", "code"),
    [
        (BODY, {"structure_id": 0, "active": False}, "recipient_unknown"),
        (BODY, {"active": False}, "recipient_inactive"),
        ("12345678200029", {"structure_id": 0, "active": False}, "recipient_misread"),
    ],
)
def test_the_recipient_is_one_active_body(siret: str, known: dict[str, Any], code: str) -> None:
    (reason,) = found(case(draft(recipient_siret=siret), entry=entry(**known))).reasons
    assert (reason.code, reason.field) == (code, "recipient_siret")
    assert siret in reason.message("fr")


def test_a_wrong_check_digit_is_evidence_and_no_veto() -> None:
    assert reasons(case(draft(recipient_siret="12345678200029"))) == []


def test_without_an_entry_nothing_is_ready() -> None:
    assert reasons(case(entry=None)) == [("recipient_unknown", "recipient_siret")]


def test_the_supplier_itself_is_never_the_recipient() -> None:
    assert reasons(draft(recipient_siret=SUPPLIER)) == [("recipient_is_supplier", "recipient_siret")]


def test_a_look_up_that_the_platform_refuses_is_a_reason_with_its_words() -> None:
    params = {"siret": BODY, "number": "20", "label": "Format incorrect"}
    refusal = Reason(code="recipient_lookup_refused", field="recipient_siret", params=params)
    assert reasons(case(entry=None, lookup_refusal=refusal)) == [("recipient_lookup_refused", "recipient_siret")]
    assert "Format incorrect" in refusal.message("fr")
