"""The rules of corrections (docs/reference/exactly-once.md 5), each in the use case as it runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.application.tracking.correction_case import CorrectionReport, NewFile
from include.domain.correction import CorrectionKind
from include.domain.errors import ConnectorError, NeverLeftError, StaleError
from include.domain.lifecycle import State
from tests.factories import PROVIDER_KEY
from tests.fakes.chorus import Fault, ProcessKilled
from tests.unit.sending.memory import DEADLINE, DELAY, LEASE, MemoryBench, at_once

OTHER = "21750001600019"
RECYCLE, COMPLETE, HANDLED = CorrectionKind.RECYCLE, CorrectionKind.COMPLETE, CorrectionKind.REJECT_HANDLED
STATUSES = {RECYCLE: "A_RECYCLER", COMPLETE: "SUSPENDUE", HANDLED: "REJETEE"}


class Returned:
    """One invoice that came back, and the correction that answers it."""

    def __init__(self, bench: MemoryBench, kind: CorrectionKind) -> None:
        self.bench = bench
        self.kind = kind
        bench.platform.add_body(OTHER)
        self.invoice_id = bench.add()
        bench.send()
        bench.retrieve()
        bench.wait(2 * 86_400)
        bench.platform.set_status("F-1", STATUSES[kind], "Service inconnu")
        bench.retrieve()
        assert self.state is State.TO_PROCESS

    def correct(self, owner: str = "anna's") -> CorrectionReport:
        service, reference = self.bench.correcting(owner), str(self.invoice_id)
        proof = NewFile(name="bon.pdf", content=b"%PDF-1.7 note")
        calls: dict[CorrectionKind, Callable[[], CorrectionReport]] = {
            RECYCLE: lambda: service.recycle(reference, recipient=OTHER),
            COMPLETE: lambda: service.complete(reference, comment="Le voici", files=[proof]),
            HANDLED: lambda: service.reject_handled(reference),
        }
        return calls[self.kind]()

    @property
    def state(self) -> State:
        return self.bench.state(self.invoice_id)

    @property
    def done(self) -> State:
        """Where a correction of this kind ends."""
        return State.CLOSED if self.kind is HANDLED else State.SUBMITTED

    @property
    def taken(self) -> int:
        """How often the platform took one."""
        return self.bench.platform.corrected.count((self.kind, "F-1"))

    @property
    def attempts(self) -> list[str]:
        """What became of each correction, oldest first."""
        return self.bench.attempts(self.invoice_id)[1:]


@pytest.fixture(params=list(CorrectionKind))
def returned(request: pytest.FixtureRequest, bench: MemoryBench) -> Returned:
    return Returned(bench, request.param)


@pytest.fixture
def recycled(bench: MemoryBench) -> Returned:
    return Returned(bench, RECYCLE)


def test_what_the_platform_shows_at_once_is_done(returned: Returned) -> None:
    assert returned.correct().complete
    assert (returned.state, returned.taken, returned.attempts) == (returned.done, 1, ["taken"])


def test_of_two_people_at_once_one_corrects(returned: Returned) -> None:
    outcomes = list(at_once(lambda number: returned.correct(f"person {number}")))
    assert (returned.state, returned.taken) == (returned.done, 1)
    assert len([one for one in outcomes if one is None]) >= 1
    assert all(one is None or isinstance(one, StaleError) for one in outcomes)


@pytest.mark.parametrize("fault", [Fault.NEVER_LEFT, Fault.FORBIDDEN, Fault.RATE_LIMITED])
def test_what_surely_was_not_taken_waits_again_and_can_be_done_again(returned: Returned, fault: Fault) -> None:
    returned.bench.platform.fail("correct", fault)
    with pytest.raises(ConnectorError):
        returned.correct()
    assert (returned.state, returned.taken, returned.attempts) == (State.TO_PROCESS, 0, ["not_sent"])
    assert returned.correct().complete and returned.taken == 1


def test_a_lost_answer_whose_correction_shows_is_done(returned: Returned) -> None:
    returned.bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
    assert returned.correct().complete
    assert (returned.state, returned.taken, returned.attempts) == (returned.done, 1, ["taken"])


def test_a_lost_answer_whose_correction_does_not_show_is_in_doubt_until_after_the_delay(returned: Returned) -> None:
    bench = returned.bench
    bench.platform.fail("correct", Fault.CUT_BEFORE_TAKEN)
    assert returned.correct().outcome == State.CORRECTION_UNKNOWN
    bench.send()
    bench.wait(DELAY - 1)
    assert bench.plan() == []
    bench.send()
    assert returned.state is State.CORRECTION_UNKNOWN, "not seen is no proof yet"
    bench.wait(1)
    assert bench.plan() == [PROVIDER_KEY]
    bench.send()
    assert (returned.state, returned.attempts) == (State.TO_PROCESS, ["not_sent"])
    assert bench.reasons(returned.invoice_id) == ["correction_not_taken"]
    assert returned.correct().complete and returned.taken == 1


def test_a_look_that_began_before_the_delay_was_over_proves_nothing(recycled: Returned) -> None:
    bench = recycled.bench
    bench.platform.fail("correct", Fault.CUT_BEFORE_TAKEN)
    recycled.correct()
    bench.wait(DELAY - 60)
    bench.platform.meanwhile["consult"] = lambda: bench.wait(120)
    bench.send(invoice_ids=[recycled.invoice_id])
    assert recycled.state is State.CORRECTION_UNKNOWN, "it ended after the delay, and saw the platform before"
    bench.send()
    assert recycled.state is State.TO_PROCESS


def test_a_correction_in_doubt_is_never_made_twice(returned: Returned) -> None:
    bench = returned.bench
    bench.platform.fail("correct", Fault.CUT_AFTER_TAKEN)
    bench.platform.fail("consult", Fault.UNAVAILABLE)
    assert returned.correct().outcome == State.CORRECTION_UNKNOWN
    report = returned.correct()
    assert report.reasons and returned.taken == 1, "looked at first, and found done"
    assert returned.state is returned.done


@pytest.mark.parametrize("fault", [Fault.DIES_BEFORE_CALL, Fault.DIES_AFTER_TAKEN])
def test_a_sender_that_died_is_looked_after(returned: Returned, fault: Fault) -> None:
    bench = returned.bench
    bench.platform.fail("correct", fault)
    with pytest.raises(ProcessKilled):
        returned.correct()
    bench.retrieve()
    assert returned.state is State.CORRECTING, "its lease runs, and no retrieval moves it"
    bench.wait(LEASE + 1)
    for _ in range(3):
        bench.retrieve()
        bench.wait()
    if fault is Fault.DIES_BEFORE_CALL:
        assert returned.state is State.TO_PROCESS
        returned.correct()
    assert (returned.state, returned.taken) == (returned.done, 1)


def test_a_refusal_waits_again_with_the_words_of_the_platform(returned: Returned) -> None:
    returned.bench.platform.fail("correct", Fault.BUSINESS_REFUSAL)
    report = returned.correct()
    assert report.outcome == State.TO_PROCESS and report.reasons
    assert (returned.state, returned.taken, returned.attempts) == (State.TO_PROCESS, 0, ["refused"])


def test_an_invoice_that_moved_on_by_itself_is_not_corrected(recycled: Returned) -> None:
    recycled.bench.platform.set_status("F-1", "MISE_EN_PAIEMENT")
    report = recycled.correct()
    assert (report.complete, recycled.taken, recycled.attempts) == (False, 0, [])
    assert recycled.state is State.SUBMITTED


def test_a_late_success_counts_after_the_lease_was_acted_on(recycled: Returned) -> None:
    bench = recycled.bench

    def others_act() -> None:
        bench.wait(LEASE + 1)
        bench.send()
        assert recycled.state is State.CORRECTION_UNKNOWN

    bench.platform.meanwhile["correct"] = others_act
    assert recycled.correct().outcome == State.SUBMITTED
    assert (recycled.state, recycled.taken, recycled.attempts) == (State.SUBMITTED, 1, ["taken"])


def test_a_claim_older_than_the_deadline_is_not_posted(recycled: Returned, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, claim = recycled.bench, recycled.bench.corrections.claim

    def stalls(*arguments: object, **named: object) -> object:
        attempt = claim(*arguments, **named)  # type: ignore[arg-type]
        bench.wait(DEADLINE + 1)
        return attempt

    monkeypatch.setattr(bench.corrections, "claim", stalls)
    with pytest.raises(NeverLeftError):
        recycled.correct()
    assert (recycled.state, recycled.taken, recycled.attempts) == (State.TO_PROCESS, 0, ["not_sent"])


def test_a_rejection_names_the_document_that_follows_it(bench: MemoryBench) -> None:
    returned = Returned(bench, HANDLED)
    successor = bench.add("F-2")
    bench.send()
    service = bench.correcting()
    assert service.reject_handled(str(returned.invoice_id), successor_document=successor).complete
    assert bench.store.invoices[returned.invoice_id].get("successor_id") == successor


def test_a_document_with_the_same_number_cannot_follow(bench: MemoryBench) -> None:
    returned = Returned(bench, HANDLED)
    again = bench.add("F-1", b"%PDF-1.7 other", "Factures/again.pdf")
    report = bench.correcting().reject_handled(str(returned.invoice_id), successor_document=again)
    assert [reason.code for reason in report.reasons] == ["successor_same_number"] and returned.taken == 0
