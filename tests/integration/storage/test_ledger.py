"""Claims, keys and answers on both databases: the rules of sending that the store itself must hold."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from include.adapters.storage.store import Store
from include.adapters.storage.tables import invoices, reserved_keys
from include.application.storage_ports import AttemptRecord, SendWork
from include.domain.errors import AlreadySentError, StaleError
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from include.domain.submission import Taken
from tests.factories import PROVIDER_KEY, a_submission, configuration, found_as_sent
from tests.fakes.clock import START

TAKEN = Taken(chorus_id=7, status="DEPOSEE", deposited_on=None, fingerprint=None, raw='{"codeRetour":0}')
DELAY = 1800
MakeReady = Callable[..., SendWork]


def claim(store: Store, work: SendWork, owner: str = "w1", **changes: object) -> AttemptRecord:
    number = work.draft.text("invoice_number") or ""
    submission = a_submission(number, main_sha256=work.content_sha256, **changes)
    return store.ledger.claim(work, submission, "{}", owner=owner, lease_seconds=900, revision=1, now=START)


def state(store: Store, work: SendWork) -> str:
    [row] = [row for row in store.listings.documents(OWNER) if row["invoice_id"] == work.ticket.invoice_id]
    return str(row["state"])


def reasons(store: Store, work: SendWork) -> list[str]:
    [row] = [row for row in store.listings.documents(OWNER) if row["invoice_id"] == work.ticket.invoice_id]
    return [reason["code"] for reason in row["reasons"] or ()]


def keys(store: Store) -> int:
    with store.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(reserved_keys)) or 0


def let_the_lease_run_out(store: Store) -> None:
    with store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.lease_until.is_not(None)).values(lease_until=1.0))
    store.ledger.expire_leases(search_after_seconds=DELAY, now=START)


def searched(store: Store, work: SendWork, *, found: bool, now: dt.datetime = START, **changes: object) -> State | None:
    rows = [found_as_sent(work.draft.text("invoice_number") or "", **changes)] if found else []
    [again] = store.ledger.unknown(PROVIDER_KEY, now=now, limit=9, invoice_ids=[work.ticket.invoice_id])
    return store.ledger.settle_search(again, rows, search_after_seconds=DELAY, now=now)


def test_of_two_workers_at_once_exactly_one_claims(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def race(owner: str) -> None:
        start.wait()
        try:
            claim(store, work, owner)
            outcomes.append("claimed")
        except StaleError:
            outcomes.append("stale")

    threads = [threading.Thread(target=race, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["claimed", "stale", "stale", "stale"]


def test_a_newer_revision_of_the_configuration_stops_the_claim(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.configuration.save(configuration(), expected_revision=1, actor="t", source="t", at=START, changes=())
    with pytest.raises(StaleError):
        claim(store, work)
    assert state(store, work) == State.READY


@pytest.mark.parametrize(
    ("number", "content"), [("2026-FA-1", b"other"), (" 2026 -fa-1", b"other"), ("X", b"2026-FA-1")]
)
def test_another_invoice_with_its_number_or_content_is_never_claimed(
    store: Store, make_ready: MakeReady, number: str, content: bytes
) -> None:
    first, second = make_ready("2026-FA-1", b"2026-FA-1"), make_ready(number, content, path="second.pdf")
    claim(store, first)
    with pytest.raises(AlreadySentError) as caught:
        claim(store, second)
    assert caught.value.holder_id == first.ticket.invoice_id
    assert state(store, second) == State.READY, "the whole claim was rolled back"
    store.ledger.already_sent(second, caught.value.holder_id, now=START)
    assert (state(store, second), reasons(store, second)) == (State.TO_COMPLETE, ["already_sent"])


def test_two_invoices_with_one_number_claimed_at_once_give_one_claim(store: Store, make_ready: MakeReady) -> None:
    works = [make_ready("2026-FA-1", b"a"), make_ready("2026-fa-1", b"b")]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def race(work: SendWork) -> None:
        start.wait()
        try:
            claim(store, work)
            outcomes.append("claimed")
        except AlreadySentError:
            outcomes.append("already sent")

    threads = [threading.Thread(target=race, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already sent", "claimed"]


def test_another_environment_has_its_own_keys(store: Store, make_ready: MakeReady) -> None:
    import dataclasses

    first, second = make_ready("A", b"a"), make_ready("a", b"b")
    claim(store, first)
    claim(store, dataclasses.replace(second, environment="qualification"))
    assert state(store, second) == State.SUBMITTING


def test_what_surely_was_not_sent_is_ready_again_and_holds_no_keys(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    attempt = claim(store, work)
    assert keys(store) == 2
    assert store.ledger.not_sent(attempt, "no connection", now=START)
    assert (state(store, work), keys(store)) == (State.READY, 0)


def test_taken_is_submitted_and_keeps_its_keys_for_good(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    attempt = claim(store, work)
    assert store.ledger.taken(attempt, TAKEN, now=START)
    [row] = store.listings.invoices(OWNER)
    assert (row["state"], row["chorus_id"], row["status"], keys(store)) == (State.SUBMITTED, 7, "DEPOSEE", 2)


def test_a_lapsed_lease_is_unknown_and_the_late_success_of_its_sender_still_counts(
    store: Store, make_ready: MakeReady
) -> None:
    work = make_ready()
    attempt = claim(store, work)
    let_the_lease_run_out(store)
    assert state(store, work) == State.UNKNOWN
    assert not store.ledger.not_sent(attempt, "late", now=START), "a sender that lost the row changes nothing"
    assert state(store, work) == State.UNKNOWN
    assert store.ledger.taken(attempt, TAKEN, now=START)
    assert state(store, work) == State.SUBMITTED


@pytest.mark.parametrize("shelved", [None, State.HELD, State.DISCARDED])
def test_a_late_success_moves_whatever_became_of_it_meanwhile(
    store: Store, make_ready: MakeReady, shelved: State | None
) -> None:
    work = make_ready()
    attempt = claim(store, work)
    let_the_lease_run_out(store)
    searched(store, work, found=False)
    assert searched(store, work, found=False, now=START + dt.timedelta(seconds=DELAY)) is State.READY
    if shelved:
        store.judgements.shelve(work.ticket.invoice_id, shelved, reason="wait", actor="ann", now=START)
    assert store.ledger.taken(attempt, TAKEN, now=START)
    assert state(store, work) == State.SUBMITTED


def test_a_lease_that_runs_is_not_expired(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    claim(store, work)
    assert store.ledger.expire_leases(search_after_seconds=DELAY, now=START) == 0
    assert state(store, work) == State.SUBMITTING


def test_not_found_is_no_proof_before_the_delay_and_a_second_empty_search(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.ledger.unresolved(claim(store, work), "cut", search_after_seconds=DELAY, now=START)
    soon, later = START + dt.timedelta(seconds=DELAY - 1), START + dt.timedelta(seconds=DELAY)
    assert searched(store, work, found=False) is State.UNKNOWN
    assert searched(store, work, found=False, now=soon) is State.UNKNOWN
    assert store.ledger.unknown(PROVIDER_KEY, now=soon, limit=9) == [], "not due before its delay"
    assert searched(store, work, found=False, now=later) is State.READY
    assert keys(store) == 2, "the unresolved attempt keeps them"


def test_one_empty_search_after_the_delay_is_no_proof_either(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.ledger.unresolved(claim(store, work), "cut", search_after_seconds=DELAY, now=START)
    later = START + dt.timedelta(seconds=DELAY)
    assert searched(store, work, found=False, now=later) is State.UNKNOWN
    assert searched(store, work, found=False, now=later) is State.READY


def test_found_as_sent_is_submitted(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.ledger.unresolved(claim(store, work), "cut", search_after_seconds=DELAY, now=START)
    assert searched(store, work, found=True, chorus_id=42) is State.SUBMITTED
    [row] = store.listings.invoices(OWNER)
    assert row["chorus_id"] == 42


def test_found_with_other_values_is_refused_and_names_the_invoice(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.ledger.unresolved(claim(store, work), "cut", search_after_seconds=DELAY, now=START)
    assert searched(store, work, found=True, recipient_siret="12345678200036") is State.REFUSED
    assert reasons(store, work) == ["found_with_other_values"]


def test_before_a_resend_the_search_finds_what_was_sent(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.ledger.unresolved(claim(store, work), "cut", search_after_seconds=DELAY, now=START)
    searched(store, work, found=False)
    searched(store, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    [to_judge] = store.judgements.to_judge(1, limit=9)
    assert to_judge.frozen_number == "2026-FA-1", "number and supplier stay frozen while an attempt is unresolved"


def refuse(store: Store, attempt: AttemptRecord, found: list[object] | None) -> State | None:
    assert store.ledger.refusal(attempt, 20013, "no", "{}", now=START)
    return store.ledger.settle_refusal(attempt, found, search_after_seconds=DELAY, now=START)  # type: ignore[arg-type]


def test_refused_and_not_found_is_refused_with_the_words_of_the_platform(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    assert refuse(store, claim(store, work), []) is State.REFUSED
    assert (reasons(store, work), keys(store)) == (["refused"], 0)


def test_refused_but_found_names_the_invoice_that_is_there(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    assert refuse(store, claim(store, work), [found_as_sent()]) is State.REFUSED
    assert reasons(store, work) == ["found_with_other_values"]


def second_attempt_after_an_unresolved_one(store: Store, work: SendWork) -> AttemptRecord:
    store.ledger.unresolved(claim(store, work), "cut", search_after_seconds=DELAY, now=START)
    searched(store, work, found=False)
    searched(store, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    with store.database.write() as connection:
        connection.execute(invoices.update().values(judged_revision=1))
    [again] = store.ledger.ready(PROVIDER_KEY, 1, limit=9)
    return claim(store, again, "w2")


def test_a_double_refused_by_the_platform_is_our_earlier_attempt(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    assert refuse(store, second_attempt_after_an_unresolved_one(store, work), [found_as_sent()]) is State.SUBMITTED


@pytest.mark.parametrize("found", [[], None])
def test_refused_while_an_earlier_attempt_is_unresolved_is_unknown(
    store: Store, make_ready: MakeReady, found: list[object] | None
) -> None:
    work = make_ready()
    attempt = second_attempt_after_an_unresolved_one(store, work)
    assert refuse(store, attempt, found) is State.UNKNOWN
    later = START + dt.timedelta(days=1)
    assert searched(store, work, found=False, now=later) is State.UNKNOWN
    assert searched(store, work, found=False, now=later) is State.REFUSED, "with the refusal that is stored"


def test_an_earlier_attempt_known_as_taken_wins_over_a_refusal(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    first = claim(store, work, "w1")
    let_the_lease_run_out(store)
    searched(store, work, found=False)
    searched(store, work, found=False, now=START + dt.timedelta(seconds=DELAY))
    with store.database.write() as connection:
        connection.execute(invoices.update().values(judged_revision=1))
    [again] = store.ledger.ready(PROVIDER_KEY, 1, limit=9)
    second = claim(store, again, "w2")
    assert not store.ledger.taken(first, TAKEN, now=START), "the row is another sender's now"
    assert refuse(store, second, []) is State.SUBMITTED
    [row] = store.listings.invoices(OWNER)
    assert row["chorus_id"] == 7


def test_a_refusal_whose_sender_died_before_the_search_is_searched(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    assert store.ledger.refusal(claim(store, work), 20013, "no", "{}", now=START)
    let_the_lease_run_out(store)
    later = START + dt.timedelta(days=1)
    assert searched(store, work, found=False, now=later) is State.UNKNOWN
    assert searched(store, work, found=False, now=later) is State.REFUSED
    assert reasons(store, work) == ["refused"]


def test_work_is_found_for_automatic_providers_unknown_ones_and_lapsed_leases(
    store: Store, make_ready: MakeReady
) -> None:
    work = make_ready()
    planned = store.ledger.providers_with_work
    assert planned(1, automatic=[PROVIDER_KEY], now=START) == [PROVIDER_KEY]
    assert planned(1, automatic=[], now=START) == []
    claim(store, work)
    assert planned(1, automatic=[PROVIDER_KEY], now=START) == []
    with store.database.write() as connection:
        connection.execute(invoices.update().values(lease_until=1.0))
    assert planned(1, automatic=[], now=START) == [PROVIDER_KEY]
    let_the_lease_run_out(store)
    assert planned(1, automatic=[], now=START) == [PROVIDER_KEY], "unknown, of any provider"
    searched(store, work, found=False)
    assert planned(1, automatic=[], now=START) == []
    assert planned(1, automatic=[], now=START + dt.timedelta(seconds=DELAY)) == [PROVIDER_KEY]


def test_frozen_invoices_cannot_be_edited_held_or_read_again(store: Store, make_ready: MakeReady) -> None:
    from include.domain.errors import MoveForbiddenError

    work = make_ready()
    claim(store, work)
    for forbidden in (
        lambda: store.judgements.edit(work.ticket.invoice_id, {"invoice_number": "B"}, actor="a", now=START),
        lambda: store.judgements.shelve(work.ticket.invoice_id, State.HELD, reason="r", actor="a", now=START),
        lambda: store.judgements.reread(work.ticket.invoice_id, actor="a", reason="r", now=START),
    ):
        with pytest.raises(MoveForbiddenError):
            forbidden()
    assert state(store, work) == State.SUBMITTING


def test_an_upload_is_remembered_per_provider_and_content(store: Store) -> None:
    store.ledger.save_upload(PROVIDER_KEY, "a" * 64, 5, now=START)
    store.ledger.save_upload(PROVIDER_KEY, "a" * 64, 6, now=START)
    assert store.ledger.upload_id(PROVIDER_KEY, "a" * 64) == 6
    assert store.ledger.upload_id("other", "a" * 64) is None
    store.ledger.forget_uploads(PROVIDER_KEY, ["a" * 64])
    assert store.ledger.upload_id(PROVIDER_KEY, "a" * 64) is None
