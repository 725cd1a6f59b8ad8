"""Everything that must hold before an invoice goes out: identity, trust, what is frozen."""

from __future__ import annotations

import dataclasses

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.directory import DirectoryService
from include.domain.fields import Candidate, Source
from include.domain.mapping import Draft, FieldValue
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from tests.factories import BODY, SUPPLIER, reading
from tests.unit.completeness.cases import case, draft, entry, found, provider, reasons, with_reading_warnings
from tests.unit.mapping.drafts import field


def test_a_complete_invoice_has_no_reason_and_no_warning() -> None:
    result = found(case())
    assert (result.reasons, result.warnings) == ((), ())


@pytest.mark.parametrize(
    "name",
    [
        "invoice_number",
        "issue_date",
        "type",
        "currency",
        "recipient_siret",
        "total_excl_tax",
        "total_tax",
        "total_incl_tax",
    ],
)
def test_what_must_be_there_is_missed_by_name(name: str) -> None:
    assert reasons(draft(drop=(name,))) == [(f"missing_{name}", name)]


@pytest.mark.parametrize("name", ["due_date", "iban", "recipient_name", "engagement_number", "vat", "amount_due"])
def test_what_may_be_missing_is_not_missed(name: str) -> None:
    assert reasons(draft(drop=(name,))) == []


def test_a_reason_of_the_mapping_stands_in_place_of_missing() -> None:
    why = Reason(code="not_date", field="issue_date", params={"place": "date", "value": "hier"})
    broken = dataclasses.replace(draft(drop=("issue_date",)), reasons=(why,))
    assert reasons(broken) == [("not_date", "issue_date")]


def test_everything_wrong_is_said_at_once_and_only_once() -> None:
    twice = Reason(code="supplier_unknown", field="supplier_siret", params={"siret": SUPPLIER})
    broken = dataclasses.replace(draft(drop=("type",), currency="USD"), reasons=(twice, twice))
    assert reasons(broken) == [
        ("supplier_unknown", "supplier_siret"),
        ("missing_type", "type"),
        ("currency_not_eur", "currency"),
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"invoice_number": "F" * 21}, ("too_long_invoice_number", "invoice_number")),
        ({"original_invoice_number": "F" * 21}, ("too_long_original_invoice_number", "original_invoice_number")),
        ({"engagement_number": "1" * 51}, ("too_long_engagement_number", "engagement_number")),
        ({"contract_number": "1" * 51}, ("too_long_contract_number", "contract_number")),
        ({"comment": "x" * 2001}, ("too_long_comment", "comment")),
        ({"invoice_number": "F.1"}, ("signs_invoice_number", "invoice_number")),
        ({"invoice_number": "Facturé 1"}, ("signs_invoice_number", "invoice_number")),
        ({"invoice_number": "F\t1"}, ("signs_invoice_number", "invoice_number")),
        ({"original_invoice_number": "F#1"}, ("signs_original_invoice_number", "original_invoice_number")),
        ({"issue_date": "2026-11-21"}, ("issue_date_future", "issue_date")),
        ({"currency": "USD"}, ("currency_not_eur", "currency")),
        ({"type": "quotation"}, ("not_code", "type")),
        ({"invoicing_framework": "A9_FACTURE_SOUSTRAITANT"}, ("framework_needs_validator", "invoicing_framework")),
        ({"invoicing_framework": "A12_FACTURE_COTRAITANT"}, ("framework_needs_validator", "invoicing_framework")),
    ],
)
def test_what_the_platform_would_refuse_is_a_reason(values: dict[str, str], reason: tuple[str, str]) -> None:
    assert reasons(draft(**values)) == [reason]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values",
    [
        {"invoice_number": "F" * 20},
        {"invoice_number": "2026 FA-1_2/3+4"},
        {"engagement_number": "1" * 50},
        {"issue_date": "2026-11-20"},
        {"type": "credit_note"},
        {"type": "credit_note", "original_invoice_number": "F0"},
        {"type": "down_payment"},
        {"type": "corrected_invoice"},
        {"comment": "x" * 2000},
    ],
)
def test_what_the_platform_takes_is_no_reason(values: dict[str, str]) -> None:
    assert reasons(draft(**values)) == []  # type: ignore[arg-type]


def test_the_refused_signs_are_named() -> None:
    (reason,) = found(draft(invoice_number="F.1#2.")).reasons
    assert ". #" in reason.message("fr")


# ---------------------------------------------------------------- provider


def test_without_a_provider_its_reason_stands_and_nobody_asks_the_directory() -> None:
    why = Reason(code="supplier_unknown", field="supplier_siret", params={"siret": SUPPLIER})
    assert reasons(case(provider=why, entry=None)) == [("supplier_unknown", "supplier_siret")]


