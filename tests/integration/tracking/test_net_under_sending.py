"""The nightly retrieval as the last net under sending: what the platform holds and we doubted becomes submitted."""

from __future__ import annotations

from decimal import Decimal

from include.adapters.storage.core.tables import invoices
from include.domain.notification import EventKind
from include.domain.submission import Taken
from include.domain.transitions.mapping import Assessment
from tests.factories import LOST, PROVIDER_KEY, complete_draft
from tests.integration.tracking.bench import TrackingBench


def test_an_unknown_one_that_stands_there_as_sent_becomes_submitted(bench: TrackingBench) -> None:
    _, attempt = bench.claimed("F-1")
    bench.platform.take(attempt.submission)
    bench.store.ledger.unresolved(attempt, LOST, search_after_seconds=60, now=bench.clock.now())
    report = bench.retrieve()
    assert report.counts()["recovered"] == 1 and report.counts()["foreign"] == 0
    assert bench.standing() == {"F-1": ("submitted", "DEPOSEE")}
    assert len(bench.events(EventKind.SUBMITTED)) == 1


def test_a_refused_one_whose_earlier_attempt_arrived_becomes_submitted(bench: TrackingBench) -> None:
    """The platform indexed it later than the delay: not found twice, sent again, refused as used, not found."""
    _, first = bench.claimed("F-1")
    ledger, clock = bench.store.ledger, bench.clock
    bench.platform.take(first.submission)
    ledger.unresolved(first, LOST, search_after_seconds=0, now=clock.now())
    for _ in range(2):
        [work] = ledger.unknown(PROVIDER_KEY, now=clock.now(), limit=9)
        ledger.apply_search(work, [], search_after_seconds=0, now=clock.now())
    revision, _ = bench.store.configuration.current()
    [assessed] = bench.store.assessments.to_assess(revision, limit=9)
    assessment = Assessment(draft=complete_draft("F-1"), reasons=(), provider_key=PROVIDER_KEY, environment="simulator")
    bench.store.assessments.record_assessment(assessed, assessment, revision=revision, now=clock.now())
    [ready] = ledger.ready(PROVIDER_KEY, revision, limit=9)
    second = ledger.claim(ready, first.submission, "b", owner="w", lease_seconds=9, revision=revision, now=clock.now())
    ledger.refusal(second, 29901, "numero deja utilise", "{}", now=clock.now())
    ledger.apply_refusal(second, [], search_after_seconds=0, now=clock.now())
    for _ in range(2):
        for work in ledger.unknown(PROVIDER_KEY, now=clock.now(), limit=9):
            ledger.apply_search(work, [], search_after_seconds=0, now=clock.now())
    assert bench.standing()["F-1"][0] == "refused"
    bench.retrieve()
    assert bench.standing() == {"F-1": ("submitted", "DEPOSEE")}


def test_one_with_other_values_is_somebody_elses(bench: TrackingBench) -> None:
    _, attempt = bench.claimed("F-1")
    bench.put("F-1", total_incl_tax=Decimal("99.00"))
    bench.store.ledger.unresolved(attempt, LOST, search_after_seconds=60, now=bench.clock.now())
    report = bench.retrieve()
    assert (report.stored.recovered, report.stored.foreign) == (0, 1)
    states = sorted(state for _, state in bench.rows(invoices.c.id, invoices.c.state))
    assert states == ["submitted", "unknown"]


def test_one_that_is_being_sent_is_left_to_its_sender(bench: TrackingBench) -> None:
    _, attempt = bench.claimed("F-1")
    held = bench.platform.take(attempt.submission)
    report = bench.retrieve()
    assert (report.seen, report.stored.new) == (1, 0)
    assert bench.standing() == {"F-1": ("submitting", None)}
    answer = Taken(chorus_id=held.chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
    assert bench.store.ledger.taken(attempt, answer, now=bench.clock.now())
    bench.retrieve()
    assert bench.standing() == {"F-1": ("submitted", "DEPOSEE")}


def test_a_returned_one_that_was_unknown_goes_straight_to_the_people(bench: TrackingBench) -> None:
    _, attempt = bench.claimed("F-1")
    bench.platform.take(attempt.submission)
    bench.store.ledger.unresolved(attempt, LOST, search_after_seconds=60, now=bench.clock.now())
    bench.platform.set_status("F-1", "SUSPENDUE")
    bench.retrieve()
    assert bench.standing() == {"F-1": ("to_process", "SUSPENDUE")}
