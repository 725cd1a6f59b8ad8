"""How far a long step is: one line in the log every half minute, and every advance to who watches."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.application.progress import EVERY_SECONDS, Progress, Reached, Step
from tests.fakes.clock import FakeClock


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_the_log_says_every_half_minute_what_was_done_and_what_is_left(
    clock: FakeClock, told: pytest.LogCaptureFixture
) -> None:
    progress = Progress(Step.READ, clock, total=9)
    for _ in range(8):
        clock.advance(EVERY_SECONDS / 3)
        progress.advance()
    assert told.messages == ["Reading the documents: 3 done, 6 left.", "Reading the documents: 6 done, 3 left."]


def test_a_step_shorter_than_that_says_nothing(clock: FakeClock, told: pytest.LogCaptureFixture) -> None:
    progress = Progress(Step.READ, clock, total=2)
    clock.advance(EVERY_SECONDS - 1)
    progress.advance()
    assert told.messages == []


def test_while_nobody_knows_how_much_there_is_what_was_done_is_said(
    clock: FakeClock, told: pytest.LogCaptureFixture
) -> None:
    progress = Progress(Step.RETRIEVE, clock)
    clock.advance(EVERY_SECONDS)
    progress.reach(100, None)
    assert told.messages == ["Retrieving the invoices: 100 done."]


def test_more_than_was_counted_leaves_nothing_rather_than_less(
    clock: FakeClock, told: pytest.LogCaptureFixture
) -> None:
    progress = Progress(Step.RETRIEVE, clock, total=5)
    clock.advance(EVERY_SECONDS)
    progress.reach(6, 5)
    assert told.messages == ["Retrieving the invoices: 6 done, 0 left."]


def test_who_watches_hears_the_beginning_and_each_advance_of_every_thread(clock: FakeClock) -> None:
    heard: list[Reached] = []
    progress = Progress(Step.SUBMIT, clock, heard.append, total=400)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(400):
            pool.submit(progress.advance)
    assert heard == [Reached(step=Step.SUBMIT, done=done, total=400) for done in range(401)]
