"""Two retrievals of one provider at once, and a retrieval beside sending: nothing doubles."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from include.application.tracking import retrieve_invoices as module
from include.application.tracking.retrieve_invoices import RetrievalReport
from include.domain.submission import Taken
from tests.integration.tracking.bench import TrackingBench


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_SIZE", 5)


def at_once(*works: Callable[[], object]) -> None:
    """All at once, each to its end; a fault of any of them is raised."""
    faults: list[BaseException] = []
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        ready.wait()
        try:
            work()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def test_two_first_loads_insert_each_invoice_once(bench: TrackingBench) -> None:
    for n in range(40):
        bench.put(f"P-{n:02}")
    reports: list[RetrievalReport] = []
    at_once(*[lambda: reports.append(bench.retrieve())] * 3)
    assert [report.failure for report in reports] == [None] * 3
    assert sum(report.stored.foreign for report in reports) == 40
    assert len(bench.standing()) == 40
    assert all(len(bench.history(f"P-{n:02}")) == 1 for n in range(40))


def test_two_runs_tell_each_change_once(bench: TrackingBench) -> None:
    for n in range(20):
        bench.submitted(f"F-{n:02}")
    bench.loaded()
    for n in range(20):
        bench.platform.set_status(f"F-{n:02}", "SUSPENDUE")
    reports: list[RetrievalReport] = []
    at_once(*[lambda: reports.append(bench.retrieve())] * 3)
    assert [report.failure for report in reports] == [None] * 3
    assert len(bench.mailed()) == 20
    assert set(bench.moves_made().values()) == {1}


def test_an_answer_that_comes_while_a_retrieval_runs_is_stored_once(bench: TrackingBench) -> None:
    claims = [bench.claimed(f"F-{n:02}")[1] for n in range(10)]
    held = [bench.platform.take(attempt.submission) for attempt in claims]

    def answers() -> None:
        for attempt, one in zip(claims, held, strict=True):
            answer = Taken(chorus_id=one.chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
            assert bench.store.ledger.taken(attempt, answer, now=bench.clock.now())

    at_once(answers, bench.retrieve, bench.retrieve)
    bench.retrieve()
    assert bench.standing() == {f"F-{n:02}": ("submitted", "DEPOSEE") for n in range(10)}
