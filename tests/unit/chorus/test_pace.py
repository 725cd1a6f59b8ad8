"""The pace of one process: turns follow one another, each client has its own, and a pause is not caught up."""

from __future__ import annotations

from include.adapters.chorus.pace import Pace, ProcessTurns
from tests.fakes.clock import FakeClock


def test_turns_follow_one_another_and_a_client_does_not_wait_for_another(clock: FakeClock) -> None:
    turns = ProcessTurns(clock)
    assert [turns.take("one", 100.0) for _ in range(3)] == [0.0, 100.0, 200.0]
    assert turns.take("two", 100.0) == 0.0


def test_a_pause_is_not_caught_up_afterwards(clock: FakeClock) -> None:
    turns = ProcessTurns(clock)
    turns.take("one", 100.0)
    clock.advance(1000)
    assert [turns.take("one", 100.0) for _ in range(2)] == [0.0, 100.0]


def test_without_a_pace_nobody_waits(clock: FakeClock) -> None:
    turns = ProcessTurns(clock)
    pace = Pace(None, client="one", turns=turns, own_turns=turns, sleep=clock.advance)
    before = clock.monotonic()
    for _ in range(3):
        pace.wait()
    assert clock.monotonic() == before
