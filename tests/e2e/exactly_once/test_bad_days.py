"""Many invoices, several workers, and a platform on its bad days: each invoice exactly once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.domain.lifecycle import State
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.conftest import DEADLINE_SECONDS, DELAY_SECONDS, Field, Nursery, eventually, open_field
from tests.e2e.exactly_once.control import SUBMIT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MANY_PASSES = 60


def until_all_are_submitted(field: Field, invoice_ids: list[int], *, step_seconds: float = 0) -> int:
    """Passes follow one another, as every ten minutes; how many it took."""
    for done in range(1, MANY_PASSES + 1):
        field.one_pass()
        if step_seconds:
            field.pass_time(step_seconds)
        if set(field.states().values()) == {State.SUBMITTED}:
            return done
    stuck = [invoice_id for invoice_id in invoice_ids if field.state(invoice_id) is not State.SUBMITTED]
    raise AssertionError(f"{len(stuck)} are stuck, for instance: {field.log(stuck[0])}")


def side_by_side(field: Field) -> None:
    field.configure(submission={"parallel": 4, "send_deadline_seconds": 30, "lease_seconds": 60})


def test_two_workers_at_once_send_two_hundred_invoices_once_each(field: Field) -> None:
    side_by_side(field)
    invoice_ids = field.add_many(f"F-{i:03}" for i in range(200))
    field.pipeline().map()
    workers = [field.worker(), field.worker()]
    for worker in workers:
        code, text = worker.end()
        assert code == 0, text[-3000:]
    field.each_exactly_once(invoice_ids)
    assert {len(field.attempts(invoice_id)) for invoice_id in invoice_ids} == {1}


def test_two_workers_of_whom_one_is_killed_in_the_middle(field: Field) -> None:
    side_by_side(field)
    invoice_ids = field.add_many(f"F-{i:03}" for i in range(60))
    field.pipeline().map()
    victim, other = field.worker(), field.worker()
    victim.works_until(lambda: len(field.platform.held()) >= 10, "both are at work")
    victim.kill()
    code, text = other.end()
    assert code == 0, text[-3000:]
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


def test_a_frozen_worker_does_not_post_what_others_have_sent_meanwhile(field: Field) -> None:
    frozen_at = time.monotonic()
    [invoice_id] = field.add_many(["F-1"])
    worker = field.worker("claimed", "stop")
    worker.wait_until_stopped()
    field.passes_until_nothing_moves()
    field.each_exactly_once([invoice_id])
    eventually(lambda: time.monotonic() > frozen_at + 2 * DEADLINE_SECONDS, "the claim is too old")
    worker.go_on()
    code, text = worker.end()
    assert code == 0, text[-3000:]
    field.each_exactly_once([invoice_id])
    assert field.attempt_states(invoice_id) == ["not_sent", "taken"]


def test_a_worker_frozen_before_the_first_byte_is_refused_by_a_platform_that_refuses_used_numbers(
    field: Field,
) -> None:
    """The gap that docs/operations.md names: no clock check of ours can close it, the platform's own check does."""
    field.platform.set(unique_numbers=True, token_seconds=1_000_000)
    [invoice_id] = field.add_many(["F-1"])
    worker = field.worker("first-byte")
    worker.wait_until_stopped()
    field.passes_until_nothing_moves()
    field.each_exactly_once([invoice_id])
    worker.go_on()
    code, text = worker.end()
    assert code == 0, text[-3000:]
    field.each_exactly_once([invoice_id])
    assert field.attempt_states(invoice_id) == ["refused", "taken"], "its late answer is added to its attempt"


def test_a_worker_frozen_after_the_answer_moves_the_invoice_late(field: Field) -> None:
    field.platform.set(search_delay_seconds=1_000_000)
    [invoice_id] = field.add_many(["F-1"])
    worker = field.worker("answered", "stop")
    worker.wait_until_stopped()
    field.let_the_leases_run_out()
    field.one_pass()
    assert field.state(invoice_id) is State.UNKNOWN, "taken, and not yet shown by the search"
    worker.go_on()
    worker.end()
    field.each_exactly_once([invoice_id])
    assert field.row(invoice_id).state == State.SUBMITTED


def test_a_hundred_invoices_whose_answers_are_lost_three_times_in_ten(field: Field) -> None:
    side_by_side(field)
    invoice_ids = field.add_many(f"F-{i:03}" for i in range(100))
    field.platform.fail(SUBMIT, "drop_after_accept", probability=0.3)
    passes = until_all_are_submitted(field, invoice_ids)
    field.each_exactly_once(invoice_ids)
    assert field.platform.calls(SUBMIT) == len(invoice_ids), "nothing was posted twice"
    assert passes > 1


def test_lost_answers_under_an_index_that_shows_them_late(field: Field) -> None:
    side_by_side(field)
    field.platform.set(search_delay_seconds=DELAY_SECONDS / 2)
    invoice_ids = field.add_many(f"F-{i:03}" for i in range(30))
    for kind in ("drop_after_accept", "drop_before", "truncated_json", "server_error"):
        field.platform.fail(SUBMIT, kind, probability=0.1)
    until_all_are_submitted(field, invoice_ids, step_seconds=600)
    field.each_exactly_once(invoice_ids)


def test_bursts_at_the_gate_cost_time_and_nothing_else(field: Field) -> None:
    side_by_side(field)
    invoice_ids = field.add_many(f"F-{i:03}" for i in range(30))
    for operation in (SUBMIT, "*"):
        for kind in ("token_expired", "forbidden", "rate_limited"):
            field.platform.fail(operation, kind, probability=0.1)
    field.platform.fail(SUBMIT, "account_refused", times=2)
    field.platform.fail("token", "token_refused", probability=0.1)
    until_all_are_submitted(field, invoice_ids, step_seconds=3600)
    field.each_exactly_once(invoice_ids)
    assert all("unresolved" not in field.attempt_states(invoice_id) for invoice_id in invoice_ids)


@pytest.fixture
def mortal(database_url: str, nursery: Nursery, tmp_path: Path) -> Iterator[tuple[RunningSimulator, Field]]:
    """A platform of its own that keeps its state in a file."""
    with RunningSimulator(state_file=tmp_path / "platform.db") as simulator:
        field = open_field(simulator, database_url, tmp_path)
        field.nursery = nursery
        field.platform.reset()
        try:
            yield simulator, field
        finally:
            for worker in field.workers:
                worker.clean_up()
            field.store.database.close()


def test_a_platform_that_goes_down_in_the_middle_and_comes_back(
    mortal: tuple[RunningSimulator, Field], tmp_path: Path
) -> None:
    simulator, field = mortal
    side_by_side(field)
    invoice_ids = field.add_many(f"F-{i:03}" for i in range(60))
    field.pipeline().map()
    worker = field.worker()
    worker.works_until(lambda: len(field.platform.held()) >= 10, "in the middle")
    port = int(simulator.url.rpartition(":")[2])
    simulator.__exit__(None, None, None)
    code, text = worker.end()
    assert code == 0, text[-3000:]
    field.one_pass()
    assert State.READY in field.states().values(), "while it is down nothing is sent"
    with RunningSimulator(port=port, state_file=tmp_path / "platform.db"):
        field.passes_until_nothing_moves()
        field.each_exactly_once(invoice_ids)
