"""What the store promises about assessing and editing (port `Assessments`)."""

from __future__ import annotations

import dataclasses

import pytest

from include.application.ports.assessments import AssessmentWork
from include.domain.attachments import AddedFile, AttachmentEdits
from include.domain.causes import CauseCode, free_text
from include.domain.errors import MoveForbiddenError, StaleError
from include.domain.lifecycle import State
from include.domain.mapping import sent_digest
from include.domain.reasons import Reason
from include.domain.transitions.mapping import Assessment, Edit
from tests.contracts.store.worlds import World
from tests.factories import PROVIDER_KEY, complete_draft
from tests.fakes.clock import START

COMPLETE = Assessment(draft=complete_draft(), reasons=(), provider_key=PROVIDER_KEY, environment="simulator")
MISSING = dataclasses.replace(COMPLETE, reasons=(Reason(code="field_missing", field="invoice_number"),))


def assess(world: World, work: AssessmentWork, assessment: Assessment = COMPLETE, revision: int = 1) -> State | None:
    return world.assessments.record_assessment(work, assessment, revision=revision, now=START)


def due(world: World, revision: int = 1, limit: int = 9) -> list[int]:
    return [work.row_version.invoice_id for work in world.assessments.to_assess(revision, limit=limit)]


def test_what_was_read_is_assessed_once_in_each_revision(world: World) -> None:
    first, second = world.invoice("A"), world.invoice("B")
    ids = [first.row_version.invoice_id, second.row_version.invoice_id]
    assert due(world) == ids and due(world, limit=1) == ids[:1]
    assert world.assessments.to_assess(1, limit=9, document_ids=[second.document_id]) == [second]
    assert assess(world, first) is State.READY
    assert due(world) == ids[1:] and due(world, revision=2) == ids


def test_what_is_due_is_counted_whatever_the_limit(world: World) -> None:
    first, second = world.invoice("A"), world.invoice("B")
    count = world.assessments.count_to_assess
    assert (count(1), count(1, document_ids=[second.document_id]), count(1, document_ids=[999])) == (2, 1, 0)
    assess(world, first)
    assert (count(1), count(2)) == (1, 2)


def test_an_assessment_moves_logs_and_tells_in_one_go(world: World) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    assert assess(world, work, MISSING) is State.TO_COMPLETE
    held = world.held(invoice_id)
    assert (held.state, held.version) == (State.TO_COMPLETE, work.row_version.version + 1)
    [(after, cause, actor)] = world.log(invoice_id)
    assert (after, cause.code, cause.reasons, actor) == (
        State.TO_COMPLETE,
        CauseCode.INCOMPLETE,
        MISSING.reasons,
        "system",
    )
    assert world.told() == [("awaiting_submission", None)]


def test_the_loser_of_two_writes_nothing(world: World) -> None:
    work = world.invoice()
    assert assess(world, work) is State.READY
    before = world.held(work.row_version.invoice_id)
    assert assess(world, work, MISSING) is None
    assert world.held(work.row_version.invoice_id) == before and world.told() == []


def test_one_that_is_to_be_assessed_again_is_due_in_the_same_revision(world: World) -> None:
    work = world.invoice()
    assess(world, work, dataclasses.replace(COMPLETE, again=True))
    assert due(world) == [work.row_version.invoice_id]


def test_the_same_values_that_were_refused_stay_refused_until_a_person_opens_them(world: World) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    world.set(invoice_id, state=State.REFUSED, refused_values=sent_digest(COMPLETE.draft, PROVIDER_KEY, (), {}))
    [refused] = world.assessments.to_assess(1, limit=1)
    assert assess(world, refused) is State.REFUSED and due(world) == []
    world.assessments.reopen(invoice_id, actor="anna", now=START)
    [opened] = world.assessments.to_assess(1, limit=1)
    assert opened.refused_values is None and assess(world, opened) is State.READY


def test_typed_values_are_kept_with_who_and_when_and_taken_back(world: World) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    assess(world, work)
    world.assessments.edit(invoice_id, {"invoice_number": "1", "currency": "EUR"}, actor="anna", now=START)
    world.assessments.edit(invoice_id, {"currency": None}, actor="bob", now=START)
    [again] = world.assessments.to_assess(1, limit=1)
    assert again.edits == {"invoice_number": Edit(value="1", actor="anna", at=START)}


@pytest.mark.parametrize("state", [State.SUBMITTING, State.UNKNOWN, State.SUBMITTED, State.MATCHED])
def test_what_is_frozen_or_not_read_cannot_be_edited(world: World, state: State) -> None:
    invoice_id = world.invoice().row_version.invoice_id
    world.set(invoice_id, state=state)
    with pytest.raises(MoveForbiddenError):
        world.assessments.edit(invoice_id, {"invoice_number": "1"}, actor="anna", now=START)