def test_a_supplier_that_cannot_be_converted_is_not_missed_as_well() -> None:
    why = Reason(code="not_siret", field="supplier_siret", params={"place": "fournisseur", "value": "Durand"})
    unread = dataclasses.replace(draft(drop=("supplier_siret",)), reasons=(why,))
    missing = Reason(code="missing_supplier_siret", field="supplier_siret")
    assert reasons(case(unread, provider=missing, entry=None)) == [("not_siret", "supplier_siret")]
    assert reasons(case(draft(drop=("supplier_siret",)), provider=missing, entry=None)) == [
        ("missing_supplier_siret", "supplier_siret")
    ]


# ---------------------------------------------------------------- the document


@pytest.mark.parametrize("code", ["encrypted", "not_pdf", "broken", "empty_file", "no_pages"])
def test_a_file_that_cannot_be_sent_stays_red_whatever_a_person_types(code: str) -> None:
    assert reasons(case(reading=Reason(code=code))) == [(code, None)]


@pytest.mark.parametrize("code", ["no_text", "reader_died"])
def test_a_file_that_only_we_cannot_read_may_go_with_typed_fields(code: str) -> None:
    result = found(case(reading=Reason(code=code)))
    assert result.reasons == ()
    assert [warning.code for warning in result.warnings] == [code]


def test_two_invoices_in_one_pdf_are_a_reason() -> None:
    assert reasons(case(reading=with_reading_warnings("two_invoices"))) == [("two_invoices", None)]


def test_other_remarks_of_the_reader_are_shown() -> None:
    result = found(case(reading=with_reading_warnings("no_text", "never_heard_of")))
    assert result.reasons == ()
    assert [warning.code for warning in result.warnings] == ["no_text"]


# ---------------------------------------------------------------- trust

CONFLICT = Reason(
    code="conflict_total_incl_tax", field="total_incl_tax", params={"chosen": "1800.00", "other": "1500.00"}
)


def test_a_conflict_is_shown_and_does_not_stop_the_invoice() -> None:
    result = found(case(dataclasses.replace(draft(), warnings=(CONFLICT,))))
    assert (result.reasons, result.warnings) == ((), (CONFLICT,))


def test_a_provider_can_hold_what_is_in_conflict() -> None:
    held = case(dataclasses.replace(draft(), warnings=(CONFLICT,)), provider=provider(hold_on_conflict=True))
    assert reasons(held) == [("held_total_incl_tax", "total_incl_tax")]
    assert found(held).warnings == ()
    for value in ("1\N{NARROW NO-BREAK SPACE}800,00", "1\N{NARROW NO-BREAK SPACE}500,00"):
        assert value in found(held).reasons[0].message("fr")


def test_computed_amounts_are_never_held() -> None:
    params = {"total_excl_tax": "1", "total_tax": "2", "total_incl_tax": "3"}
    computed = dataclasses.replace(draft(), warnings=(Reason(code="amounts_computed", params=params),))
    result = found(case(computed, provider=provider(hold_on_conflict=True)))
    assert result.reasons == ()
    assert "TTC 3" in result.warnings[0].message("fr")


def _with(name: str, **evidence: object) -> Draft:
    chosen = dataclasses.replace(draft().fields[name].chosen, **evidence)  # type: ignore[arg-type]
    return draft().with_field(name, FieldValue(chosen=chosen))


@pytest.mark.parametrize("name", ["total_incl_tax", "invoice_number", "vat"])
def test_a_value_read_with_too_little_confidence_waits_for_a_person(name: str) -> None:
    unsure = case(_with(name, confidence=0.62), provider=provider(confidence={name: 0.8}))
    assert reasons(unsure) == [(f"doubtful_{name}", name)]
    assert "62\N{NO-BREAK SPACE}%" in found(unsure).reasons[0].message("fr")


def test_enough_confidence_is_enough() -> None:
    assert reasons(case(_with("total_tax", confidence=0.8), provider=provider(confidence={"total_tax": 0.8}))) == []
    assert reasons(case(_with("total_tax", confidence=0.1), provider=provider(confidence={"total_tax": 0.0}))) == []


@pytest.mark.parametrize("name", ["invoice_number", "recipient_siret", "total_incl_tax"])
def test_without_any_setting_a_guess_does_not_go_out(name: str) -> None:
    asked = DEFAULT_CONFIDENCE[name]
    assert reasons(case(_with(name, confidence=asked - 0.01))) == [(f"doubtful_{name}", name)]
    assert reasons(case(_with(name, confidence=asked))) == []


MISPRINTED = BODY[:-1] + str((int(BODY[-1]) + 1) % 10)


def _to(siret: str, confidence: float) -> Draft:
    return draft(recipient_siret=siret).with_field(
        "recipient_siret",
        FieldValue(chosen=Candidate(value=siret, source=Source.TEXT, page=1, text=siret, confidence=confidence)),
    )


