"""What answers, lapsed leases and searches mean, decided without any store (docs/reference/exactly-once.md 2 to 4)."""

from __future__ import annotations

import pytest

from include.domain.causes import CauseCode, cause
from include.domain.lifecycle import CONFIRMABLE, State
from include.domain.notification import EventKind
from include.domain.reasons import Reason
from include.domain.submission import AttemptState
from include.domain.transitions import submission as rules
from include.domain.transitions.change import Change
from tests.factories import LOST, NEVER_LEFT, found_as_sent
from tests.unit.transitions.situations import DELAY, LATER, NOW, OWNER, TAKEN, attempt, held, sent

UNRESOLVED, REFUSED = AttemptState.UNRESOLVED, AttemptState.REFUSED


def closed(change: Change) -> list[tuple[int, AttemptState]]:
    return [(one.attempt_id, one.state) for one in change.attempts]


def causes(change: Change) -> list[CauseCode]:
    return [move.cause.code for move in change.moves]


def test_a_claim_names_its_worker_as_owner_and_actor() -> None:
    change = rules.claimed(held(State.READY), environment="simulator", owner=OWNER)
    change.check()
    assert (change.after, change.actor, change.values["owner"]) == (State.SUBMITTING, OWNER, OWNER)
    assert "lease_until" not in change.values, "the lease is by the database's clock"


class TestAnswers:
    def test_taken_is_submitted_and_told(self) -> None:
        change = rules.taken(sent(), 1, OWNER, TAKEN, now=NOW)
        change.check()
        assert (change.after, closed(change)) == (State.SUBMITTED, [(1, AttemptState.TAKEN)])
        assert change.values["chorus_id"] == TAKEN.chorus_id and change.values["owner"] is None
        assert [event.kind for event in change.events] == [EventKind.SUBMITTED]

    @pytest.mark.parametrize("state", sorted(CONFIRMABLE - {State.SUBMITTING}))
    def test_taken_is_submitted_whatever_we_made_of_it_meanwhile(self, state: State) -> None:
        change = rules.taken(sent(state), 1, OWNER, TAKEN, now=NOW)
        change.check()
        assert change.after is State.SUBMITTED and change.values["shelved_from"] is None

    def test_a_late_answer_takes_nothing_from_a_newer_claim(self) -> None:
        change = rules.taken(sent(owner="another"), 1, OWNER, TAKEN, now=NOW)
        assert not change.touches_row and closed(change) == [(1, AttemptState.TAKEN)]

    @pytest.mark.parametrize("state", [State.SUBMITTED, State.TO_PROCESS, State.CORRECTING, State.CLOSED])
    def test_taken_moves_nothing_that_the_platform_is_known_to_hold(self, state: State) -> None:
        assert not rules.taken(sent(state), 1, OWNER, TAKEN, now=NOW).touches_row

    def test_surely_not_sent_is_ready_again(self) -> None:
        change = rules.not_sent(sent(), 1, OWNER, NEVER_LEFT, now=NOW)
        change.check()
        assert (change.after, closed(change)) == (State.READY, [(1, AttemptState.NOT_SENT)])
        assert change.moves[0].cause == NEVER_LEFT and change.values["owner"] is None

    def test_surely_not_sent_is_submitted_when_an_earlier_attempt_was_taken_late(self) -> None:
        known = attempt(1, AttemptState.TAKEN, chorus_id=6999)
        change = rules.not_sent(sent(State.SUBMITTING, known, attempt(2)), 2, OWNER, NEVER_LEFT, now=NOW)
        change.check()
        assert (change.after, change.values["chorus_id"]) == (State.SUBMITTED, 6999)
        assert closed(change) == [(2, AttemptState.NOT_SENT)] and causes(change) == [CauseCode.EARLIER_TAKEN]

    @pytest.mark.parametrize(
        "lost",
        [sent(State.UNKNOWN), sent(owner="another"), sent(State.SUBMITTING, attempt(1), attempt(2))],
        ids=["lapsed", "taken over", "a newer attempt"],
    )
    def test_a_sender_that_lost_the_row_only_closes_its_attempt(self, lost: rules.SentInvoice) -> None:
        change = rules.not_sent(lost, 1, OWNER, NEVER_LEFT, now=NOW)
        assert not change.touches_row and closed(change) == [(1, AttemptState.NOT_SENT)]
        nothing = rules.unresolved(lost, 1, OWNER, LOST, search_after_seconds=DELAY, now=NOW)
        assert not nothing.touches_row and not nothing.attempts

    def test_nobody_knows_is_unknown_and_searched_again_after_the_delay(self) -> None:
        change = rules.unresolved(sent(), 1, OWNER, LOST, search_after_seconds=DELAY, now=NOW)
        change.check()
        assert (change.after, closed(change)) == (State.UNKNOWN, [(1, UNRESOLVED)])
        wanted = {"ever_unknown": True, "empty_searches": 0, "search_after": LATER}
        assert wanted.items() <= change.values.items()

    def test_a_lapsed_lease_leaves_what_is_stored_of_an_attempt(self) -> None:
        both = sent(State.SUBMITTING, attempt(1, REFUSED), attempt(2))
        change = rules.lease_ran_out(both, search_after_seconds=DELAY, now=NOW)
        assert (change.after, closed(change)) == (State.UNKNOWN, [(2, UNRESOLVED)])

    def test_a_refusal_is_stored_and_moves_nothing_before_the_search(self) -> None:
        change = rules.refused(sent(), 1, 29900, "no", "{}")
        assert not change.touches_row and closed(change) == [(1, REFUSED)]