@pytest.mark.parametrize("shelf", [State.HELD, State.DISCARDED])
def test_what_is_shelved_is_left_alone_and_comes_back_to_where_it_was(world: World, shelf: State) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    assess(world, work, MISSING)
    world.assessments.shelve(invoice_id, shelf, reason="wait", actor="anna", now=START)
    assert world.held(invoice_id).state is shelf and due(world, revision=2) == []
    back = world.assessments.unshelve(invoice_id, actor="bob", reason="go", now=START)
    assert back is State.TO_COMPLETE and world.held(invoice_id).state is State.TO_COMPLETE
    shelving = [(shelf, free_text("wait"), "anna"), (State.TO_COMPLETE, free_text("go"), "bob")]
    assert world.log(invoice_id)[1:] == shelving


def test_what_is_not_shelved_cannot_be_released_and_what_was_sent_not_shelved(world: World) -> None:
    invoice_id = world.invoice().row_version.invoice_id
    with pytest.raises(MoveForbiddenError):
        world.assessments.unshelve(invoice_id, actor="a", reason="r", now=START)
    world.set(invoice_id, state=State.SUBMITTED)
    with pytest.raises(MoveForbiddenError):
        world.assessments.shelve(invoice_id, State.HELD, reason="r", actor="a", now=START)


def test_reading_again_begins_at_matched(world: World) -> None:
    invoice_id = world.invoice().row_version.invoice_id
    world.assessments.reread(invoice_id, actor="anna", reason="better", now=START)
    assert world.log(invoice_id) == [(State.MATCHED, free_text("better"), "anna")]
    with pytest.raises(MoveForbiddenError):
        world.assessments.reread(invoice_id, actor="anna", reason="again", now=START)


def test_an_opened_invoice_is_as_it_would_be_assessed_whether_it_is_due_or_not(world: World) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    assert assess(world, work) is State.READY
    opened = world.assessments.opened(work.document_id)
    assert opened is not None
    assert opened.row_version == world.held(invoice_id)
    assert (opened.document, opened.reading, opened.edits) == (work.document, work.reading, {})
    assert world.assessments.opened(work.document_id + 99) is None


@pytest.mark.parametrize("state", [State.SUBMITTING, State.UNKNOWN, State.SUBMITTED, State.HELD, State.DISCARDED])
def test_nobody_types_values_or_changes_files_of_what_is_on_its_way_or_put_aside(world: World, state: State) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    world.set(invoice_id, state=state)
    assert world.assessments.opened(work.document_id) is None
    with pytest.raises(MoveForbiddenError):
        edit_files(world, invoice_id)
    assert not world.value(invoice_id, "attachment_edits")


FILE = AddedFile(name="bl.pdf", sha256="a" * 64, size=7, type="DIVERS", actor="anna", at=START)


def edit_files(world: World, invoice_id: int, expected: int | None = None) -> None:
    edits = AttachmentEdits(added=(FILE,), left_out=("Bons/1.pdf",), types={"Bons/2.pdf": "RIB"})
    version = world.held(invoice_id).version if expected is None else expected
    world.assessments.edit_attachments(invoice_id, edits, actor="anna", now=START, expected=version)


def test_files_that_a_person_added_are_kept_and_the_invoice_is_due_again(world: World) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    assess(world, work)
    before = world.held(invoice_id).version
    edit_files(world, invoice_id)
    assert (world.held(invoice_id).version, due(world)) == (before + 1, [invoice_id])
    [again] = world.assessments.to_assess(1, limit=9)
    assert again.attachment_edits == AttachmentEdits(
        added=(FILE,), left_out=("Bons/1.pdf",), types={"Bons/2.pdf": "RIB"}
    )
    going = dataclasses.replace(COMPLETE, attachments=(FILE.key,), attachment_types={FILE.key: "DIVERS"})
    assert assess(world, again, going) is State.READY
    [sending] = world.ledger.ready(PROVIDER_KEY, 1, limit=9)
    assert (sending.attachments, sending.attachment_edits.file(FILE.key)) == ((FILE.key,), FILE)


def test_whoever_saw_an_older_version_changes_no_files(world: World) -> None:
    work = world.invoice()
    invoice_id = work.row_version.invoice_id
    with pytest.raises(StaleError):
        edit_files(world, invoice_id, expected=work.row_version.version + 1)
    assert not world.value(invoice_id, "attachment_edits")


def test_files_alone_make_an_unreadable_invoice_due(world: World) -> None:
    work = world.invoice()
    assess(world, work)
    world.set(work.row_version.invoice_id, state=State.UNREADABLE)
    assert due(world, revision=2) == []
    edit_files(world, work.row_version.invoice_id)
    assert due(world) == [work.row_version.invoice_id]
