"""What the portal, the criteria and the reading make of an invoice, decided without any store."""

from __future__ import annotations

import dataclasses

import pytest

from include.domain.causes import CauseCode
from include.domain.lifecycle import FROZEN, SHELVABLE, UNSENT, State
from include.domain.reasons import Reason
from include.domain.transitions import intake as rules
from include.domain.transitions.change import Change
from include.domain.transitions.intake import DocumentRow, MatchResult
from tests.factories import reading
from tests.unit.transitions.situations import NOW, held

TAKEN = MatchResult(matched=True, stored_sha256="new", criteria=("a", "b"), provider_scope=(), reasons=())
NOT_TAKEN = dataclasses.replace(TAKEN, matched=False, stored_sha256=None, criteria=(), reasons=(Reason(code="x"),))
SENT = sorted(set(State) - SHELVABLE - {State.HELD, State.DISCARDED})


def match(before: State, result: MatchResult, *, stored_before: str | None = None) -> Change:
    change = rules.matched(held(before), result, stored_before=stored_before, revision=3)
    change.check()
    assert change.values["criteria_revision"] == 3
    return change


@pytest.mark.parametrize("before", [State.DETECTED, State.IGNORED])
def test_what_a_criterion_takes_is_matched_and_names_it(before: State) -> None:
    change = match(before, TAKEN)
    assert change.after is State.MATCHED and change.moves[0].cause.params == {"criteria": "a, b"}


@pytest.mark.parametrize("before", sorted(SHELVABLE - {State.DETECTED, State.IGNORED, State.MATCHED}))
def test_new_bytes_are_read_anew_and_the_same_bytes_only_assessed_anew(before: State) -> None:
    new = match(before, TAKEN, stored_before="old")
    assert [move.cause.code for move in new.moves] == [CauseCode.NEW_CONTENT] and new.after is State.MATCHED
    same = match(before, TAKEN, stored_before="new")
    assert not same.moves and same.values["judged_revision"] is None


@pytest.mark.parametrize("before", sorted(SHELVABLE - {State.IGNORED, State.UNREADABLE, State.REFUSED}))
def test_what_no_criterion_takes_is_ignored(before: State) -> None:
    change = match(before, NOT_TAKEN)
    assert change.after is State.IGNORED and change.values["reasons"] == NOT_TAKEN.reasons


@pytest.mark.parametrize("before", [State.IGNORED, State.UNREADABLE, State.REFUSED])
def test_what_somebody_has_seen_stays_in_sight(before: State) -> None:
    assert not match(before, NOT_TAKEN).moves


def test_read_says_how_and_unreadable_says_why_and_tells_it() -> None:
    good = rules.read(held(State.MATCHED), reading(), document="f.pdf", now=NOW)
    good.check()
    assert good.after is State.READ and good.moves[0].cause.params == {"kind": reading().kind} and not good.events
    bad = rules.read(held(State.MATCHED), Reason(code="encrypted"), document="f.pdf", now=NOW)
    bad.check()
    assert bad.after is State.UNREADABLE and bad.values["reasons"] == (Reason(code="encrypted"),)
    assert [event.facts["document"] for event in bad.events] == ["f.pdf"]


@pytest.mark.parametrize("state", sorted(SHELVABLE | {State.HELD, State.DISCARDED}))
@pytest.mark.parametrize("same_content", [True, False])
def test_before_submission_a_change_is_matched_and_assessed_anew(state: State, same_content: bool) -> None:
    fate, change = rules.changed(held(state), same_content=same_content)
    assert fate is DocumentRow.REWRITTEN and change is not None
    assert change.values == {"criteria_revision": None, "judged_revision": None}


@pytest.mark.parametrize("state", SENT)
def test_after_submission_a_change_is_only_flagged(state: State) -> None:
    fate, change = rules.changed(held(state), same_content=True)
    assert (fate, change and change.values) == (DocumentRow.KEPT, {"flag": "metadata_changed"})
    fate, change = rules.changed(held(state), same_content=False)
    assert change is not None and change.values == {"flag": "content_changed"} and not change.moves
    assert fate is (DocumentRow.KEPT if state in FROZEN else DocumentRow.SUPERSEDED)


@pytest.mark.parametrize("state", sorted(SHELVABLE))
def test_what_vanished_before_submission_is_held_and_comes_back_by_itself(state: State) -> None:
    away = rules.vanished(held(state))
    away.check()
    assert away.after is State.HELD
    back = rules.returned(
        held(State.HELD), shelved_from=away.values["shelved_from"], shelved_by=away.values["shelved_by"]
    )
    assert back is not None
    back.check()
    assert back.after is state and back.values["shelved_from"] is None


@pytest.mark.parametrize("state", [*SENT, State.HELD, State.DISCARDED])
def test_what_vanished_later_is_only_remembered_and_takes_the_row_from_nobody(state: State) -> None:
    change = rules.vanished(held(state))
    change.check()
    assert change.moves and not change.touches_row


def test_what_a_person_held_stays_when_its_document_returns() -> None:
    assert rules.returned(held(State.HELD), shelved_from=State.READY, shelved_by="person") is None


@pytest.mark.parametrize("state", list(State))
def test_only_unsent_ones_are_recalled_or_given_links_later(state: State) -> None:
    assert (rules.recalled(held(state)) is not None) == (state in UNSENT)
    linked = rules.links_backfilled(held(state), ["a.pdf"], actor="anna")
    assert (linked is not None) == (state in UNSENT | {State.REFUSED, State.HELD, State.DISCARDED})


def test_a_back_fill_is_remembered_beside_earlier_ones() -> None:
    change = rules.backfilled(held(State.IGNORED), ("old",), "new", actor="anna")
    change.check()
    assert change.values == {"backfilled": ["old", "new"], "criteria_revision": None}
    assert change.moves[0].cause.params == {"criterion": "new"} and change.actor == "anna"
