"""A worker killed between a refusal and what it means, and in every kind of search."""

from __future__ import annotations

import pytest

from include.domain.lifecycle import State
from tests.e2e.exactly_once.conftest import DELAY_SECONDS, Field
from tests.e2e.exactly_once.control import SUBMIT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

REFUSAL_STEPS = [
    "refusal-not-stored",
    "refusal-stored",
    "uploads-forgotten",
    "before-search",
    "searched",
    "refusal-not-settled",
    "refusal-not-committed",
]


@pytest.mark.parametrize("step", REFUSAL_STEPS)
def test_killed_after_a_refusal(field: Field, step: str) -> None:
    invoice_ids = field.add_many(["F-1"])
    field.platform.fail(SUBMIT, "business_refusal")
    field.worker(step).wait_until_killed()
    assert field.platform.held() == {}
    field.passes_until_nothing_moves()
    if step != "refusal-not-stored":  # then nobody knows of the refusal, and it was sent again after the search
        assert field.state(invoice_ids[0]) is State.REFUSED
        assert field.reasons(invoice_ids[0]) == ["refused"]
        field.send_again().invoices([str(i) for i in invoice_ids])
    field.each_exactly_once(invoice_ids)


@pytest.mark.parametrize("step", [step for step in REFUSAL_STEPS if step not in ("before-search", "searched")])
def test_killed_after_the_platform_refused_our_own_double(field: Field, step: str) -> None:
    """Taken, answer lost, indexed late, sent again, refused as used: the first one is ours."""
    field.platform.set(unique_numbers=True, search_delay_seconds=5 * DELAY_SECONDS)
    invoice_ids = field.add_many(["F-1"])
    field.platform.fail(SUBMIT, "drop_after_accept")
    field.one_pass()
    field.one_pass()
    field.movable.advance(DELAY_SECONDS + 1)
    field.one_pass()
    assert field.state(invoice_ids[0]) is State.READY
    field.worker(step).wait_until_killed()
    field.pass_time(5 * DELAY_SECONDS)
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


@pytest.mark.parametrize(
    "step", ["before-search", "searched", "search-not-settled", "search-not-committed", "search-settled"]
)
@pytest.mark.parametrize("taken", [False, True])
def test_killed_in_the_search(field: Field, step: str, taken: bool) -> None:
    invoice_ids = field.add_many(["F-1"])
    field.platform.fail(SUBMIT, "drop_after_accept" if taken else "drop_before")
    field.one_pass()
    assert field.state(invoice_ids[0]) is State.UNKNOWN
    field.worker(step).wait_until_killed()
    field.passes_until_nothing_moves()
    field.each_exactly_once(invoice_ids)


@pytest.mark.parametrize("step", ["before-search", "searched", "search-not-settled", "search-settled", "claimed"])
def test_killed_in_the_search_before_a_resend(field: Field, step: str) -> None:
    """Two empty searches under a late index made it ready again; then the index shows it, or never will."""
    field.platform.set(search_delay_seconds=3 * DELAY_SECONDS)
    taken, lost = field.add_many(["F-1", "F-2"])
    field.platform.fail(SUBMIT, "drop_after_accept")
    field.platform.fail(SUBMIT, "drop_before")
    field.one_pass()
    field.one_pass()
    field.movable.advance(DELAY_SECONDS + 1)
    field.one_pass()
    assert {field.state(taken), field.state(lost)} == {State.READY}
    field.platform.advance(3 * DELAY_SECONDS)
    field.worker(step).wait_until_killed()
    field.passes_until_nothing_moves()
    field.each_exactly_once([taken, lost])
