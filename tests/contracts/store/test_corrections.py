"""What the store promises about correcting returned invoices (port `Corrections`, docs/reference/exactly-once.md 5)."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from include.application.ports.corrections import CorrectionAttempt
from include.domain.causes import CauseCode
from include.domain.correction import CorrectionKind
from include.domain.errors import NotThereError, StaleError
from include.domain.lifecycle import State
from include.domain.notification import EventKind, NewEvent
from include.domain.tracking import RemoteDetail
from tests.contracts.store.returned import ACCOUNT, OTHER_BODY, correction, recycled, returned, row, submitted
from tests.contracts.store.worlds import World, ready
from tests.factories import BODY, LOST, NEVER_LEFT, PROVIDER_KEY
from tests.fakes.clock import START

DELAY = 1800
SOON, LATER = START + dt.timedelta(seconds=DELAY - 1), START + dt.timedelta(seconds=DELAY)
WAITING = RemoteDetail(invoice=row(status="A_RECYCLER"))
DONE = RemoteDetail(invoice=recycled(row()))
MOVED_ON = RemoteDetail(invoice=row(status="MISE_EN_PAIEMENT"))


def claim(world: World, invoice_id: int, owner: str = "anna's", **changes: object) -> CorrectionAttempt:
    work = world.corrections.work(invoice_id)
    sent = correction(**changes)
    return world.corrections.claim(work, sent, "{}", owner=owner, lease_seconds=900, now=START)


def lost(world: World, invoice_id: int, **changes: object) -> CorrectionAttempt:
    """A correction of which nobody knows whether the platform took it."""
    attempt = claim(world, invoice_id, **changes)
    after = world.corrections.unresolved(attempt, LOST, check_after_seconds=DELAY, now=START)
    assert after is State.CORRECTION_UNKNOWN
    return attempt


def seen(
    world: World, attempt: CorrectionAttempt, shown: RemoteDetail | None, now: dt.datetime = START
) -> State | None:
    return world.corrections.apply_outcome(attempt, shown, now=now)


def codes(world: World, invoice_id: int) -> list[str]:
    return [reason.code for reason in world.corrections.work(invoice_id).reasons]


# ---------------------------------------------------------------- the claim


def test_the_work_says_how_the_platform_has_the_invoice_now(world: World) -> None:
    invoice_id = returned(world)
    work = world.corrections.work(invoice_id)
    assert (work.row_version, work.chorus_id, work.number) == (world.held(invoice_id), 7, "F-1")
    assert (work.status, work.status_comment) == ("A_RECYCLER", "Service inconnu")
    assert (work.routing.recipient_siret, work.provider_key, work.environment) == (BODY, PROVIDER_KEY, "simulator")
    assert (work.document_name, work.row_version.state) == ("F-1.pdf", State.TO_PROCESS)
    with pytest.raises(NotThereError):
        world.corrections.work(999)


def test_a_claim_moves_the_invoice_and_stores_what_is_sent(world: World) -> None:
    invoice_id = returned(world)
    attempt = claim(world, invoice_id)
    assert world.held(invoice_id).state is State.CORRECTING
    assert world.attempt_states(invoice_id) == ["taken", "open"]
    assert (attempt.correction, attempt.body, attempt.owner, attempt.refused) == (correction(), "{}", "anna's", False)
    assert world.log(invoice_id)[-1][2] == "anna", "the person who corrects, not the process"


def test_of_two_people_at_once_exactly_one_claims(world: World) -> None:
    work = world.corrections.work(returned(world))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def race(owner: str) -> None:
        start.wait()
        try:
            world.corrections.claim(work, correction(), "{}", owner=owner, lease_seconds=900, now=START)
            outcomes.append("claimed")
        except StaleError:
            outcomes.append("stale")

    threads = [threading.Thread(target=race, args=(owner,)) for owner in ("anna's", "bob's")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["claimed", "stale"]


def test_what_the_list_says_is_stored_only_while_nobody_corrects(world: World) -> None:
    invoice_id = returned(world)
    before = world.corrections.work(invoice_id)
    world.corrections.observe(before, ACCOUNT, row(status="A_RECYCLER", at=2, service_code="S1"), now=START)
    assert world.corrections.work(invoice_id).routing.service_code == "S1"
    claim(world, invoice_id)
    with pytest.raises(StaleError):
        world.corrections.observe(before, ACCOUNT, row(status="DEPOSEE", at=3), now=START)
    assert world.held(invoice_id).state is State.CORRECTING


# ---------------------------------------------------------------- answers


def test_what_surely_was_not_sent_waits_again_for_a_person(world: World) -> None:
    invoice_id = returned(world)
    attempt = claim(world, invoice_id)
    assert world.corrections.not_sent(attempt, NEVER_LEFT, now=START)
    assert world.held(invoice_id).state is State.TO_PROCESS
    assert world.attempt_states(invoice_id) == ["taken", "not_sent"]
    assert not world.corrections.not_sent(attempt, NEVER_LEFT, now=START), "the row is nobody's any more"


def test_a_lapsed_lease_is_unknown_and_one_that_runs_is_not(world: World) -> None:
    invoice_id = returned(world)
    claim(world, invoice_id)
    assert world.corrections.expire_leases(check_after_seconds=DELAY, now=START) == 0
    world.let_the_leases_run_out()
    assert world.ledger.providers_with_work(1, automatic=[], now=START) == [PROVIDER_KEY]
    assert world.corrections.expire_leases(check_after_seconds=DELAY, now=START) == 1
    assert world.held(invoice_id).state is State.CORRECTION_UNKNOWN
    assert world.attempt_states(invoice_id) == ["taken", "unresolved"]


def test_a_pass_of_sending_frees_corrections_too(world: World) -> None:
    invoice_id = returned(world)
    claim(world, invoice_id)
    world.let_the_leases_run_out()
    assert world.ledger.expire_leases(search_after_seconds=DELAY, now=START) == 1
    assert world.held(invoice_id).state is State.CORRECTION_UNKNOWN


def test_a_sender_that_lost_the_row_changes_nothing_but_its_proof(world: World) -> None:
    invoice_id = returned(world)
    attempt = claim(world, invoice_id)
    world.let_the_leases_run_out()
    world.corrections.expire_leases(check_after_seconds=DELAY, now=START)
    assert world.corrections.unresolved(attempt, LOST, check_after_seconds=DELAY, now=START) is None
    world.corrections.answered(attempt, '{"codeRetour": 0}', now=START)
    assert world.held(invoice_id).state is State.CORRECTION_UNKNOWN
    assert seen(world, attempt, MOVED_ON) is State.SUBMITTED
    assert world.attempt_states(invoice_id)[-1] == "taken", "the platform said so, and shows other values by now"


# ---------------------------------------------------------------- what the platform shows


def test_a_correction_that_the_platform_shows_is_taken(world: World) -> None:
    invoice_id = returned(world)
    attempt = claim(world, invoice_id)
    world.corrections.answered(attempt, "{}", now=START)
    assert seen(world, attempt, DONE) is State.SUBMITTED
    work = world.corrections.work(invoice_id)
    assert (work.status, work.routing.recipient_siret) == ("DEPOSEE", OTHER_BODY)
    assert world.attempt_states(invoice_id) == ["taken", "taken"]
    assert world.log(invoice_id)[-1][1].code is CauseCode.CORRECTION_TAKEN
    assert ("status_changed", None) in world.told()
    assert seen(world, attempt, WAITING) is None, "settled, and not to be settled again"


def test_a_refused_correction_waits_again_with_the_words_of_the_platform(world: World) -> None:
    invoice_id = returned(world)
    attempt = claim(world, invoice_id)
    world.corrections.refused(attempt, 20002, "statut incompatible", "{}", now=START)
    assert world.held(invoice_id).state is State.CORRECTING, "stored before anything else, and decides nothing yet"
    assert seen(world, attempt, WAITING) is State.TO_PROCESS
    assert world.attempt_states(invoice_id) == ["taken", "refused"] and codes(world, invoice_id) != []


def test_not_seen_is_no_proof_before_the_delay(world: World) -> None:
    invoice_id = returned(world)
    attempt = lost(world, invoice_id)
    assert seen(world, attempt, WAITING, SOON) is State.CORRECTION_UNKNOWN
    assert seen(world, attempt, None, SOON) is State.CORRECTION_UNKNOWN, "it refuses to show it"
    assert seen(world, attempt, WAITING, LATER) is State.TO_PROCESS
    assert (world.attempt_states(invoice_id)[-1], codes(world, invoice_id)) == ("not_sent", ["correction_not_taken"])


def test_an_invoice_that_moved_on_by_itself_is_submitted_without_the_correction(world: World) -> None:
    invoice_id = returned(world)
    assert seen(world, lost(world, invoice_id), MOVED_ON) is State.SUBMITTED
    assert (world.value(invoice_id, "status"), world.attempt_states(invoice_id)[-1]) == ("MISE_EN_PAIEMENT", "not_sent")


def test_an_unknown_one_is_due_at_once_then_after_the_delay_and_for_a_person_at_any_time(world: World) -> None:
    invoice_id = returned(world)
    attempt = lost(world, invoice_id)

    def due(now: dt.datetime, *ids: int) -> list[int]:
        found = world.corrections.due(PROVIDER_KEY, now=now, limit=9, invoice_ids=ids or None)
        return [one.id for one in found]

    assert due(START) == [attempt.id], "never looked at"
    seen(world, attempt, WAITING)
    assert due(SOON) == [] and world.ledger.providers_with_work(1, automatic=[], now=SOON) == []
    assert due(SOON, invoice_id) == [attempt.id] and due(SOON, 999) == []
    assert due(LATER) == [attempt.id]
    assert world.ledger.providers_with_work(1, automatic=[], now=LATER) == [PROVIDER_KEY]
    assert world.corrections.due("other", now=LATER, limit=9) == []
    assert world.corrections.due(PROVIDER_KEY, now=LATER, limit=0) == []


def test_an_older_attempt_decides_nothing_about_a_newer_one(world: World) -> None:
    invoice_id = returned(world)
    first = lost(world, invoice_id)
    seen(world, first, WAITING, LATER)
    second = claim(world, invoice_id, "bob's")
    assert seen(world, first, DONE, LATER) is None
    assert not world.corrections.not_sent(first, NEVER_LEFT, now=LATER)
    assert world.corrections.unresolved(first, LOST, check_after_seconds=DELAY, now=LATER) is None
    assert world.held(invoice_id).state is State.CORRECTING
    assert seen(world, second, DONE, LATER) is State.SUBMITTED


# ---------------------------------------------------------------- rejections and their successors


def test_a_rejection_that_is_dealt_with_is_closed_and_names_its_successor(world: World) -> None:
    invoice_id = returned(world, "REJETEE")
    successor_id = submitted(world, "F-2", 8)
    attempt = claim(world, invoice_id, kind=CorrectionKind.REJECT_HANDLED, successor_id=successor_id)
    handled = RemoteDetail(invoice=row(status="REJETEE", rejection_handled=True))
    assert seen(world, attempt, handled) is State.CLOSED
    assert world.value(invoice_id, "successor_id") == successor_id
    assert world.corrections.returned(PROVIDER_KEY) == []


def test_the_successor_of_a_closed_one_can_be_named_later(world: World) -> None:
    invoice_id, work = returned(world, "REJETEE"), ready(world, "F-2")
    successor = world.corrections.successor(work.document_id)
    assert (successor.invoice_id, successor.number, successor.state) == (
        work.row_version.invoice_id,
        "F-2",
        State.READY,
    )
    world.corrections.link_successor(invoice_id, successor.invoice_id, actor="anna", now=START)
    assert world.value(invoice_id, "successor_id") == successor.invoice_id
    assert world.log(invoice_id)[-1][1].code is CauseCode.FOLLOWED_BY
    with pytest.raises(NotThereError):
        world.corrections.successor(999)


def test_what_waits_for_the_supplier_is_listed(world: World) -> None:
    first, _, third = returned(world), submitted(world, "F-2", 8), returned(world, "SUSPENDUE", "F-3", 9)
    listed = world.corrections.returned(PROVIDER_KEY)
    assert [(one.invoice_id, one.number, one.status) for one in listed] == [
        (first, "F-1", "A_RECYCLER"),
        (third, "F-3", "SUSPENDUE"),
    ]
    assert world.corrections.returned("other") == []


def test_an_alert_is_told_once(world: World) -> None:
    alert = NewEvent(kind=EventKind.ALERT, at=START, provider_key=PROVIDER_KEY, facts={"code": "x"}, once="x")
    world.corrections.tell([alert])
    world.corrections.tell([alert])
    assert world.told().count(("alert", "x")) == 1