def test_a_wrong_check_digit_is_no_doubt_where_the_directory_has_the_number() -> None:
    known = dataclasses.replace(entry(), siret=MISPRINTED)
    assert reasons(case(_to(MISPRINTED, 0.8), entry=known)) == []
    assert reasons(case(_to(MISPRINTED, 0.6), entry=known)) == [("doubtful_recipient_siret", "recipient_siret")]
    assert ("doubtful_recipient_siret", "recipient_siret") in reasons(case(_to(MISPRINTED, 0.8), entry=None))
    assert reasons(case(_to(BODY, 0.8))) == [("doubtful_recipient_siret", "recipient_siret")], "another doubt"


def _service(*read: str, codes: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """The reasons of an invoice on whose page these services stand, none surely, for a body with these codes."""
    found_codes = tuple(Candidate(value=code, source=Source.TEXT, page=1, text=code, confidence=0.3) for code in read)
    given = draft().with_field("service_code", FieldValue(chosen=found_codes[0]))
    services = tuple(DirectoryService(code=code, name=code, active=True) for code in codes)
    said = dataclasses.replace(reading(), fields={"service_code": found_codes})
    return reasons(case(given, reading=said, entry=entry(*services)))


def test_a_service_that_its_body_lists_is_no_doubt_and_one_of_two_that_it_lists_is() -> None:
    doubtful = ("doubtful_service_code", "service_code")
    assert _service("TRAVAUX", codes=("TRAVAUX", "FINANCES")) == []
    assert doubtful in _service("TRAVAUX", codes=("FINANCES",))
    assert doubtful in _service("TRAVAUX", "FINANCES", codes=("TRAVAUX", "FINANCES"))
    assert doubtful in _service("FINANCES", "TRAVAUX", codes=("TRAVAUX",)), "the page's other one is listed"


def test_what_nobody_read_is_not_asked_how_surely_it_was_read() -> None:
    for source in (Source.PERSON, Source.METADATA, Source.FACTURX):
        assert reasons(case(_with("total_incl_tax", confidence=0.1, source=source))) == []


# ---------------------------------------------------------------- pages that cannot be believed

SECOND = Reason(code="second_total", field="total_incl_tax", params={"chosen": "1800.00", "other": "1500.00"})


def test_a_second_total_waits_until_somebody_decides_which_one_is_due() -> None:
    twice = Reading(kind=DocumentKind.DIGITAL, checks=(SECOND,))
    assert reasons(case(reading=twice)) == [("second_total", "total_incl_tax")]
    for source in (Source.PERSON, Source.METADATA):
        decided = found(case(_with("total_incl_tax", source=source), reading=twice))
        assert (decided.reasons, decided.warnings) == ((), (SECOND,))


def test_hidden_figures_wait_until_number_recipient_and_total_are_decided() -> None:
    hidden = with_reading_warnings("hidden_text")
    assert reasons(case(reading=hidden)) == [("hidden_text", None)]
    decided = draft()
    for name in ("invoice_number", "recipient_siret", "total_incl_tax"):
        assert reasons(case(decided, reading=hidden)) == [("hidden_text", None)]
        chosen = dataclasses.replace(decided.fields[name].chosen, source=Source.PERSON)
        decided = decided.with_field(name, FieldValue(chosen=chosen))
    assert reasons(case(decided, reading=hidden)) == []


REMOTE = _with("invoice_number", source=Source.REMOTE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("untrusted_invoice_number", "invoice_number")]),
        ({"trust_remote_reading": True}, []),
        ({"automatic_submission": False}, []),
    ],
)
def test_automatic_submission_trusts_the_platform_s_reading_only_where_told(
    changes: dict[str, bool], expected: list[tuple[str, str]]
) -> None:
    assert reasons(case(REMOTE, provider=provider(**changes))) == expected


# ---------------------------------------------------------------- frozen


@pytest.mark.parametrize(
    ("name", "frozen"), [("invoice_number", {"frozen_number": "F0"}), ("supplier_siret", {"frozen_supplier": "1" * 14})]
)
def test_number_and_supplier_of_an_open_sending_do_not_change_by_themselves(name: str, frozen: dict[str, str]) -> None:
    assert reasons(case(**frozen)) == [(f"frozen_{name}", name)]


def test_a_person_who_searched_first_may_change_them() -> None:
    typed = _with("invoice_number", source=Source.PERSON)
    assert reasons(case(typed, frozen_number="F0")) == []


def test_the_same_number_in_another_spelling_has_not_changed() -> None:
    assert reasons(case(draft(invoice_number="2026-fa 1"), frozen_number="2026-FA1", frozen_supplier=SUPPLIER)) == []


# ---------------------------------------------------------------- age of the directory


def test_an_old_entry_of_the_directory_is_said_to_be_old() -> None:
    result = found(case(entry=entry(), entry_is_old=True))
    assert result.reasons == ()
    assert "20/11/2026" in result.warnings[0].message("fr")
    assert "20 Nov 2026" in result.warnings[0].message("en")


def test_a_field_of_the_draft_can_be_missing_and_the_assess_goes_on() -> None:
    empty = [code for code, _ in reasons(Draft(fields={"invoice_number": field("F1")}))]
    assert "missing_total_incl_tax" in empty
    assert "missing_invoice_number" not in empty
