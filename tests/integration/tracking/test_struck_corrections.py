"""Returned invoices under faults: processes killed at every step, two people at once, corrections beside sending."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.core.tables import invoices, learned_recipients
from include.adapters.storage.tracking.corrections import SqlCorrections
from include.application.ports.corrections import CorrectionAttempt
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.ledger import SendWork
from include.application.submission.sending import Sending
from include.application.submission.submit_invoices import submit_invoices
from include.domain.correction import Correction, CorrectionKind
from include.domain.errors import (
    NeverLeftError,
    StaleError,
)
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from tests.factories import BODY, LOST, a_submission
from tests.fakes.chorus import FakeGateway, Fault, ProcessKilled
from tests.integration.tracking.bench import TrackingBench
from tests.integration.tracking.returned import Returned
from tests.sending_bench import NOT_USED

RECYCLE, HANDLED = CorrectionKind.RECYCLE, CorrectionKind.REJECT_HANDLED

STEPS = [
    (SqlCorrections, "claim", "before"),
    (SqlCorrections, "claim", "after"),
    (FakeGateway, "correct", "before"),
    (FakeGateway, "correct", "after"),
    (SqlCorrections, "answered", "before"),
    (SqlCorrections, "answered", "after"),
    (FakeGateway, "consult", "before"),
    (SqlCorrections, "apply_outcome", "before"),
    (SqlCorrections, "apply_outcome", "after"),
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
        kill_at(monkeypatch, (SqlCorrections, "apply_outcome", "before"))
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

        people = [threading.Thread(target=correct, args=(f"person {at}",)) for at in (1, 2)]
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
        assert not store.not_sent(lost, LOST, now=now)
        assert store.unresolved(lost, LOST, check_after_seconds=1, now=now) is None
        assert store.apply_outcome(lost, shown, now=now) is None
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
        [row] = recycled.bench.store.invoice_views.rows(OWNER, InvoiceFilter(ids=(recycled.invoice_id,)))
        told = recycled.bench.store.invoice_views.detail(OWNER, str(row.id))
        assert told is not None and told.attempts[-1].answer == "proof"

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
            internal_errors=bench.store.internal_errors,
            clock=bench.clock,
            configuration=bench.configuration,
            revision=1,
            owner="pass",
        )
        report = submit_invoices(bench.provider, use, may_send=False, corrections=bench.store.corrections)
        assert report.failure is None

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
        works = bench.store.assessments.to_assess(2, limit=99)
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
