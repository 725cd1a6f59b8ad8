"""Which source wins, what is shown beside it, and how wordings become recipients and services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from include.domain.configuration import Association, Recipient, Service
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.fields import Source, vat_row
from include.domain.mapping import association_for, untranslated_service, with_directory_service
from include.domain.reasons import Reason
from include.texts import Language, show_amount, show_date
from tests.factories import ARRIVED, BODY, portal_document
from tests.unit.mapping.drafts import candidate, codes, draft_of, facturx, read

OTHER_BODY = "12345678200036"
TOWN = Recipient(
    siret=BODY,
    wordings=("Mairie d'Annecy",),
    services=(Service(code="ST01", wordings=("Service technique",)), Service(code="ST02", wordings=("Écoles",))),
)
WATER = Recipient(siret=OTHER_BODY, wordings=("Régie des eaux",))


# ---------------------------------------------------------------- order of trust

BY_TRUST = [
    ({"edits": {"engagement_number": "person"}}, "person", Source.PERSON),
    ({"metadata": {"engagement_number": "metadata"}}, "metadata", Source.METADATA),
    ({}, "xml", Source.FACTURX),
]


@pytest.mark.parametrize(("given", "value", "source"), BY_TRUST)
def test_the_most_trusted_source_wins_and_the_others_stay_in_sight(
    given: dict[str, dict[str, str]], value: str, source: Source
) -> None:
    page = [candidate("remote", Source.REMOTE), candidate("page"), facturx("xml")]
    found = draft_of(read(engagement_number=page), **given).fields["engagement_number"]  # type: ignore[arg-type]
    assert (found.value, found.source) == (value, source)
    assert [other.value for other in found.others][-2:] == ["page", "remote"]


def test_text_and_ocr_of_a_page_keep_the_order_of_the_reader() -> None:
    found = draft_of(read(contract_number=[candidate("b", Source.OCR), candidate("a")]))
    assert found.text("contract_number") == "b"


def test_evidence_comes_with_the_value() -> None:
    where = candidate("F1", page=2, box=(1.0, 2.0, 3.0, 4.0), text="Facture n F1", confidence=0.9)
    found = draft_of(read(invoice_number=where)).fields["invoice_number"].chosen
    assert (found.page, found.box, found.text, found.confidence) == (2, (1.0, 2.0, 3.0, 4.0), "Facture n F1", 0.9)


def test_of_a_metadata_its_name_and_value_are_the_evidence() -> None:
    draft = draft_of(metadata={"montant": "1 800,00"}, association={"total_incl_tax": "montant"})
    found = draft.fields["total_incl_tax"]
    assert (found.amount, found.text) == (Decimal("1800.00"), "montant: 1 800,00")


# ---------------------------------------------------------------- association


@pytest.mark.parametrize("rule", ["Facture client", "FACTURE CLIENT ", "facture  client"])
def test_the_association_of_the_classification_rule_is_used(rule: str) -> None:
    association = Association(classification_rule="Facture Client", fields={})
    assert association_for(portal_document(classification_rule=rule), [association]) is association


@pytest.mark.parametrize("rule", [None, "Bon de livraison"])
def test_no_other_association_is_used(rule: str | None) -> None:
    association = Association(classification_rule="Facture Client", fields={})
    assert association_for(portal_document(classification_rule=rule), [association]) is None


def test_a_metadata_that_the_document_lacks_is_passed_over() -> None:
    draft = draft_of(read(invoice_number="F1"), metadata={"autre": "x"}, association={"invoice_number": "numero"})
    assert draft.text("invoice_number") == "F1"
    assert draft.reasons == ()


def test_names_of_metadata_are_compared_as_wordings_are() -> None:
    assert draft_of(metadata={"Numéro": "F1"}, association={"invoice_number": "numero"}).text("invoice_number") == "F1"


def test_a_metadata_that_cannot_be_converted_is_a_reason_whatever_the_page_says() -> None:
    draft = draft_of(read(total_incl_tax="1500.00"), metadata={"total_incl_tax": "1.800"})
    (reason,) = draft.reasons
    assert (reason.code, reason.field) == ("not_amount", "total_incl_tax")
    assert "1.800" in reason.message("fr")


def test_what_a_person_types_silences_a_bad_metadata() -> None:
    draft = draft_of(metadata={"total_incl_tax": "1.800"}, edits={"total_incl_tax": "1800.00"})
    assert draft.reasons == ()
    assert draft.shown("total_incl_tax") == "1800.00"


def test_a_person_can_say_that_there_is_no_such_value() -> None:
    draft = draft_of(read(engagement_number="1300"), edits={"engagement_number": ""})
    assert "engagement_number" not in draft.fields


def test_a_stored_vat_table_is_read_back() -> None:
    draft = draft_of(edits={"vat": [{"rate": "20.00", "base": "10.00", "amount": "2.00"}]})
    assert draft.vat_rows() == (vat_row("20.00", "10.00", "2.00"),)


def test_an_unreadable_document_is_mapped_from_metadata_and_edits() -> None:
    draft = draft_of(Reason(code="no_text"), metadata={"invoice_number": "F1"}, edits={"issue_date": "2026-11-18"})
    assert (draft.text("invoice_number"), draft.shown("issue_date")) == ("F1", "2026-11-18")


# ---------------------------------------------------------------- conflicts


@pytest.mark.parametrize(
    ("name", "metadata", "page"),
    [
        ("total_incl_tax", "1800", "1500.00"),
        ("total_excl_tax", "1500", "1250.00"),
        ("total_tax", "300", "250.00"),
        ("amount_due", "1800", "1500.00"),
        ("invoice_number", "F1", "F2"),
        ("recipient_siret", BODY, OTHER_BODY),
    ],
)
def test_two_sources_that_disagree_are_shown_with_value_and_source(name: str, metadata: str, page: str) -> None:
    draft = draft_of(read(**{name: page}), metadata={name: metadata})
    (warning,) = draft.warnings
    assert warning.code == f"conflict_{name}"
    for part in (_french(draft.shown(name)), f"{name}: {metadata}", _french(page), "page 1"):
        assert part in warning.message("fr")


def _french(value: object) -> str:
    """As French people write it; what is neither amount nor date stays."""
    return show_date(show_amount(value, "fr"), "fr") if "." in str(value) or "-" in str(value) else str(value)


WORDED: dict[str, dict[Language, tuple[str, str]]] = {
    "invoice": {"fr": ("Facture", "Avoir"), "en": ("invoice", "credit note")},
    "2026-11-18": {"fr": ("18/11/2026", "19/11/2026"), "en": ("18 Nov 2026", "19 Nov 2026")},
}
"""Values that each language words in its own way."""


@pytest.mark.parametrize(
    ("name", "data", "printed"),
    [
        ("invoice_number", "F1", "F2"),
        ("issue_date", "2026-11-18", "2026-11-19"),
        ("type", "invoice", "credit_note"),
        ("currency", "EUR", "USD"),
        ("recipient_siret", BODY, OTHER_BODY),
        ("iban", "FR7630006000011234567890189", "FR1420041010050500013M02606"),
        ("total_excl_tax", "100.00", "99.00"),
        ("total_tax", "20.00", "19.80"),
        ("total_incl_tax", "120.00", "118.80"),
        ("amount_due", "120.00", "18.80"),
    ],
)
def test_embedded_data_that_contradict_the_page_keep_the_invoice_back(name: str, data: str, printed: str) -> None:
    draft = draft_of(read(**{name: [facturx(data), candidate(printed, Source.OCR, text=printed)]}))
    (reason,) = draft.reasons
    assert (reason.code, reason.field) == (f"contradicted_{name}", name)
    said = WORDED.get(data, {"fr": (_french(data), _french(printed)), "en": (data, printed)})
    for language, (chosen, other) in said.items():
        assert f"{chosen} (Factur-X)" in reason.message(language)
        assert f"{other} (page 1, OCR)" in reason.message(language)
    assert codes(draft.warnings) == []


@pytest.mark.parametrize("decided", [{"metadata": {"total_incl_tax": "120"}}, {"edits": {"total_incl_tax": "120"}}])
def test_a_person_or_metadata_decide_between_data_and_page(decided: dict[str, Any]) -> None:
    reading = read(total_incl_tax=[facturx("120.00"), candidate("99.00", text="99,00")])
    assert draft_of(reading, **decided).reasons == ()


def test_a_page_read_without_certainty_contradicts_in_words_only() -> None:
    draft = draft_of(read(invoice_number=[facturx("F1"), candidate("F2", text="F2", confidence=0.4)]))
    assert (draft.reasons, codes(draft.warnings)) == ((), ["conflict_invoice_number"])


def test_a_page_that_also_prints_what_the_data_say_contradicts_in_words_only() -> None:
    page = [candidate("F2", text="F2", confidence=0.8), candidate("F1", text="F1", confidence=0.7)]
    draft = draft_of(read(invoice_number=[facturx("F1"), *page]))
    assert (draft.reasons, codes(draft.warnings)) == ((), ["conflict_invoice_number"])


def test_an_amount_that_no_place_prints_contradicts_nobody() -> None:
    assert draft_of(read(amount_due=[facturx("120.00"), candidate("99.00")])).reasons == ()


def test_kinds_of_invoices_that_are_paid_alike_are_no_contradiction() -> None:
    assert draft_of(read(type=[facturx("down_payment"), candidate("invoice", text="Facture")])).reasons == ()


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("invoice_number", "fa 1", "FA1"), ("total_incl_tax", "-12,00", "12.00"), ("recipient_siret", BODY, BODY)],
)
def test_two_spellings_of_the_same_are_no_conflict(name: str, one: str, other: str) -> None:
    assert draft_of(read(**{name: other}), metadata={name: one}).warnings == ()


def test_what_a_person_typed_conflicts_with_nobody() -> None:
    assert draft_of(read(invoice_number="F2"), edits={"invoice_number": "F1"}).warnings == ()


def test_second_guesses_of_a_source_are_no_conflict() -> None:
    assert draft_of(read(total_incl_tax=[candidate("12.00"), candidate("10.00")])).warnings == ()


def test_other_fields_may_differ_in_silence() -> None:
    assert draft_of(read(engagement_number="1"), metadata={"engagement_number": "2"}).warnings == ()


# ---------------------------------------------------------------- recipients


def test_a_wording_on_the_page_becomes_the_recipient() -> None:
    draft = draft_of(read(recipient_name=candidate("MAIRIE D'ANNECY", page=1)), recipients=(TOWN, WATER))
    found = draft.fields["recipient_siret"].chosen
    assert (found.value, found.source, found.text, found.page) == (BODY, Source.TEXT, "MAIRIE D'ANNECY", 1)
    assert draft.reasons == ()


def test_a_wording_that_is_understood_is_surer_than_its_reading() -> None:
    draft = draft_of(read(recipient_name=candidate("MAIRIE D'ANNECY", confidence=0.8)), recipients=(TOWN,))
    assert (draft.fields["recipient_siret"].confidence, draft.fields["recipient_name"].confidence) == (0.9, 0.8)


def test_a_printed_number_comes_before_the_name_beside_it() -> None:
    reading = read(recipient_siret=OTHER_BODY, recipient_name="Mairie d'Annecy")
    assert draft_of(reading, recipients=(TOWN,)).text("recipient_siret") == OTHER_BODY


def test_a_name_in_the_metadata_comes_before_a_number_on_the_page() -> None:
    draft = draft_of(
        read(recipient_siret=OTHER_BODY), metadata={"recipient_name": "Mairie d'Annecy"}, recipients=(TOWN,)
    )
    assert draft.text("recipient_siret") == BODY
    assert codes(draft.warnings) == ["conflict_recipient_siret"]


def test_a_wording_in_the_metadata_of_the_number_is_translated() -> None:
    draft = draft_of(metadata={"recipient_siret": "mairie d'annecy"}, recipients=(TOWN,))
    assert draft.text("recipient_siret") == BODY


def test_a_wording_in_the_metadata_must_be_understood_whatever_the_page_says() -> None:
    draft = draft_of(read(recipient_siret=BODY), metadata={"recipient_siret": "Conseil du Gers"}, recipients=(TOWN,))
    (reason,) = draft.reasons
    assert (reason.code, reason.field) == ("recipient_wording_unknown", "recipient_siret")
    assert "Conseil du Gers" in reason.message("fr")


def test_a_person_who_types_the_number_settles_it() -> None:
    draft = draft_of(metadata={"recipient_siret": "Conseil du Gers"}, edits={"recipient_siret": BODY})
    assert draft.reasons == ()
    assert draft.text("recipient_siret") == BODY


def test_an_unknown_name_is_no_reason_where_the_number_is_known() -> None:
    assert draft_of(read(recipient_siret=BODY, recipient_name="Inconnue"), recipients=(TOWN,)).reasons == ()


def test_a_name_that_only_resembles_one_is_proposed_and_not_taken() -> None:
    draft = draft_of(read(recipient_name="Mairie d'Anecy"), recipients=(TOWN,))
    assert "recipient_siret" not in draft.fields
    (reason,) = draft.reasons
    assert reason.code == "recipient_wording_close"
    assert "Mairie d'Annecy" in reason.message("fr")
    assert BODY in reason.message("fr")


def test_a_name_of_two_recipients_is_a_reason() -> None:
    twins = (TOWN, Recipient(siret=OTHER_BODY, wordings=("Mairie d'Annecy",)))
    assert codes(draft_of(read(recipient_name="Mairie d'Annecy"), recipients=twins).reasons) == [
        "recipient_wording_ambiguous"
    ]


# ---------------------------------------------------------------- services


@pytest.mark.parametrize(
    ("metadata", "page", "code"),
    [
        ({"service_name": "service technique"}, {}, "ST01"),
        ({"service_code": "Ecoles"}, {}, "ST02"),
        ({"service_code": "st01"}, {}, "ST01"),
        ({"service_name": "Écoles"}, {"service_code": "ST01"}, "ST02"),
        ({"service_name": "Écoles", "service_code": "ST01"}, {}, "ST01"),
        ({"service_code": "AUTRE"}, {}, "AUTRE"),
    ],
)
def test_service_wordings_of_the_recipient_become_codes(
    metadata: dict[str, str], page: dict[str, str], code: str
) -> None:
    reading = read(recipient_siret=BODY, **page)
    draft = draft_of(reading, metadata=metadata, recipients=(TOWN,))
    assert draft.text("service_code") == code
    assert untranslated_service(draft) is None


def test_service_wordings_of_another_recipient_mean_nothing() -> None:
    draft = draft_of(
        read(recipient_siret=OTHER_BODY), metadata={"service_name": "Service technique"}, recipients=(TOWN, WATER)
    )
    assert "service_code" not in draft.fields
    assert untranslated_service(draft) == draft.fields["service_name"]


def test_a_name_that_stands_above_the_code_on_the_page_is_not_passed_over() -> None:
    draft = draft_of(read(recipient_siret=BODY, service_code="ST01"), metadata={"service_name": "Voirie"})
    assert untranslated_service(draft) == draft.fields["service_name"]


def _entry(*services: DirectoryService) -> DirectoryEntry:
    return DirectoryEntry(siret=BODY, structure_id=1, name="Annecy", active=True, services=services, fetched_at=ARRIVED)


ROADS = DirectoryService(code="V-01", name="Voirie", active=True)


@pytest.mark.parametrize("given", [{"service_name": "VOIRIE"}, {"service_code": "voirie"}, {"service_code": "v-01 "}])
def test_the_directory_knows_its_services_by_code_and_exact_name(given: dict[str, str]) -> None:
    draft = with_directory_service(draft_of(metadata=given), _entry(ROADS))
    assert draft.text("service_code") == "V-01"


def test_the_name_of_two_services_of_the_directory_decides_nothing() -> None:
    twin = DirectoryService(code="V-02", name="Voirie", active=True)
    draft = draft_of(metadata={"service_name": "Voirie"})
    assert with_directory_service(draft, _entry(ROADS, twin)) == draft


def test_a_closed_service_is_not_found_by_its_name() -> None:
    closed = DirectoryService(code="V-01", name="Voirie", active=False)
    draft = draft_of(metadata={"service_name": "Voirie"})
    assert with_directory_service(draft, _entry(closed)) == draft


def test_without_directory_nothing_changes() -> None:
    draft = draft_of(metadata={"service_code": "x"})
    assert with_directory_service(draft, None) == draft


# ---------------------------------------------------------------- the invoice that a credit note corrects


@pytest.mark.parametrize("kind", ["credit_note", "corrected_invoice"])
def test_a_correction_keeps_the_number_of_its_original(kind: str) -> None:
    draft = draft_of(read(type=kind, invoice_number="AV-1", original_invoice_number=facturx("F-0")))
    assert draft.text("original_invoice_number") == "F-0"


@pytest.mark.parametrize("kind", ["invoice", "down_payment"])
def test_an_invoice_that_mentions_another_one_corrects_nothing(kind: str) -> None:
    reading = read(type=kind, invoice_number="F-1", original_invoice_number=[facturx("F-0"), candidate("F-0")])
    assert draft_of(reading).text("original_invoice_number") is None
    assert draft_of(reading, edits={"original_invoice_number": "F-0"}).text("original_invoice_number") == "F-0"
    assert draft_of(reading, metadata={"original_invoice_number": "F-9"}).text("original_invoice_number") == "F-9"


def test_no_document_corrects_itself() -> None:
    reading = read(type="credit_note", invoice_number="AV 1", original_invoice_number="AV1")
    assert draft_of(reading).text("original_invoice_number") is None


def test_a_date_or_a_supplier_that_the_page_denies_is_shown_although_metadata_win() -> None:
    page = read(issue_date="2026-10-01", supplier_siret="33254021516357")
    draft = draft_of(page, metadata={"issue_date": "2062-10-01", "supplier_siret": "12345678200051"})
    assert (draft.shown("issue_date"), draft.text("supplier_siret")) == ("2062-10-01", "12345678200051")
    assert codes(draft.warnings) == ["conflict_issue_date", "conflict_supplier_siret"]
