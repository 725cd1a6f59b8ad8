"""Returned invoices, corrected exactly once: on both databases, under the faults that sending is tested with."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.corrections import SqlCorrections
from include.adapters.storage.tables import invoices, learned_recipients
from include.application.correction_case import NewFile
from include.application.corrections_port import CorrectionAttempt
from include.application.messages import unknown_messages
from include.application.sending import Sending
from include.application.storage_ports import SendWork
from include.application.submit_invoices import submit_invoices
from include.domain.correction import Correction, CorrectionKind
from include.domain.errors import (
    InputError,
    LoginRefusedError,
    NeverLeftError,
    RateLimitedError,
    RemoteUnavailableError,
    StaleError,
)
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.rights import OWNER
from tests.factories import BODY, a_submission
from tests.fakes.chorus import FakeGateway, Fault, ProcessKilled
from tests.integration.tracking.bench import TrackingBench
from tests.integration.tracking.desk import OTHER, STATUSES, Returned
from tests.sending_bench import NOT_USED

RECYCLE, COMPLETE, HANDLED = CorrectionKind.RECYCLE, CorrectionKind.COMPLETE, CorrectionKind.REJECT_HANDLED


@pytest.fixture
def make(bench: TrackingBench, tmp_path: Path) -> Callable[[CorrectionKind], Returned]:
    def returned(kind: CorrectionKind) -> Returned:
        made = Returned(bench, tmp_path, kind)
        made.prepare()
        assert made.state is State.TO_PROCESS
        return made

    return returned


@pytest.fixture(params=list(CorrectionKind))
def returned(request: pytest.FixtureRequest, make: Callable[[CorrectionKind], Returned]) -> Returned:
    return make(request.param)


@pytest.fixture
def recycled(make: Callable[[CorrectionKind], Returned]) -> Returned:
    return make(RECYCLE)


class TestTheWay:
    def test_it_is_taken_proved_and_told_once(self, returned: Returned) -> None:
        told = len(returned.bench.events())
        report = returned.correct()
        assert (report.complete, report.outcome, returned.state) == (True, returned.done, returned.done)
        assert returned.taken() == 1
        assert returned.attempts()[-1] == (returned.kind, "taken")
        steps = [("to_process", "correcting"), ("correcting", "submitted")]
        if returned.kind is HANDLED:
            steps = [("to_process", "correcting"), ("correcting", "to_process"), ("to_process", "closed")]
        assert returned.log() == [(*step, "anna") for step in steps]
        returned.nights(2)
        assert len(returned.bench.events()) == told + 1
        assert returned.state is returned.done

    def test_a_recycled_invoice_stands_with_its_new_recipient_and_old_lessons_are_doubtful(
        self, recycled: Returned
    ) -> None:
        assert recycled.correct().complete
        assert recycled.column(invoices.c.recipient_siret) == OTHER
        assert recycled.column(invoices.c.rerouted)
        told = recycled.bench.store.listings.invoice(OWNER, str(recycled.invoice_id))
        assert told is not None
        assert (told["remote"]["recipient_siret"], told["remote"]["code"]) == (OTHER, "DEPOSEE"), "without a retrieval"
        [held] = recycled.bench.platform.invoices
        assert (held.sent.recipient_siret, held.status) == (OTHER, "DEPOSEE")

    def test_a_dry_run_proposes_and_sends_nothing(self, recycled: Returned) -> None:
        report = recycled.correct(dry_run=True)
        shown = report.shown("en")
        assert (shown["outcome"], shown["status_comment"]) == ("would be sent", "Service inconnu")
        assert shown["present"]["recipient_siret"] == BODY
        assert recycled.state is State.TO_PROCESS and recycled.taken() == 0
        assert [kind for kind, _ in recycled.attempts()] == ["submission"]

    def test_files_are_uploaded_once_and_go_along(self, make: Callable[[CorrectionKind], Returned]) -> None:
        returned = make(COMPLETE)
        platform = returned.bench.platform
        platform.fail("correct", Fault.RATE_LIMITED)
        files = [NewFile(name="bl.pdf", content=b"%PDF-1.7 bl", type_code="RIB")]
        with pytest.raises(RateLimitedError):
            returned.correct(files=files)
        assert returned.correct(files=files).complete
        assert platform.calls["upload"] == 1
        [held] = platform.invoices
        assert [(file.name, file.type_code) for file in held.sent.attachments] == [("bl.pdf", "RIB")]

    def test_an_invoice_typed_on_the_portal_is_corrected_too(self, bench: TrackingBench, tmp_path: Path) -> None:
        foreign = Returned(bench, tmp_path, RECYCLE, number="P-1")
        bench.platform.add_body(OTHER)
        bench.put("P-1", "A_RECYCLER")
        assert bench.retrieve().complete
        assert foreign.correct().complete
        assert foreign.state is State.SUBMITTED


class TestWhatIsCheckedBefore:
    def test_another_correction_than_the_status_asks_for_is_not_sent(self, recycled: Returned) -> None:
        report = recycled.desk().complete(str(recycled.invoice_id), comment="Le voici")
        assert not report.complete and [one.code for one in report.reasons] == ["correction_other_way"]
        assert recycled.bench.platform.calls["correct"] == 0

    def test_what_moved_on_by_itself_is_not_corrected_any_more(self, recycled: Returned) -> None:
        recycled.bench.platform.set_status(recycled.number, "MANDATEE")
        report = recycled.correct()
        assert [one.code for one in report.reasons] == ["correction_not_returned"]
        assert recycled.state is State.SUBMITTED and recycled.taken() == 0

    def test_what_came_back_since_the_last_retrieval_is_corrected(self, recycled: Returned) -> None:
        assert recycled.correct().complete
        recycled.bench.clock.advance(hours=1)
        recycled.bench.platform.set_status(recycled.number, "A_RECYCLER", "Toujours pas")
        report = recycled.desk().recycle(str(recycled.invoice_id), engagement="45001")
        assert report.complete and report.work.status_comment == "Toujours pas"

    def test_the_directory_is_asked_about_the_new_recipient(self, recycled: Returned) -> None:
        recycled.bench.platform.add_body("21690123100011", active=False)
        desk, reference = recycled.desk(), str(recycled.invoice_id)
        closed = desk.recycle(reference, recipient="21690123100011")
        unknown = desk.recycle(reference, recipient="21330063500017")
        recycled.bench.platform.add_body(BODY)
        service = desk.recycle(reference, service="NO")
        codes = [[one.code for one in report.reasons] for report in (closed, unknown, service)]
        assert codes[0] == ["recipient_inactive"] and codes[2] == ["service_unknown"]
        assert codes[1][0] in ("recipient_unknown", "recipient_misread")

    def test_a_successor_must_be_sent_under_a_number_of_its_own(
        self, make: Callable[[CorrectionKind], Returned]
    ) -> None:
        returned = make(HANDLED)
        bench = returned.bench
        work = bench._make_ready("F-2")
        desk, reference = returned.desk(), str(returned.invoice_id)
        report = desk.reject_handled(reference, successor_document=work.document_id)
        assert [one.code for one in report.reasons] == ["successor_not_sent"] and returned.taken() == 0
        with pytest.raises(InputError):
            desk.reject_handled(reference, successor_document=999)

    def test_a_sent_successor_is_linked_also_after_the_fact(self, make: Callable[[CorrectionKind], Returned]) -> None:
        returned = make(HANDLED)
        returned.bench.submitted("F-2")
        [(document_id, second)] = returned.bench.rows(invoices.c.document_id, invoices.c.id, of="F-2")
        assert returned.correct().complete
        assert returned.column(invoices.c.successor_id) is None
        assert returned.correct(successor_document=document_id).outcome == "linked"
        assert returned.column(invoices.c.successor_id) == second
        assert returned.taken() == 1

    def test_the_successor_is_kept_with_the_correction(self, make: Callable[[CorrectionKind], Returned]) -> None:
        returned = make(HANDLED)
        returned.bench.submitted("F-2")
        [(document_id, second)] = returned.bench.rows(invoices.c.document_id, invoices.c.id, of="F-2")
        returned.bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
        returned.bench.platform.fail("consult", Fault.UNAVAILABLE)
        assert not returned.correct(successor_document=document_id).complete
        returned.nights(1)
        assert (returned.state, returned.column(invoices.c.successor_id)) == (State.CLOSED, second)


class TestAnswers:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.NEVER_LEFT, NeverLeftError),
            (Fault.RATE_LIMITED, RateLimitedError),
            (Fault.ACCOUNT_REFUSED, LoginRefusedError),
        ],
    )
    def test_what_never_arrived_can_be_tried_again_at_once(
        self, recycled: Returned, fault: Fault, error: type[Exception]
    ) -> None:
        recycled.bench.platform.fail("correct", fault)
        with pytest.raises(error):
            recycled.correct()
        assert recycled.state is State.TO_PROCESS and recycled.attempts()[-1][1] == "not_sent"
        recycled.bench.store.providers.close_circuit(recycled.bench.provider.key, now=recycled.bench.clock.now())
        assert recycled.correct().complete
        assert recycled.taken() == 1

    def test_a_refusal_is_shown_in_the_platforms_words(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("correct", Fault.BUSINESS_REFUSAL)
        report = recycled.correct()
        assert recycled.state is State.TO_PROCESS
        [reason] = report.reasons
        assert (reason.code, reason.params["label"]) == ("correction_refused", "refus de demonstration")
        [row] = unknown_messages(recycled.bench.store.refusals)
        assert (row["kind"], row["label"], row["count"]) == ("recycle", "refus de demonstration", 1)

    def test_a_refusal_that_the_dictionary_knows_names_cause_and_field(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("correct", Fault.BUSINESS_REFUSAL)
        recycled.bench.platform.refusal_label = "Le service exécutant est obligatoire pour ce destinataire."
        [reason] = recycled.correct().reasons
        assert (reason.code, reason.field) == ("correction_refused_service", "service_code")
        assert unknown_messages(recycled.bench.store.refusals) == []
        assert recycled.attempts()[-1] == (recycled.kind, "refused")

    @pytest.mark.parametrize("fault", [Fault.CUT_AFTER_TAKEN, Fault.CUT_BEFORE_TAKEN, Fault.UNAVAILABLE])
    def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(self, returned: Returned, fault: Fault) -> None:
        returned.bench.platform.fail("correct", fault)
        report = returned.correct()
        if fault is Fault.CUT_AFTER_TAKEN:
            assert report.complete and returned.state is returned.done
            return
        assert (report.complete, returned.state) == (False, State.CORRECTION_UNKNOWN)
        again = returned.correct()
        assert [one.code for one in again.reasons] == ["correction_under_way"], "not before the delay is over"
        assert returned.bench.platform.calls["correct"] == 1
        returned.nights()
        assert returned.state is State.TO_PROCESS
        assert returned.correct().complete
        assert returned.taken() == 1

    def test_a_success_that_cannot_be_verified_is_verified_later(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("consult", Fault.UNAVAILABLE)
        assert not recycled.correct().complete
        assert recycled.state is State.CORRECTION_UNKNOWN
        recycled.bench.retrieve()
        assert (recycled.state, recycled.taken()) == (recycled.done, 1)

    def test_an_outage_during_the_look_changes_nothing(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
        recycled.bench.platform.fail("consult", Fault.UNAVAILABLE, times=2)
        recycled.correct()
        recycled.bench.retrieve()
        assert recycled.state is State.CORRECTION_UNKNOWN
        recycled.bench.retrieve()
        assert (recycled.state, recycled.taken()) == (recycled.done, 1)

    def test_before_anything_is_sent_the_platform_must_answer(self, recycled: Returned) -> None:
        recycled.bench.platform.fail("check", Fault.UNAVAILABLE)
        with pytest.raises(RemoteUnavailableError):
            recycled.correct()
        assert recycled.state is State.TO_PROCESS and recycled.bench.platform.calls["correct"] == 0


STEPS = [
    (SqlCorrections, "claim", "before"),
    (SqlCorrections, "claim", "after"),
    (FakeGateway, "correct", "before"),
    (FakeGateway, "correct", "after"),
    (SqlCorrections, "answered", "before"),
    (SqlCorrections, "answered", "after"),
    (FakeGateway, "consult", "before"),
    (SqlCorrections, "settle", "before"),
    (SqlCorrections, "settle", "after"),
]
REFUSED = [(SqlCorrections, "refused", "before"), (SqlCorrections, "refused", "after")]
UNKNOWN = [(SqlCorrections, "unresolved", "before"), (SqlCorrections, "unresolved", "after")]


def kill_at(monkeypatch: pytest.MonkeyPatch, step: tuple[type, str, str]) -> None:
    """The first call of that step is the last thing that runs."""
    owner, name, when = step
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def struck(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(owner, name, original)
        if when == "after":
            original(*args, **kwargs)
        raise ProcessKilled(name)

    monkeypatch.setattr(owner, name, struck)


class TestKilled:
    def finish(self, returned: Returned) -> None:
        """The lease runs out, nights pass; then the person looks again, and does it again if it is still to be done."""
        returned.lapse()
        returned.nights()
        assert returned.state in (returned.done, State.TO_PROCESS)
        if returned.state is State.TO_PROCESS:
            assert returned.taken() == 0
            assert returned.correct().complete
        assert (returned.state, returned.taken()) == (returned.done, 1)

    @pytest.mark.parametrize("kind", [RECYCLE, HANDLED])
    @pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[2]}-{step[1]}")
    def test_killed_at_every_step_it_is_taken_once(
        self,
        make: Callable[[CorrectionKind], Returned],
        monkeypatch: pytest.MonkeyPatch,
        step: tuple[type, str, str],
        kind: CorrectionKind,
    ) -> None:
        returned = make(kind)
        kill_at(monkeypatch, step)
        with pytest.raises(ProcessKilled):
            returned.correct()
        self.finish(returned)

    @pytest.mark.parametrize("step", [*REFUSED, *UNKNOWN], ids=lambda step: f"{step[2]}-{step[1]}")
    def test_killed_while_a_refusal_or_a_doubt_is_stored(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch, step: tuple[type, str, str]
    ) -> None:
        fault = Fault.BUSINESS_REFUSAL if step in REFUSED else Fault.CUT_AFTER_TAKEN
        recycled.bench.platform.fail("correct", fault)
        kill_at(monkeypatch, step)
        with pytest.raises(ProcessKilled):
            recycled.correct()
        self.finish(recycled)

    def test_killed_while_a_pass_settles_it(self, recycled: Returned, monkeypatch: pytest.MonkeyPatch) -> None:
        kill_at(monkeypatch, (SqlCorrections, "answered", "before"))
        with pytest.raises(ProcessKilled):
            recycled.correct()
        recycled.lapse()
        kill_at(monkeypatch, (SqlCorrections, "settle", "before"))
        with pytest.raises(ProcessKilled):
            recycled.bench.retrieve()
        self.finish(recycled)


class TestTwoAtOnce:
    def test_two_people_at_the_same_invoice_send_it_once(self, returned: Returned) -> None:
        at_the_start, outcomes = threading.Barrier(2), []

        def correct(owner: str) -> None:
            at_the_start.wait()
            try:
                outcomes.append(returned.correct(owner).complete)
            except StaleError:
                outcomes.append(False)

        people = [threading.Thread(target=correct, args=(f"desk {at}",)) for at in (1, 2)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert sorted(outcomes) == [False, True]
        assert (returned.taken(), returned.state) == (1, returned.done)

    def test_a_claim_of_what_changed_meanwhile_is_stale(self, recycled: Returned) -> None:
        work = recycled.bench.store.corrections.work(recycled.invoice_id)
        assert recycled.correct().complete
        late = Correction(kind=RECYCLE, chorus_id=1, actor="b", before=work.routing, routing=work.routing)
        with pytest.raises(StaleError):
            recycled.bench.store.corrections.claim(
                work, late, "{}", owner="w", lease_seconds=900, now=recycled.bench.clock.now()
            )

    def test_a_list_read_before_somebody_elses_correction_does_not_undo_it(
        self, returned: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        search = FakeGateway.search

        def overtaken(gateway: FakeGateway, number: str) -> Any:
            found = search(gateway, number)
            monkeypatch.setattr(FakeGateway, "search", search)
            assert returned.correct("the quicker one").complete
            return found

        monkeypatch.setattr(FakeGateway, "search", overtaken)
        with pytest.raises(StaleError):
            returned.correct()
        assert (returned.taken(), returned.state) == (1, returned.done)
        assert returned.bench.platform.calls["correct"] == 1

    def test_a_sender_that_stood_still_over_its_lease_sends_nothing(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim = SqlCorrections.claim

        def stalled(*args: Any, **kwargs: Any) -> Any:
            attempt = claim(*args, **kwargs)
            recycled.bench.clock.advance(hours=1)
            return attempt

        monkeypatch.setattr(SqlCorrections, "claim", stalled)
        with pytest.raises(NeverLeftError):
            recycled.correct()
        assert recycled.bench.platform.calls["correct"] == 0 and recycled.state is State.TO_PROCESS

    def test_a_running_correction_is_left_alone_by_passes_and_retrievals(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        correct = FakeGateway.correct

        def watched(*args: Any, **kwargs: Any) -> str:
            recycled.nights(2)
            assert recycled.state is State.CORRECTING
            return correct(*args, **kwargs)

        monkeypatch.setattr(FakeGateway, "correct", watched)
        assert recycled.correct().complete
        assert [after for _, after, _ in recycled.log()] == ["correcting", "submitted"]

    def test_a_sender_that_lost_the_row_changes_nothing_of_the_next_ones(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store, now = recycled.bench.store.corrections, recycled.bench.clock.now()
        kill_at(monkeypatch, (FakeGateway, "correct", "before"))
        with pytest.raises(ProcessKilled):
            recycled.correct("same")
        recycled.lapse()
        [lost] = self.lapsed(recycled)
        recycled.nights()
        kill_at(monkeypatch, (FakeGateway, "correct", "before"))
        with pytest.raises(ProcessKilled):
            recycled.correct("same")
        shown = FakeGateway(recycled.bench.platform, recycled.bench.provider).consult(lost.correction.chorus_id)
        assert not store.not_sent(lost, "late", now=now)
        assert store.unresolved(lost, "late", check_after_seconds=1, now=now) is None
        assert store.settle(lost, shown, now=now) is None
        assert recycled.state is State.CORRECTING

    def lapsed(self, recycled: Returned) -> list[CorrectionAttempt]:
        store, now = recycled.bench.store.corrections, recycled.bench.clock.now()
        assert store.expire_leases(check_after_seconds=1800, now=now) == 1
        return store.due(recycled.bench.provider.key, now=now, limit=9)

    def test_a_late_answer_is_added_to_what_is_proved_and_never_takes_the_proof_away(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kill_at(monkeypatch, (SqlCorrections, "answered", "before"))
        with pytest.raises(ProcessKilled):
            recycled.correct()
        recycled.lapse()
        [attempt] = self.lapsed(recycled)
        recycled.nights(1)
        recycled.bench.store.corrections.answered(attempt, "proof", now=recycled.bench.clock.now())
        assert recycled.attempts()[-1] == (RECYCLE, "taken")
        [row] = recycled.bench.store.listings.invoices(OWNER, ids=[recycled.invoice_id])
        told = recycled.bench.store.listings.invoice(OWNER, str(row["id"]))
        assert told is not None and told["attempts"][-1]["answer"] == "proof"

    def test_a_late_success_is_kept_as_proof_and_the_next_night_follows_it(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answered = SqlCorrections.answered

        def late(*args: Any, **kwargs: Any) -> None:
            monkeypatch.setattr(SqlCorrections, "answered", answered)
            held = recycled.bench.platform.invoices[0]
            held.status = "A_RECYCLER"  # the platform is slow to show what it did
            routed, held.sent = held.sent, a_submission(recycled.number, supplier_siret=held.sent.supplier_siret)
            recycled.lapse()
            recycled.nights()
            assert recycled.state is State.TO_PROCESS
            held.sent = routed
            held.move("DEPOSEE", recycled.bench.clock.now())
            answered(*args, **kwargs)

        monkeypatch.setattr(SqlCorrections, "answered", late)
        recycled.correct()
        recycled.nights(1)
        assert recycled.state is State.SUBMITTED and recycled.bench.platform.calls["correct"] == 1


class TestBesideSending:
    def test_a_pass_of_sending_is_planned_for_a_correction_and_settles_it(self, recycled: Returned) -> None:
        bench, store = recycled.bench, recycled.bench.store
        recycled.bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
        recycled.bench.platform.fail("consult", Fault.UNAVAILABLE)
        recycled.correct()
        now = bench.clock.now()
        assert store.ledger.providers_with_work(1, automatic=[], now=now) == [bench.provider.key]
        self.send(recycled)
        assert recycled.state is State.SUBMITTED
        assert store.ledger.providers_with_work(1, automatic=[], now=now) == []

    def test_a_lapsed_claim_is_planned_and_settled_too(
        self, recycled: Returned, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kill_at(monkeypatch, (FakeGateway, "correct", "after"))
        with pytest.raises(ProcessKilled):
            recycled.correct()
        ledger, now = recycled.bench.store.ledger, recycled.bench.clock.now()
        assert ledger.providers_with_work(1, automatic=[], now=now) == [], "its lease still runs"
        recycled.lapse()
        assert ledger.providers_with_work(1, automatic=[], now=now) == [recycled.bench.provider.key]
        assert ledger.expire_leases(search_after_seconds=1800, now=now) == 1
        assert recycled.state is State.CORRECTION_UNKNOWN
        self.send(recycled)
        assert (recycled.state, recycled.taken()) == (State.SUBMITTED, 1)

    def send(self, recycled: Returned) -> None:
        bench = recycled.bench
        use = Sending(
            ledger=bench.store.ledger,
            providers=bench.store.providers,
            files=NOT_USED,
            chorus=bench.chorus,
            clock=bench.clock,
            configuration=bench.configuration,
            revision=1,
            owner="pass",
        )
        report = submit_invoices(bench.provider, use, may_send=False, corrections=bench.store.corrections)
        assert report.trouble is None

    def test_an_open_correction_is_no_open_sending_of_its_neighbours(
        self, bench: TrackingBench, tmp_path: Path, make_ready: Callable[..., SendWork]
    ) -> None:
        make_ready("A-1")
        between = Returned(bench, tmp_path, RECYCLE)
        between.prepare()
        make_ready("B-1")
        bench.platform.fail("correct", Fault.CUT_BEFORE_TAKEN)
        between.correct()
        assert between.attempts() == [("submission", "taken"), ("recycle", "unresolved")]
        works = bench.store.judgements.to_judge(2, limit=99)
        assert len(works) == 2 and {work.frozen_number for work in works} == {None}

    def test_what_led_to_a_recipient_that_was_wrong_stays_doubtful(self, recycled: Returned) -> None:
        lines = recycled.bench.store.recipients
        now = recycled.bench.clock.now()
        first = {
            "environment": "simulator",
            "wording_key": "commune de test",
            "wording": "Commune de Test",
            "siret": BODY,
            "service_code": "",
            "first_invoice_id": recycled.invoice_id,
            "last_invoice_id": recycled.invoice_id,
            "first_at": now,
            "last_at": now,
            "times_used": 1,
            "pending": False,
        }
        with recycled.bench.store.database.write() as connection:
            connection.execute(learned_recipients.insert().values(**first))
        assert [line.doubtful for line in lines.lines()] == [True]
        assert recycled.correct().complete and recycled.column(invoices.c.status) == "DEPOSEE"
        assert [line.doubtful for line in lines.lines()] == [True]


class TestDeadlines:
    def test_a_rejection_is_told_after_five_and_after_seven_days_each_once(
        self, make: Callable[[CorrectionKind], Returned]
    ) -> None:
        returned = make(HANDLED)
        told = []
        for _ in range(9):
            returned.bench.clock.advance(days=1)
            returned.bench.retrieve()
            told.append(returned.alerts())
        assert told[3] == [] and told[4] == ["acknowledge_due"] == told[5]
        assert told[6] == ["acknowledge_due", "acknowledge_overdue"] == told[8]

    def test_what_goes_on_by_itself_asks_for_nothing(self, recycled: Returned) -> None:
        recycled.bench.clock.advance(days=6)
        recycled.bench.retrieve()
        assert recycled.alerts() == []


def test_each_kind_is_told_as_a_change_of_status(returned: Returned) -> None:
    returned.correct()
    last = returned.bench.events(EventKind.STATUS_CHANGED)[-1]
    assert last["number"] == returned.number
    assert last.get("status_before", last["status"]) == STATUSES[returned.kind]
