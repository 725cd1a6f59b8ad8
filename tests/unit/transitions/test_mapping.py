"""What an assessment or a person makes of an invoice, decided without any store."""

from __future__ import annotations

import dataclasses

import pytest

from include.domain.causes import CauseCode, free_text
from include.domain.errors import MoveForbiddenError
from include.domain.lifecycle import FROZEN, SHELVABLE, State
from include.domain.mapping import sent_digest
from include.domain.reasons import Reason
from include.domain.transitions import mapping as rules
from include.domain.transitions.change import Change
from include.domain.transitions.mapping import Assessment, Edit
from tests.factories import PROVIDER_KEY, complete_draft
from tests.unit.transitions.situations import NOW, held

COMPLETE = Assessment(draft=complete_draft(), reasons=(), provider_key=PROVIDER_KEY, environment="simulator")
MISSING = dataclasses.replace(COMPLETE, reasons=(Reason(code="field_missing", field="invoice_number"),))


def assess(before: State, assessment: Assessment = COMPLETE, *, refused_values: str | None = None) -> Change:
    change = rules.assessed(
        held(before), assessment, document="f.pdf", refused_values=refused_values, revision=3, now=NOW
    )
    change.check()
    return change


def causes(change: Change) -> list[CauseCode]:
    return [move.cause.code for move in change.moves]


@pytest.mark.parametrize("before", [State.READ, State.TO_COMPLETE])
def test_complete_is_ready(before: State) -> None:
    change = assess(before)
    assert (change.after, causes(change)) == (State.READY, [CauseCode.COMPLETE])
    assert change.values["judged_revision"] == 3 and change.values["invoice_number"] == "2026-FA-1"


@pytest.mark.parametrize("before", [State.READ, State.READY, State.REFUSED, State.UNREADABLE])
def test_incomplete_waits_for_a_person_who_is_told_the_reasons(before: State) -> None:
    change = assess(before, MISSING)
    assert change.after is State.TO_COMPLETE and change.moves[0].cause.reasons == MISSING.reasons
    assert len(change.events) == 1


@pytest.mark.parametrize("before", [State.REFUSED, State.UNREADABLE])
def test_what_changed_after_a_refusal_goes_by_way_of_to_complete(before: State) -> None:
    assert causes(assess(before)) == [CauseCode.VALUES_CHANGED, CauseCode.COMPLETE]


def test_the_same_values_that_were_refused_stay_refused() -> None:
    digest = sent_digest(COMPLETE.draft, PROVIDER_KEY, (), {})
    change = assess(State.REFUSED, refused_values=digest)
    assert change.after is State.REFUSED and change.values == {"judged_revision": 3}


def test_assessed_as_before_it_stays_without_a_line_in_the_log() -> None:
    change = assess(State.READY)
    assert not change.moves and not change.events and change.values["draft"] == COMPLETE.draft


def test_a_ready_one_is_told_only_where_its_provider_waits_for_a_person() -> None:
    assert not assess(State.READ).events
    assert assess(State.READ, dataclasses.replace(COMPLETE, announce=True)).events


def test_one_that_is_assessed_again_belongs_to_no_revision() -> None:
    assert assess(State.READ, dataclasses.replace(COMPLETE, again=True)).values["judged_revision"] is None


def test_labels_are_kept_folded_and_whole() -> None:
    labelled = dataclasses.replace(COMPLETE, draft=complete_draft(user_label="Écoles; Cantines"))
    assert assess(State.READ, labelled).values["labels"] == "|ecoles|cantines|"


def test_an_edit_replaces_and_none_takes_back() -> None:
    before = {"a": Edit(value="1", actor="x", at=NOW), "b": Edit(value="2", actor="x", at=NOW)}
    change = rules.edited(held(State.TO_COMPLETE), before, {"a": "3", "b": None}, actor="anna", now=NOW)
    assert change.values["edits"] == {"a": Edit(value="3", actor="anna", at=NOW)}
    assert change.values["judged_revision"] is None and not change.moves


@pytest.mark.parametrize("state", sorted(FROZEN | {State.SUBMITTED, State.MATCHED, State.HELD}))
def test_what_is_frozen_or_was_never_read_cannot_be_edited(state: State) -> None:
    with pytest.raises(MoveForbiddenError):
        rules.edited(held(state), {}, {"a": "1"}, actor="anna", now=NOW)


@pytest.mark.parametrize("before", sorted(SHELVABLE))
@pytest.mark.parametrize("shelf", [State.HELD, State.DISCARDED])
def test_what_a_person_shelves_comes_back_to_where_it_was(before: State, shelf: State) -> None:
    away = rules.shelved(held(before), shelf, reason="wait", actor="anna")
    away.check()
    assert (away.after, away.moves[0].cause, away.actor) == (shelf, free_text("wait"), "anna")
    back = rules.unshelved(held(shelf), away.values["shelved_from"], reason="go", actor="anna")
    back.check()
    assert back.after is before
    assert (back.values["criteria_revision"], back.values["judged_revision"]) == (None, None)


def test_what_was_sent_is_not_shelved_and_what_is_not_shelved_not_released() -> None:
    with pytest.raises(MoveForbiddenError):
        rules.shelved(held(State.SUBMITTED), State.HELD, reason="r", actor="a")
    with pytest.raises(MoveForbiddenError):
        rules.unshelved(held(State.READY), None, reason="r", actor="a")


def test_a_refused_one_that_is_opened_may_send_the_same_values_again() -> None:
    change = rules.reopened(held(State.REFUSED), actor="anna")
    change.check()
    assert change.after is State.TO_COMPLETE and change.values["refused_values"] is None


def test_reading_again_begins_at_matched_and_only_before_sending() -> None:
    assert rules.reread(held(State.READY), reason="r", actor="a").after is State.MATCHED
    for state in (State.SUBMITTED, State.UNKNOWN, State.HELD):
        with pytest.raises(MoveForbiddenError):
            rules.reread(held(state), reason="r", actor="a")


def test_what_a_person_does_without_a_reason_says_what_it_was() -> None:
    def code(change: Change) -> CauseCode:
        return change.moves[0].cause.code

    assert code(rules.unshelved(held(State.HELD), State.READY, reason=None, actor="a")) is CauseCode.RELEASED
    assert code(rules.unshelved(held(State.DISCARDED), State.READY, reason=None, actor="a")) is CauseCode.RESTORED
    assert code(rules.reread(held(State.READY), reason=None, actor="a")) is CauseCode.REREAD
