"""What an answer or a look at the platform means for a correction under way, decided without any store."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from include.domain.causes import CauseCode
from include.domain.correction import Correction, CorrectionKind, Routing
from include.domain.lifecycle import State
from include.domain.submission import AttemptState
from include.domain.tracking import RemoteDetail
from include.domain.transitions import correction as rules
from include.domain.transitions.correction import CorrectedInvoice, Looked
from tests.factories import BODY, LOST, NEVER_LEFT, PROVIDER_KEY, complete_draft, found_as_sent
from tests.unit.transitions.situations import DELAY, LATER, NOW, held

OTHER = "99999999900019"
RECYCLE = Correction(
    kind=CorrectionKind.RECYCLE,
    chorus_id=7,
    actor="anna",
    before=Routing(recipient_siret=BODY),
    routing=Routing(recipient_siret=OTHER),
)


def under_way(state: State = State.CORRECTING, **changes: object) -> CorrectedInvoice:
    plain = CorrectedInvoice(
        row_version=held(state),
        document="f.pdf",
        draft=complete_draft(),
        provider_key=PROVIDER_KEY,
        number="2026-FA-1",
        recipient_siret=BODY,
        recipient_name=None,
        total_incl_tax=Decimal("1200.00"),
        chorus_id=7,
        status="A_RECYCLER",
        search_after=None,
        empty_searches=0,
        attempt_id=4,
        attempt_state=AttemptState.OPEN,
        correction=RECYCLE,
        answered=False,
        refusal_number=None,
        refusal_label=None,
        newest=True,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def shown(status: str = "DEPOSEE", recipient: str = OTHER) -> RemoteDetail:
    return RemoteDetail(invoice=found_as_sent(status=status, recipient_siret=recipient))


def look(invoice: CorrectedInvoice, detail: RemoteDetail | None, now: dt.datetime = NOW) -> Looked:
    found = rules.looked(invoice, detail, now=now)
    assert found is not None
    if found.change is not None:
        found.change.check()
    return found


def test_a_claim_is_the_act_of_whoever_asked_for_it() -> None:
    change = rules.claimed(held(State.TO_PROCESS), RECYCLE, owner="worker")
    change.check()
    assert (change.after, change.actor, change.values["owner"]) == (State.CORRECTING, "anna", "worker")


def test_surely_not_taken_is_to_process_again_if_the_row_is_still_owned() -> None:
    change = rules.not_sent(under_way(), NEVER_LEFT)
    change.check()
    assert change.after is State.TO_PROCESS and change.attempts[0].state is AttemptState.NOT_SENT
    for lost in (under_way(newest=False), under_way(State.CORRECTION_UNKNOWN)):
        late = rules.not_sent(lost, NEVER_LEFT)
        assert not late.touches_row and late.attempts


def test_nobody_knows_is_looked_at_after_the_delay_and_what_was_answered_stays() -> None:
    change = rules.unresolved(under_way(), LOST, check_after_seconds=DELAY, now=NOW)
    change.check()
    assert (change.after, change.values["search_after"]) == (State.CORRECTION_UNKNOWN, LATER)
    assert [one.state for one in change.attempts] == [AttemptState.UNRESOLVED]
    answered = under_way(attempt_state=AttemptState.REFUSED)
    assert not rules.unresolved(answered, LOST, check_after_seconds=DELAY, now=NOW).attempts


def test_seen_as_sent_is_submitted_and_remembers_the_new_way() -> None:
    found = look(under_way(), shown())
    assert found.state is State.SUBMITTED and found.change is not None and found.shows
    assert found.change.values["rerouted"] is True and found.change.values["recipient_siret"] == OTHER
    assert found.change.attempts[0].state is AttemptState.TAKEN and len(found.change.events) == 1
    assert found.change.actor == "anna"


def test_after_a_death_the_system_settles_it() -> None:
    found = look(under_way(State.CORRECTION_UNKNOWN), shown())
    assert found.change is not None and found.change.actor == "system"


def test_not_seen_is_no_proof_before_the_delay_is_over() -> None:
    waiting = under_way(State.CORRECTION_UNKNOWN, search_after=LATER)
    before = shown("A_RECYCLER", BODY)
    assert look(waiting, before) == Looked(change=None, state=State.CORRECTION_UNKNOWN)
    settled = look(waiting, before, now=LATER)
    assert settled.state is State.TO_PROCESS and settled.change is not None
    assert settled.change.values["reasons"][0].code == "correction_not_taken"
    assert settled.change.attempts[0].state is AttemptState.NOT_SENT and not settled.shows


def test_a_stored_refusal_is_final_and_said_in_the_platforms_words() -> None:
    refused = under_way(attempt_state=AttemptState.REFUSED, refusal_number=20002, refusal_label="no")
    found = look(refused, shown("A_RECYCLER", BODY))
    assert found.state is State.TO_PROCESS and found.change is not None and not found.change.attempts
    assert found.change.moves[0].cause.code is CauseCode.CORRECTION_REFUSED


@pytest.mark.parametrize(("answered", "state"), [(True, AttemptState.TAKEN), (False, AttemptState.NOT_SENT)])
def test_moved_on_with_other_values_counts_as_taken_only_if_the_platform_said_yes(
    answered: bool, state: AttemptState
) -> None:
    found = look(under_way(answered=answered), shown("MANDATEE", BODY))
    assert found.change is not None and found.change.attempts[0].state is state


def test_a_rejection_dealt_with_is_closed_by_way_of_to_process() -> None:
    handled = dataclasses.replace(RECYCLE, kind=CorrectionKind.REJECT_HANDLED, successor_id=9)
    detail = RemoteDetail(invoice=found_as_sent(status="REJETEE", rejection_handled=True))
    found = look(under_way(correction=handled, status="REJETEE"), detail)
    assert found.change is not None
    assert [move.after for move in found.change.moves] == [State.TO_PROCESS, State.CLOSED]
    assert found.change.values["successor_id"] == 9 and "status" not in found.change.values


def test_what_waits_for_no_correction_any_more_is_left_alone() -> None:
    assert rules.looked(under_way(State.SUBMITTED), shown(), now=NOW) is None
    assert rules.looked(under_way(newest=False), shown(), now=NOW) is None