class TestSearches:
    def test_found_as_sent_is_submitted_and_closes_that_attempt(self) -> None:
        unknown = sent(State.UNKNOWN, attempt(1, REFUSED), attempt(2, UNRESOLVED))
        _, change = rules.searched(unknown, [found_as_sent()], search_after_seconds=DELAY, now=NOW)
        assert change.after is State.SUBMITTED and closed(change) == [(2, AttemptState.TAKEN)]

    def test_found_with_other_values_is_refused_and_names_it(self) -> None:
        other = found_as_sent(recipient_siret="99999999900019")
        _, change = rules.searched(
            sent(State.UNKNOWN, attempt(1, UNRESOLVED)), [other], search_after_seconds=DELAY, now=NOW
        )
        [reason] = change.values["reasons"]
        assert (change.after, reason.code) == (State.REFUSED, "found_with_other_values")
        assert change.values["refused_values"] and reason.params["chorus_id"] == str(other.chorus_id)

    @pytest.mark.parametrize(
        ("empty", "now", "after"), [(0, LATER, "unknown"), (1, NOW, "unknown"), (1, LATER, "ready")]
    )
    def test_not_found_is_ready_only_after_the_delay_and_a_second_search(
        self, empty: int, now: object, after: str
    ) -> None:
        unknown = sent(State.UNKNOWN, attempt(1, UNRESOLVED), empty_searches=empty, search_after=LATER)
        _, change = rules.searched(unknown, [], search_after_seconds=DELAY, now=now)  # type: ignore[arg-type]
        assert change.after == after
        if after == "ready":
            assert change.values == {"judged_revision": None}, "assessed again first"
        else:
            assert change.values == {"empty_searches": empty + 1} and not change.moves

    def test_not_found_before_a_resend_lets_the_claim_go_on(self) -> None:
        _, change = rules.searched(sent(State.READY, attempt(1, UNRESOLVED)), [], search_after_seconds=DELAY, now=NOW)
        assert change.after is State.READY and not change.touches_row

    def test_found_with_other_values_before_a_resend_waits_for_a_person(self) -> None:
        other = found_as_sent(recipient_siret="99999999900019")
        _, change = rules.searched(
            sent(State.READY, attempt(1, UNRESOLVED)), [other], search_after_seconds=DELAY, now=NOW
        )
        change.check()
        assert change.after is State.TO_COMPLETE and "refused_values" not in change.values

    def test_after_a_refusal_nothing_found_is_refused_in_the_platforms_words(self) -> None:
        refused = sent(State.SUBMITTING, attempt(1, REFUSED, refusal_number=29900, refusal_label="no"))
        outcome, change = rules.after_refusal_searched(refused, [], search_after_seconds=DELAY, now=NOW)
        change.check()
        assert change.after is State.REFUSED and outcome.cause.code is CauseCode.REFUSED
        assert change.values["reasons"][0].params["number"] == "29900"
        assert [event.kind for event in change.events] == [EventKind.AWAITING_SUBMISSION]

    @pytest.mark.parametrize("found", [None, []])
    def test_after_a_refusal_an_earlier_unresolved_attempt_keeps_it_unknown(self, found: list[object] | None) -> None:
        both = sent(State.SUBMITTING, attempt(1, UNRESOLVED), attempt(2, REFUSED))
        _, change = rules.after_refusal_searched(
            both,
            found,  # type: ignore[arg-type]
            search_after_seconds=DELAY,
            now=NOW,
        )
        assert change.after is State.UNKNOWN

    def test_a_retrieval_recognises_only_what_an_unresolved_attempt_sent(self) -> None:
        unknown = sent(State.UNKNOWN, attempt(1, UNRESOLVED))
        change = rules.recognised(unknown, found_as_sent(), now=NOW)
        assert change is not None and change.after is State.SUBMITTED
        assert rules.recognised(unknown, found_as_sent(recipient_siret="99999999900019"), now=NOW) is None
        assert rules.recognised(sent(State.REFUSED, attempt(1, REFUSED)), found_as_sent(), now=NOW) is None


def test_what_cannot_be_sent_is_told_once_for_the_same_values() -> None:
    reasons = (Reason(code="attachment_missing", params={"name": "a"}),)
    first, again = (rules.not_sendable(sent(State.READY), reasons, now=now) for now in (NOW, LATER))
    first.check()
    assert first.after is State.TO_COMPLETE and first.moves[0].cause.reasons == reasons
    assert first.events[0].once is not None and first.events[0].once == again.events[0].once


def test_a_number_that_means_another_invoice_now_is_remembered_without_a_move() -> None:
    change = rules.number_lost(held(State.SUBMITTED), 7001, to=9)
    change.check()
    assert change.after is State.SUBMITTED and change.values == {"chorus_id": None}
    assert change.moves[0].cause == cause(CauseCode.NUMBER_GIVEN_TO, chorus_id=7001, invoice=9)
