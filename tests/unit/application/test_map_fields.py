"""Mapping and assessing in batches."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from include.application.mapping.map_fields import MapCounts
from include.application.ports.assessments import AssessmentWork
from include.application.progress import Reached, Step
from include.domain.errors import DatabaseMissingError, InternalError
from include.domain.lifecycle import RowVersion, State
from include.domain.reasons import Reason
from include.domain.transitions.mapping import Edit
from tests.factories import BODY, PROVIDER_KEY, SUPPLIER, configuration, portal_document
from tests.fakes.chorus import Fault
from tests.fakes.clock import FakeClock
from tests.unit.application.map_world import OTHER_BODY, OTHER_SUPPLIER, World, complete_reading


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


# ---------------------------------------------------------------- learned lines


def test_a_learned_wording_makes_an_invoice_ready_and_is_told(world: World) -> None:
    world.recipients.teach("Mairie d'Annecy", BODY)
    world.invoice(reading=complete_reading(recipient_siret=None, recipient_name="MAIRIE D'ANNECY"))
    assert world.run().ready == 1
    assessment = world.assessments.recorded[1]
    assert [warning.code for warning in assessment.warnings] == ["recipient_learned"]
    assert [(line.wording, line.siret) for line in assessment.draft.learned_lines] == [("MAIRIE D'ANNECY", BODY)]


def test_what_was_learned_in_another_environment_means_nothing(world: World) -> None:
    world.recipients.teach("Mairie d'Annecy", BODY, environment="qualification")
    world.invoice(reading=complete_reading(recipient_siret=None, recipient_name="Mairie d'Annecy"))
    assert world.run().to_complete == 1
    world.chorus.environments["chorus_test"] = "qualification"
    world.revision += 1
    assert world.run().ready == 1


def test_without_provider_no_learned_line_is_used(world: World) -> None:
    world.recipients.teach("Mairie d'Annecy", BODY)
    reading = complete_reading(recipient_siret=None, recipient_name="Mairie d'Annecy", supplier_siret=OTHER_SUPPLIER)
    world.invoice(reading=reading)
    world.run()
    assert world.codes() == ["recipient_wording_unknown", "supplier_unknown"]


# ---------------------------------------------------------------- verdicts


def test_a_complete_invoice_becomes_ready(world: World) -> None:
    world.invoice()
    counts = world.run()
    assert (counts.ready, counts.to_complete, counts.postponed, counts.failures) == (1, 0, 0, [])
    assessment = world.assessments.recorded[1]
    assert (assessment.reasons, assessment.provider_key, assessment.environment) == ((), PROVIDER_KEY, "simulator")
    assert assessment.draft.shown("amount_due") == "1200.00"
    assert assessment.announce is False


def test_an_incomplete_one_waits_for_a_person_with_its_reasons(world: World) -> None:
    world.invoice(reading=complete_reading(invoice_number=None, currency=None))
    assert world.run().to_complete == 1
    assert world.codes() == ["missing_invoice_number", "missing_currency"]


def test_only_what_entered_a_state_is_counted(world: World) -> None:
    world.invoice(row_version=RowVersion(invoice_id=1, state=State.READY, version=4))
    counts = world.run()
    assert (counts.ready, counts.assessed) == (0, 1)


def test_an_invoice_without_provider_is_assessed_without_the_directory(world: World) -> None:
    world.invoice(reading=complete_reading(supplier_siret="11111111111111"))
    world.run()
    assert world.codes() == ["supplier_unknown"]
    assert world.assessments.recorded[1].provider_key is None
    assert world.platform.calls["find"] == 0


def test_a_ready_invoice_of_a_provider_that_does_not_send_by_itself_is_announced(world: World) -> None:
    manual = {**configuration().providers[0].model_dump(), "automatic_submission": False}
    world.configuration = configuration(providers=[manual])
    world.invoice(1)
    world.invoice(2, reading=complete_reading(type=None))
    world.run()
    assert [world.assessments.recorded[n].announce for n in (1, 2)] == [True, False]


def test_the_scope_of_the_criteria_is_obeyed(world: World) -> None:
    world.invoice(provider_scope=("Another",))
    world.run()
    assert world.codes() == ["supplier_out_of_scope"]


def test_what_a_person_typed_is_mapped(world: World) -> None:
    typed = {"invoice_number": Edit(value="TYPED-1", actor="mdurand", at=world.clock.now())}
    world.invoice(reading=Reason(code="no_text"), edits=typed)
    world.run()
    assert world.assessments.recorded[1].draft.text("invoice_number") == "TYPED-1"


def test_the_configuration_s_wordings_labels_and_associations_are_used(world: World) -> None:
    changed = {
        **configuration().providers[0].model_dump(),
        "bank_details": {"labels": [{"label": "CIC", "name": "Compte CIC"}]},
    }
    world.configuration = configuration(
        providers=[changed],
        metadata_association=[{"classification_rule": "facture CLIENT", "fields": {"bank_details": "rib"}}],
        recipients=[
            {"siret": BODY, "wordings": ["Mairie d'Annecy"], "services": [{"code": "ST01", "wordings": ["Voirie"]}]}
        ],
    )
    reading = complete_reading(recipient_siret=None, recipient_name="MAIRIE D'ANNECY")
    world.invoice(reading=reading, document=portal_document(metadata={"rib": ("cic",)}))
    assert world.run().ready == 1
    draft = world.assessments.recorded[1].draft
    assert (draft.text("recipient_siret"), draft.text("bank_details")) == (BODY, "Compte CIC")


def test_an_invoice_dated_tomorrow_in_paris_waits(world: World) -> None:
    late = FakeClock(dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC))  # 21 November in Paris
    for number, date in ((1, "2026-11-21"), (2, "2026-11-22")):
        world.invoice(number, reading=complete_reading(issue_date=date))
    world.clock = late
    world.run()
    assert (world.codes(1), world.codes(2)) == ([], ["issue_date_future"])


def test_linked_documents_go_along(world: World) -> None:
    sends = {**configuration().providers[0].model_dump(), "send_attachments": True}
    world.configuration = configuration(providers=[sends])
    world.invoice(linked=(portal_document("Factures/bl.pdf", b"%PDF-1 note"),))
    world.run()
    assert world.assessments.recorded[1].attachments == ("Factures/bl.pdf",)


def test_what_the_portal_links_and_does_not_have_keeps_the_invoice_back_where_attachments_go(world: World) -> None:
    sends = {**configuration().providers[0].model_dump(), "send_attachments": True}
    world.invoice(1, missing_links=("Factures/bl.pdf",))
    world.run()
    assert world.codes(1) == []
    world.configuration = configuration(providers=[sends])
    world.invoice(2, missing_links=("Factures/bl.pdf",))
    world.run()
    assert world.codes(2) == ["attachment_missing"]


def test_a_frozen_number_that_changed_is_a_reason(world: World) -> None:
    world.invoice(frozen_number="OLD1", frozen_supplier=SUPPLIER)
    world.run()
    assert world.codes() == ["frozen_invoice_number"]


# ---------------------------------------------------------------- batches


def test_what_waits_does_not_keep_out_what_is_behind_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.application.mapping.map_fields.BATCH", 3)
    for number in range(7):
        world.invoice(number, reading=complete_reading(recipient_siret=OTHER_BODY))
    world.platform.fail("find", Fault.UNAVAILABLE)
    world.cache.put("simulator", world.platform.add_body(BODY), now=world.clock.now())
    for number in range(7, 12):
        world.invoice(number)
    counts = world.run()
    assert (counts.postponed, counts.ready) == (7, 5)


def test_a_limit_is_a_limit(world: World) -> None:
    for number in range(5):
        world.invoice(number)
    assert world.run(limit=2).ready == 2
    assert world.run(limit=2).ready == 2
    assert world.run(limit=2).ready == 1


def test_only_the_documents_asked_for_are_assessed(world: World) -> None:
    for number in range(3):
        world.invoice(number)
    assert world.run(document_ids=[101]).ready == 1
    assert list(world.assessments.recorded) == [1]


def test_whoever_is_too_late_assesses_once_more_in_the_same_pass(world: World) -> None:
    """A new directory entry changes every invoice that uses it, those of the running batch too."""
    world.invoice(1)
    world.assessments.somebody_is_first[1] = 1
    assert world.run().ready == 1


def test_whoever_is_always_too_late_leaves_it_to_the_next_pass(world: World) -> None:
    world.invoice(1)
    world.invoice(2)
    world.assessments.somebody_is_first[1] = 99
    counts = world.run()
    assert (counts.ready, counts.assessed) == (1, 1)
    assert world.assessments.somebody_is_first[1] == 97


def test_an_error_of_ours_costs_one_invoice_and_fails_the_pass(world: World, caplog: pytest.LogCaptureFixture) -> None:
    broken = dataclasses.replace(world.invoice(1), edits=None)  # type: ignore[arg-type]
    world.assessments.add(broken)
    world.invoice(2)
    [failure] = world.run().failures
    assert world.assessments.state(2) is State.READY
    assert world.assessments.state(1) is State.TO_COMPLETE
    [reason] = world.assessments.store.invoices[1].values["reasons"]
    [fault] = world.internal_errors.faults
    assert (reason.code, reason.params["stage"]) == ("internal_error", "map")
    assert fault.reference == reason.params["reference"] in caplog.text
    assert "invoice 1, document 101" in caplog.text
    assert isinstance(failure, InternalError) and fault.reference in str(failure)
    version = world.assessments.store.invoices[1].row_version
    world.run()
    assert world.assessments.store.invoices[1].row_version == version, "the same error changes nothing twice"
    assert len([event for event in world.assessments.store.outbox.events.values() if event.kind == "alert"]) == 1


def test_a_fault_of_the_store_ends_the_pass(world: World) -> None:
    def gone(_work: AssessmentWork) -> None:
        raise DatabaseMissingError("The database is gone.")

    world.assessments.before_record = gone
    world.invoice(1)
    with pytest.raises(DatabaseMissingError):
        world.run()


def test_with_nothing_due_nothing_is_asked(world: World) -> None:
    assert world.run() == MapCounts()
    assert sum(world.platform.calls.values()) == 0


def test_who_watches_hears_how_many_are_assessed_of_those_that_are_due(world: World) -> None:
    for invoice_id in (1, 2, 3):
        world.invoice(invoice_id)
    world.assessments.somebody_is_first[2] = 1
    heard: list[Reached] = []
    world.run(watch=heard.append)
    assert heard == [Reached(step=Step.MAP, done=done, total=3) for done in range(4)]
