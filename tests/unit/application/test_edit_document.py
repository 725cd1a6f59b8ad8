"""What a person types, shelves and brings back."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from include.application.mapping import edit_document
from include.application.mapping.edit_document import DocumentEditing, canonical_edits, set_fields
from include.application.ports.assessments import AssessmentWork
from include.domain.errors import InputError, MoveForbiddenError, RemoteUnavailableError
from include.domain.fields import vat_row
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import map_invoice
from include.domain.rights import OWNER, Viewer
from include.domain.transitions.mapping import Edit
from tests.factories import SUPPLIER, a_submission, configuration, portal_document, reading
from tests.fakes.assessments import FakeAssessments
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import FakeClock
from tests.fakes.files import FakeFiles


class OnlyInvoiceIds:
    """The one method of the views that editing uses: document 107 is invoice 7, and who owns everything sees it."""

    def invoice_id(self, viewer: Viewer, document_id: int) -> int | None:
        return 7 if document_id == 107 and viewer.everything else None


@pytest.fixture
def platform(clock: FakeClock) -> FakePlatform:
    return FakePlatform(clock)


@pytest.fixture
def assessments() -> FakeAssessments:
    return FakeAssessments()


CONTENT = b"%PDF-1.7"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def files() -> FakeFiles:
    made = FakeFiles()
    made.put(CONTENT)
    return made


@pytest.fixture
def editing(
    platform: FakePlatform, assessments: FakeAssessments, clock: FakeClock, files: FakeFiles
) -> DocumentEditing:
    return DocumentEditing(
        assessments=assessments,
        documents=OnlyInvoiceIds(),  # type: ignore[arg-type]
        files=files,
        viewer=OWNER,
        chorus=FakeChorus(platform),
        configuration=configuration(),
        revision=3,
        clock=clock,
        actor="mdurand",
    )


def invoice(assessments: FakeAssessments, state: State = State.TO_COMPLETE, **changes: Any) -> AssessmentWork:
    values: dict[str, Any] = {
        "row_version": RowVersion(invoice_id=7, state=state, version=1),
        "document_id": 107,
        "document": portal_document(),
        "reading": reading(),
        "edits": {},
        "provider_scope": (),
        "content_sha256": SHA,
    }
    return assessments.add(AssessmentWork(**{**values, **changes}), assessed=3)


def typed(assessments: FakeAssessments) -> dict[str, Any]:
    return {name: edit.value for name, edit in assessments.values(7)["edits"].items()}


def test_typed_values_are_stored_in_canonical_form_with_who_and_when(
    editing: DocumentEditing, assessments: FakeAssessments, clock: FakeClock
) -> None:
    invoice(assessments)
    set_fields(editing, 107, {"total_incl_tax": "1 800,00 €", "issue_date": "18/11/2026", "type": "avoir"})
    assert typed(assessments) == {"total_incl_tax": "1800.00", "issue_date": "2026-11-18", "type": "credit_note"}
    assert assessments.values(7)["edits"]["type"] == Edit(value="credit_note", actor="mdurand", at=clock.now())


def test_an_edit_has_the_invoice_assessed_again(editing: DocumentEditing, assessments: FakeAssessments) -> None:
    invoice(assessments)
    set_fields(editing, 107, {"engagement_number": "1300"})
    assert assessments.to_assess(3, limit=1)


def test_a_vat_table_is_stored_as_json_and_read_back(editing: DocumentEditing, assessments: FakeAssessments) -> None:
    invoice(assessments)
    set_fields(editing, 107, {"vat": "20 : 1 000,00 : 200,00"})
    assert typed(assessments) == {"vat": [{"rate": "20.00", "base": "1000.00", "amount": "200.00"}]}
    draft = map_invoice(reading(), document=portal_document(), edits=typed(assessments))
    assert draft.vat_rows() == (vat_row("20.00", "1000.00", "200.00"),)


def test_an_empty_value_takes_an_edit_back(
    editing: DocumentEditing, assessments: FakeAssessments, clock: FakeClock
) -> None:
    invoice(assessments, edits={"comment": Edit(value="Lot 3", actor="x", at=clock.now())})
    set_fields(editing, 107, {"comment": " "})
    assert typed(assessments) == {}


def test_a_dash_says_that_there_is_no_such_value(editing: DocumentEditing, assessments: FakeAssessments) -> None:
    invoice(assessments)
    set_fields(editing, 107, {"engagement_number": "-"})
    assert typed(assessments) == {"engagement_number": ""}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"montant": "1"}, "There is no field 'montant'; allowed are invoice_number, issue_date"),
        ({"total_incl_tax": "1.800"}, "'total_incl_tax' is '1.800', which is no unambiguous amount"),
        ({"payment_mode": "or"}, "choose one of CHEQUE"),
        ({"issue_date": "hier"}, "18/11/2026"),
        ({}, "No field was given"),
    ],
)
def test_what_cannot_be_stored_changes_nothing_and_says_what_is_allowed(
    editing: DocumentEditing, assessments: FakeAssessments, values: dict[str, str], shown: str
) -> None:
    invoice(assessments)
    with pytest.raises(InputError, match=shown):
        set_fields(editing, 107, {**values, "comment": "fine"} if values else values)
    assert typed(assessments) == {}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        canonical_edits({"montant": "1", "issue_date": "hier"})
    assert "montant" in raised.value.what
    assert "hier" in raised.value.what


def test_an_unknown_document_is_said_to_be_unknown(editing: DocumentEditing) -> None:
    with pytest.raises(InputError, match="There is no document 1"):
        set_fields(editing, 1, {"comment": "x"})


def test_what_is_being_sent_cannot_be_edited(editing: DocumentEditing, assessments: FakeAssessments) -> None:
    invoice(assessments, State.UNKNOWN)
    with pytest.raises(MoveForbiddenError):
        set_fields(editing, 107, {"comment": "x"})


# ---------------------------------------------------------------- frozen

FROZEN = {"frozen_number": "2026-FA-1", "frozen_supplier": SUPPLIER}
CHANGES = [{"invoice_number": "2026-FA-2"}, {"supplier_siret": "33254021516365"}, {"invoice_number": ""}]


@pytest.mark.parametrize("values", CHANGES)
def test_a_frozen_number_or_supplier_changes_after_an_empty_search_by_the_old_ones(
    editing: DocumentEditing, assessments: FakeAssessments, platform: FakePlatform, values: dict[str, str]
) -> None:
    invoice(assessments, **FROZEN)
    set_fields(editing, 107, values)
    assert platform.calls["search"] == 1
    assert assessments.values(7)["judged_revision"] is None


@pytest.mark.parametrize("values", CHANGES)
def test_a_frozen_number_that_the_platform_shows_does_not_change(
    editing: DocumentEditing, assessments: FakeAssessments, platform: FakePlatform, values: dict[str, str]
) -> None:
    invoice(assessments, **FROZEN)
    held = platform.take(a_submission())
    with pytest.raises(InputError, match=f"2026-FA-1 \\(no. {held.chorus_id}, Deposited\\)"):
        set_fields(editing, 107, values)
    assert typed(assessments) == {}


def test_a_search_that_fails_is_no_empty_search(
    editing: DocumentEditing, assessments: FakeAssessments, platform: FakePlatform
) -> None:
    invoice(assessments, **FROZEN)
    platform.fail("search", Fault.UNAVAILABLE)
    with pytest.raises(RemoteUnavailableError):
        set_fields(editing, 107, {"invoice_number": "2026-FA-2"})
    assert typed(assessments) == {}


def test_without_a_provider_that_can_search_it_does_not_change(
    editing: DocumentEditing, assessments: FakeAssessments
) -> None:
    invoice(assessments, frozen_number="2026-FA-1", frozen_supplier="11111111111111")
    with pytest.raises(InputError, match="11111111111111"):
        set_fields(editing, 107, {"invoice_number": "2026-FA-2"})


@pytest.mark.parametrize("values", [{"comment": "Lot 3"}, {"invoice_number": "2026-fa-1"}])
def test_what_does_not_touch_the_frozen_values_needs_no_search(
    editing: DocumentEditing, assessments: FakeAssessments, platform: FakePlatform, values: dict[str, str]
) -> None:
    invoice(assessments, **FROZEN)
    set_fields(editing, 107, values)
    assert platform.calls["search"] == 0


# ---------------------------------------------------------------- shelving


@pytest.mark.parametrize(("action", "state"), [("hold", State.HELD), ("discard", State.DISCARDED)])
@pytest.mark.parametrize("back", ["release", "restore"])
def test_a_shelved_document_comes_back_to_where_it_was(
    editing: DocumentEditing, assessments: FakeAssessments, action: str, state: State, back: str
) -> None:
    invoice(assessments)
    getattr(edit_document, action)(editing, 107, reason=" wait ")
    assert assessments.state(7) is state
    shelved = assessments.values(7)
    assert (shelved["shelved_from"], shelved["shelved_reason"]) == (State.TO_COMPLETE, "wait")
    assert getattr(edit_document, back)(editing, 107, reason="go on") is State.TO_COMPLETE
    assert assessments.state(7) is State.TO_COMPLETE


def test_a_document_can_be_read_again(editing: DocumentEditing, assessments: FakeAssessments) -> None:
    invoice(assessments)
    edit_document.reread(editing, 107, reason="better OCR")
    assert assessments.state(7) is State.MATCHED and assessments.causes(7) == ["better OCR"]
    assert "content_sha256" not in assessments.values(7)


def test_a_lost_copy_is_taken_from_the_portal_again(
    editing: DocumentEditing, assessments: FakeAssessments, files: FakeFiles
) -> None:
    invoice(assessments)
    files.contents.clear()
    edit_document.reread(editing, 107)
    values = assessments.values(7)
    assert assessments.state(7) is State.MATCHED
    assert (values["content_sha256"], values["criteria_revision"]) == (None, None), "the match copies it"


@pytest.mark.parametrize("action", ["hold", "discard", "release", "restore", "reread"])
def test_everything_a_person_does_has_a_reason(
    editing: DocumentEditing, assessments: FakeAssessments, action: str
) -> None:
    invoice(assessments)
    with pytest.raises(InputError, match="reason"):
        getattr(edit_document, action)(editing, 107, reason="  ")
    assert assessments.state(7) is State.TO_COMPLETE
