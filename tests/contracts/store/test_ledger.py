"""What the store promises about claims, keys and answers, the rules of sending that it holds itself (port `Ledger`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest

from include.application.ports.ledger import AttemptRecord, SendWork
from include.domain.errors import AlreadySentError, MoveForbiddenError, StaleError
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, Taken
from tests.contracts.store.worlds import World, ready
from tests.factories import LOST, NEVER_LEFT, PROVIDER_KEY, a_submission, configuration, found_as_sent
from tests.fakes.clock import START

TAKEN = Taken(chorus_id=7, status="DEPOSEE", deposited_on=None, fingerprint=None, raw='{"codeRetour":0}')
DELAY = 1800


def claim(world: World, work: SendWork, owner: str = "w1", **changes: object) -> AttemptRecord:
    number = work.draft.text("invoice_number") or ""
    submission = a_submission(number, main_sha256=work.content_sha256, **changes)
    return world.ledger.claim(work, submission, "{}", owner=owner, lease_seconds=900, revision=1, now=START)


def state(world: World, work: SendWork) -> State:
    return world.held(work.row_version.invoice_id).state


def chorus_id(world: World, work: SendWork) -> int | None:
    found: int | None = world.value(work.row_version.invoice_id, "chorus_id")
    return found


def reasons(world: World, work: SendWork) -> list[str]:
    return [reason.code for reason in world.value(work.row_version.invoice_id, "reasons") or ()]


def let_the_lease_run_out(world: World) -> None:
    world.let_the_leases_run_out()
    world.ledger.expire_leases(search_after_seconds=DELAY, now=START)


def assessed_again(world: World, work: SendWork) -> SendWork:
    """As the mapping does to what a search made ready."""
    world.set(work.row_version.invoice_id, state=State.READY, judged_revision=1)
    [again] = world.ledger.ready(PROVIDER_KEY, 1, limit=9)
    return again


def searched(world: World, work: SendWork, *, found: bool, now: dt.datetime = START, **changes: object) -> State | None:
    rows = [found_as_sent(work.draft.text("invoice_number") or "", **changes)] if found else []
    [again] = world.ledger.unknown(PROVIDER_KEY, now=now, limit=9, invoice_ids=[work.row_version.invoice_id])
    return world.ledger.apply_search(again, rows, search_after_seconds=DELAY, now=now)


def test_of_two_workers_at_once_exactly_one_claims(world: World) -> None:
    work = ready(world)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def race(owner: str) -> None:
        start.wait()
        try:
            claim(world, work, owner)
            outcomes.append("claimed")
        except StaleError:
            outcomes.append("stale")

    threads = [threading.Thread(target=race, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["claimed", "stale", "stale", "stale"]


def test_a_newer_revision_of_the_configuration_stops_the_claim(world: World) -> None:
    work = ready(world)
    world.configuration.save(configuration(), expected_revision=1, actor="t", source="t", at=START, changes=())
    with pytest.raises(StaleError):
        claim(world, work)
    assert state(world, work) == State.READY


@pytest.mark.parametrize(
    ("number", "content"), [("2026-FA-1", b"other"), (" 2026 -fa-1", b"other"), ("X", b"2026-FA-1")]
)
def test_another_invoice_with_its_number_or_content_is_never_claimed(world: World, number: str, content: bytes) -> None:
    first, second = ready(world, "2026-FA-1", b"2026-FA-1"), ready(world, number, content, path="second.pdf")
    claim(world, first)
    with pytest.raises(AlreadySentError) as caught:
        claim(world, second)
    assert caught.value.holder_id == first.row_version.invoice_id
    assert state(world, second) == State.READY, "the whole claim was rolled back"
    world.ledger.already_sent(second, caught.value.holder_id, now=START)
    assert (state(world, second), reasons(world, second)) == (State.TO_COMPLETE, ["already_sent"])


def test_two_invoices_with_one_number_claimed_at_once_give_one_claim(world: World) -> None:
    works = [ready(world, "2026-FA-1", b"a"), ready(world, "2026-fa-1", b"b")]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def race(work: SendWork) -> None:
        start.wait()
        try:
            claim(world, work)
            outcomes.append("claimed")
        except AlreadySentError:
            outcomes.append("already sent")

    threads = [threading.Thread(target=race, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already sent", "claimed"]


def test_another_environment_has_its_own_keys(world: World) -> None:
    first, second = ready(world, "A", b"a"), ready(world, "a", b"b")
    claim(world, first)
    claim(world, dataclasses.replace(second, environment="qualification"))
    assert state(world, second) == State.SUBMITTING


def test_what_surely_was_not_sent_is_ready_again_and_holds_no_keys(world: World) -> None:
    work = ready(world)
    attempt = claim(world, work)
    assert world.keys() == 2
    assert world.ledger.not_sent(attempt, NEVER_LEFT, now=START)
    assert (state(world, work), world.keys()) == (State.READY, 0)


def test_taken_is_submitted_and_keeps_its_keys_for_good(world: World) -> None:
    work = ready(world)
    attempt = claim(world, work)
    assert world.ledger.taken(attempt, TAKEN, now=START)
    status = world.value(work.row_version.invoice_id, "status")
    assert (state(world, work), chorus_id(world, work), status) == (State.SUBMITTED, 7, "DEPOSEE")
    assert world.keys() == 2


def test_a_lapsed_lease_is_unknown_and_the_late_success_of_its_sender_still_counts(world: World) -> None:
    work = ready(world)
    attempt = claim(world, work)
    let_the_lease_run_out(world)
    assert state(world, work) == State.UNKNOWN
    assert not world.ledger.not_sent(attempt, LOST, now=START), "a sender that lost the row changes nothing"
    assert state(world, work) == State.UNKNOWN
    assert world.ledger.taken(attempt, TAKEN, now=START)
    assert state(world, work) == State.SUBMITTED


@pytest.mark.parametrize("shelved", [None, State.HELD, State.DISCARDED])
def test_a_late_success_moves_whatever_became_of_it_meanwhile(world: World, shelved: State | None) -> None:
    work = ready(world)
    attempt = claim(world, work)
    let_the_lease_run_out(world)
    searched(world, work, found=False)
    assert searched(world, work, found=False, now=START + dt.timedelta(seconds=DELAY)) is State.READY
    if shelved:
        world.assessments.shelve(work.row_version.invoice_id, shelved, reason="wait", actor="ann", now=START)
    assert world.ledger.taken(attempt, TAKEN, now=START)
    assert state(world, work) == State.SUBMITTED


def test_a_lease_that_runs_is_not_expired(world: World) -> None:
    work = ready(world)
    claim(world, work)
    assert world.ledger.expire_leases(search_after_seconds=DELAY, now=START) == 0
    assert state(world, work) == State.SUBMITTING


def test_not_found_is_no_proof_before_the_delay_and_a_second_empty_search(world: World) -> None:
    work = ready(world)
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    soon, later = START + dt.timedelta(seconds=DELAY - 1), START + dt.timedelta(seconds=DELAY)
    assert searched(world, work, found=False) is State.UNKNOWN
    assert searched(world, work, found=False, now=soon) is State.UNKNOWN
    assert world.ledger.unknown(PROVIDER_KEY, now=soon, limit=9) == [], "not due before its delay"
    assert searched(world, work, found=False, now=later) is State.READY
    assert world.keys() == 2, "the unresolved attempt keeps them"


def test_one_empty_search_after_the_delay_is_no_proof_either(world: World) -> None:
    work = ready(world)
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    later = START + dt.timedelta(seconds=DELAY)
    assert searched(world, work, found=False, now=later) is State.UNKNOWN
    assert searched(world, work, found=False, now=later) is State.READY


def test_found_as_sent_is_submitted(world: World) -> None:
    work = ready(world)
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    assert searched(world, work, found=True, chorus_id=42) is State.SUBMITTED
    assert chorus_id(world, work) == 42


def test_found_with_other_values_is_refused_and_names_the_invoice(world: World) -> None:
    work = ready(world)
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    assert searched(world, work, found=True, recipient_siret="12345678200036") is State.REFUSED
    assert reasons(world, work) == ["found_with_other_values"]


def test_before_a_resend_the_search_finds_what_was_sent(world: World) -> None:
    work = ready(world)
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    searched(world, work, found=False)
    searched(world, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    [to_assess] = world.assessments.to_assess(1, limit=9)
    assert to_assess.frozen_number == "2026-FA-1", "number and supplier stay frozen while an attempt is unresolved"


def refuse(world: World, attempt: AttemptRecord, found: list[RemoteInvoice] | None) -> State | None:
    assert world.ledger.refusal(attempt, 20013, "no", "{}", now=START)
    return world.ledger.apply_refusal(attempt, found, search_after_seconds=DELAY, now=START)


def test_refused_and_not_found_is_refused_with_the_words_of_the_platform(world: World) -> None:
    work = ready(world)
    assert refuse(world, claim(world, work), []) is State.REFUSED
    assert (reasons(world, work), world.keys()) == (["refused"], 0)


def test_refused_but_found_with_other_values_names_the_invoice_that_is_there(world: World) -> None:
    work = ready(world)
    assert refuse(world, claim(world, work), [found_as_sent(recipient_siret="12345678200036")]) is State.REFUSED
    assert reasons(world, work) == ["found_with_other_values"]


def test_refused_but_found_with_all_its_values_is_ours_and_keeps_its_keys(world: World) -> None:
    work = ready(world)
    attempt = claim(world, work)
    assert refuse(world, attempt, [found_as_sent(chorus_id=42)]) is State.SUBMITTED
    assert (chorus_id(world, work), world.keys()) == (42, 2)
    assert not world.ledger.not_sent(attempt, NEVER_LEFT, now=START)
    assert (state(world, work), world.keys()) == (State.SUBMITTED, 2), "an answer that comes late frees nothing"


def test_what_another_invoice_of_ours_bears_is_not_adopted(world: World) -> None:
    first = ready(world, "A")
    assert world.ledger.taken(claim(world, first), TAKEN, now=START)
    second = ready(world, "B")
    attempt = claim(world, second)
    there = found_as_sent("B", chorus_id=TAKEN.chorus_id)
    assert refuse(world, attempt, [there]) is State.REFUSED
    assert reasons(world, second) == ["already_sent"]


def second_attempt_after_an_unresolved_one(world: World, work: SendWork) -> AttemptRecord:
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    searched(world, work, found=False)
    searched(world, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    return claim(world, assessed_again(world, work), "w2")


def test_a_double_refused_by_the_platform_is_our_earlier_attempt(world: World) -> None:
    work = ready(world)
    assert refuse(world, second_attempt_after_an_unresolved_one(world, work), [found_as_sent()]) is State.SUBMITTED


@pytest.mark.parametrize("found", [[], None])
def test_refused_while_an_earlier_attempt_is_unresolved_is_unknown(
    world: World, found: list[RemoteInvoice] | None
) -> None:
    work = ready(world)
    attempt = second_attempt_after_an_unresolved_one(world, work)
    assert refuse(world, attempt, found) is State.UNKNOWN
    later = START + dt.timedelta(days=1)
    assert searched(world, work, found=False, now=later) is State.UNKNOWN
    assert searched(world, work, found=False, now=later) is State.REFUSED, "with the refusal that is stored"


def test_an_earlier_attempt_known_as_taken_wins_over_a_refusal(world: World) -> None:
    work = ready(world)
    first = claim(world, work, "w1")
    let_the_lease_run_out(world)
    searched(world, work, found=False)
    searched(world, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    second = claim(world, assessed_again(world, work), "w2")
    assert not world.ledger.taken(first, TAKEN, now=START), "the row is another sender's now"
    assert refuse(world, second, []) is State.SUBMITTED
    assert chorus_id(world, work) == 7


def test_a_refusal_whose_sender_died_before_the_search_is_searched(world: World) -> None:
    work = ready(world)
    assert world.ledger.refusal(claim(world, work), 20013, "no", "{}", now=START)
    let_the_lease_run_out(world)
    later = START + dt.timedelta(days=1)
    assert searched(world, work, found=False, now=later) is State.UNKNOWN
    assert searched(world, work, found=False, now=later) is State.REFUSED
    assert reasons(world, work) == ["refused"]


def test_work_is_found_for_automatic_providers_unknown_ones_and_lapsed_leases(world: World) -> None:
    work = ready(world)
    planned = world.ledger.providers_with_work
    assert planned(1, automatic=[PROVIDER_KEY], now=START) == [PROVIDER_KEY]
    assert planned(1, automatic=[], now=START) == []
    claim(world, work)
    assert planned(1, automatic=[PROVIDER_KEY], now=START) == []
    world.let_the_leases_run_out()
    assert planned(1, automatic=[], now=START) == [PROVIDER_KEY]
    let_the_lease_run_out(world)
    assert planned(1, automatic=[], now=START) == [PROVIDER_KEY], "unknown, of any provider"
    searched(world, work, found=False)
    assert planned(1, automatic=[], now=START) == []
    assert planned(1, automatic=[], now=START + dt.timedelta(seconds=DELAY)) == [PROVIDER_KEY]


def test_frozen_invoices_cannot_be_edited_held_or_read_again(world: World) -> None:
    work = ready(world)
    claim(world, work)
    for forbidden in (
        lambda: world.assessments.edit(work.row_version.invoice_id, {"invoice_number": "B"}, actor="a", now=START),
        lambda: world.assessments.shelve(work.row_version.invoice_id, State.HELD, reason="r", actor="a", now=START),
        lambda: world.assessments.reread(work.row_version.invoice_id, actor="a", reason="r", now=START),
    ):
        with pytest.raises(MoveForbiddenError):
            forbidden()
    assert state(world, work) == State.SUBMITTING


def test_an_upload_is_remembered_per_provider_and_content(world: World) -> None:
    world.ledger.save_upload(PROVIDER_KEY, "a" * 64, 5, now=START)
    world.ledger.save_upload(PROVIDER_KEY, "a" * 64, 6, now=START)
    assert world.ledger.upload_id(PROVIDER_KEY, "a" * 64) == 6
    assert world.ledger.upload_id("other", "a" * 64) is None
    world.ledger.forget_uploads(PROVIDER_KEY, ["a" * 64])
    assert world.ledger.upload_id(PROVIDER_KEY, "a" * 64) is None


def test_keys_are_held_exactly_while_an_attempt_may_have_reached_the_platform(world: World) -> None:
    open_one, lost, taken, refused = (ready(world, number) for number in ("1", "2", "3", "4"))
    attempts = {work.name: claim(world, work) for work in (open_one, lost, taken, refused)}
    world.ledger.unresolved(attempts[lost.name], LOST, search_after_seconds=DELAY, now=START)
    world.ledger.taken(attempts[taken.name], TAKEN, now=START)
    refuse(world, attempts[refused.name], [])
    holding, may_have_arrived = world.holders()
    assert holding == may_have_arrived == {work.row_version.invoice_id for work in (open_one, lost, taken)}


@pytest.mark.parametrize("late", ["not sent", "lost", "refused"])
def test_a_late_answer_never_moves_the_row_of_another_sender(world: World, late: str) -> None:
    work = ready(world)
    first = claim(world, work)
    let_the_lease_run_out(world)
    searched(world, work, found=False)
    searched(world, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    claim(world, assessed_again(world, work), "w2")
    before = world.held(work.row_version.invoice_id)
    match late:
        case "not sent":
            assert not world.ledger.not_sent(first, NEVER_LEFT, now=START)
        case "lost":
            assert not world.ledger.unresolved(first, LOST, search_after_seconds=DELAY, now=START)
        case _:
            assert not world.ledger.refusal(first, 20013, "no", "{}", now=START)
            assert world.ledger.apply_refusal(first, [], search_after_seconds=DELAY, now=START) is None
    assert world.held(work.row_version.invoice_id) == before
    assert world.attempt_states(work.row_version.invoice_id)[-1] == "open"


def test_a_taken_attempt_never_becomes_anything_else(world: World) -> None:
    attempt = claim(world, ready(world))
    assert world.ledger.taken(attempt, TAKEN, now=START)
    world.ledger.not_sent(attempt, LOST, now=START)
    world.ledger.refusal(attempt, 20013, "no", "{}", now=START)
    assert world.attempt_states(attempt.invoice_id) == ["taken"] and world.keys() == 2


def test_a_number_of_the_platform_means_one_invoice_the_newest_proof(world: World) -> None:
    first, second = ready(world, "1"), ready(world, "2")
    world.ledger.taken(claim(world, first), TAKEN, now=START)
    world.ledger.taken(claim(world, second), TAKEN, now=START)
    assert (chorus_id(world, first), chorus_id(world, second)) == (None, 7)


def test_an_attempt_is_stored_with_everything_that_it_sends(world: World) -> None:
    work = ready(world)
    attempt = claim(world, work, engagement_number="EJ-1")
    world.ledger.unresolved(attempt, LOST, search_after_seconds=DELAY, now=START)
    [again] = world.ledger.unknown(PROVIDER_KEY, now=START, limit=9)
    [stored] = again.attempts
    assert (stored.submission, stored.body, stored.owner) == (attempt.submission, "{}", "w1")
    assert stored.submission.engagement_number == "EJ-1" and again.ever_unknown


def test_a_search_that_was_made_for_an_older_version_decides_nothing(world: World) -> None:
    work = ready(world)
    world.ledger.unresolved(claim(world, work), LOST, search_after_seconds=DELAY, now=START)
    [old] = world.ledger.unknown(PROVIDER_KEY, now=START, limit=9)
    searched(world, work, found=False)
    later = START + dt.timedelta(seconds=DELAY)
    assert world.ledger.apply_search(old, [], search_after_seconds=DELAY, now=later) is None
    assert state(world, work) is State.UNKNOWN


def test_what_is_found_impossible_before_the_claim_waits_with_its_reason(world: World) -> None:
    work = ready(world)
    assert world.ledger.not_sendable(work, [Reason(code="content_missing", params={"name": "f.pdf"})], now=START)
    assert (state(world, work), reasons(world, work)) == (State.TO_COMPLETE, ["content_missing"])
    assert not world.ledger.not_sendable(work, [Reason(code="upload_refused")], now=START), "somebody was first"


def test_documents_are_known_by_their_invoices_and_attachments_by_their_place(world: World) -> None:
    work = ready(world, "1")
    assert world.ledger.invoices_of([work.document_id, 999]) == [work.row_version.invoice_id]
    stored = world.ledger.attachment("Factures/1.pdf")
    assert stored is not None and (stored.name, stored.sha256) == ("1.pdf", work.content_sha256)
    assert world.ledger.attachment("Factures/2.pdf") is None


def test_an_answer_that_comes_twice_moves_nothing_the_second_time(world: World) -> None:
    attempt = claim(world, ready(world))
    assert world.ledger.taken(attempt, TAKEN, now=START)
    before = world.held(attempt.invoice_id)
    assert not world.ledger.taken(attempt, TAKEN, now=START)
    assert world.held(attempt.invoice_id) == before and world.told().count(("submitted", None)) == 1
