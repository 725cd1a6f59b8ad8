"""What a retrieval means for invoices that we sent (docs/reference/exactly-once.md 4), in the use case as it runs."""

from __future__ import annotations

import datetime as dt

import pytest

from include.domain.lifecycle import State
from tests.factories import PROVIDER_KEY, a_submission
from tests.fakes.chorus import Fault, ProcessKilled
from tests.unit.sending.memory import LEASE, MemoryBench


def lost(bench: MemoryBench, fault: Fault = Fault.CUT_AFTER_TAKEN) -> int:
    """One whose answer was lost."""
    invoice_id = bench.add()
    bench.platform.fail("submit", fault)
    bench.send()
    assert bench.state(invoice_id) is State.UNKNOWN
    return invoice_id


def test_the_last_net_catches_what_no_search_found(bench: MemoryBench) -> None:
    invoice_id = lost(bench)
    report = bench.retrieve()
    assert (report.complete, report.stored.recovered) == (True, 1)
    assert (bench.state(invoice_id), bench.attempts(invoice_id)) == (State.SUBMITTED, ["taken"])


def test_the_last_net_catches_what_was_wrongly_taken_for_refused(bench: MemoryBench) -> None:
    bench.platform.search_delay = dt.timedelta(hours=3)
    invoice_id = lost(bench)
    for _ in range(2):
        bench.search()
        bench.wait()
    bench.platform.unique_numbers = True
    bench.send()
    for _ in range(2):
        bench.search()
        bench.wait()
    assert bench.state(invoice_id) is State.REFUSED
    bench.wait(4 * 3600)
    bench.retrieve()
    assert (bench.state(invoice_id), bench.platform.numbers()) == (State.SUBMITTED, ["F-1"])


def test_the_net_leaves_alone_what_is_being_sent(bench: MemoryBench) -> None:
    invoice_id = bench.add()
    bench.platform.fail("submit", Fault.DIES_AFTER_TAKEN)
    with pytest.raises(ProcessKilled):
        bench.send()
    assert bench.retrieve().stored.new == 0 and bench.state(invoice_id) is State.SUBMITTING
    bench.wait(LEASE + 1)
    bench.plan()
    bench.retrieve()
    assert bench.state(invoice_id) is State.SUBMITTED


def test_somebody_elses_invoice_with_our_number_moves_nothing_of_ours(bench: MemoryBench) -> None:
    invoice_id = lost(bench, Fault.CUT_BEFORE_TAKEN)
    bench.platform.take(a_submission("F-1", total_incl_tax=a_submission().total_excl_tax))
    assert bench.retrieve().stored.foreign == 1
    assert bench.state(invoice_id) is State.UNKNOWN


def test_a_second_night_finds_nothing_new(bench: MemoryBench) -> None:
    bench.add()
    bench.send()
    bench.platform.take(a_submission("X-1"))
    first, second = bench.retrieve(), bench.retrieve()
    assert (first.stored.new, first.stored.foreign, first.histories) == (2, 1, 2)
    assert (second.stored.new, second.stored.changed, second.histories) == (0, 0, 0)


def test_a_returned_invoice_waits_and_goes_back_when_it_moved_on(bench: MemoryBench) -> None:
    invoice_id = bench.add()
    bench.send()
    bench.retrieve()
    for status, state in (("SUSPENDUE", State.TO_PROCESS), ("COMPLETEE", State.SUBMITTED)):
        bench.wait(86_400)
        bench.platform.set_status("F-1", status)
        bench.retrieve()
        assert bench.state(invoice_id) is state


def test_a_run_that_fails_moves_no_watermark_and_the_next_asks_from_there_again(bench: MemoryBench) -> None:
    bench.add()
    bench.send()
    bench.retrieve()
    before = bench.tracking.record(PROVIDER_KEY).watermark
    bench.wait(86_400)
    bench.platform.set_status("F-1", "SUSPENDUE")
    bench.platform.fail("search_since", Fault.UNAVAILABLE)
    assert bench.retrieve().failure is not None
    record = bench.tracking.record(PROVIDER_KEY)
    assert (record.watermark, record.failure is not None) == (before, True)
    assert bench.retrieve().stored.changed == 1
