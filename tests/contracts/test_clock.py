"""What every clock promises: the machine's, and the fake (port `Clock`)."""

from __future__ import annotations

import datetime as dt

import pytest

from include.application.ports.clock import Clock
from include.bootstrap import SystemClock
from tests.fakes.clock import FakeClock


@pytest.fixture(params=[FakeClock, SystemClock])
def any_clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_the_time_is_in_utc_and_says_so(any_clock: Clock) -> None:
    assert any_clock.now().tzinfo is dt.UTC


def test_neither_time_goes_back(any_clock: Clock) -> None:
    looks = [(any_clock.now(), any_clock.monotonic()) for _ in range(5)]
    assert looks == sorted(looks)
    assert isinstance(any_clock.monotonic(), float)


def test_both_times_of_the_fake_move_together_and_only_forward() -> None:
    clock = FakeClock()
    before = clock.now(), clock.monotonic()
    clock.advance(minutes=1)
    assert (clock.now() - before[0], clock.monotonic() - before[1]) == (dt.timedelta(minutes=1), 60.0)
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)
