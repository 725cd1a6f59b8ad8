"""The line of those who wait for the platform: who gives up leaves it, and what was begun keeps its place."""

from __future__ import annotations

import threading

import anyio
import pytest

from include.web import remote_calls
from include.web.remote_calls import within


@pytest.fixture(autouse=True)
def one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = anyio.CapacityLimiter(1)
    monkeypatch.setattr(remote_calls, "_line", lambda: limiter)


def test_what_takes_too_long_keeps_its_place_and_what_waits_behind_it_is_dropped() -> None:
    go_on, done = threading.Event(), []

    def slow() -> str:
        go_on.wait(30)
        done.append("slow")
        return "slow"

    async def story() -> list[str | None]:
        answers = [await within(0.05, slow)]
        answers.append(await within(0.05, lambda: str(done.append("behind"))))
        go_on.set()
        answers.append(await within(30, lambda: "free again"))
        return answers

    assert anyio.run(story) == [None, None, "free again"]
    assert done == ["slow"]


def test_an_answer_in_time_is_the_answer() -> None:
    assert anyio.run(within, 30, lambda: 7) == 7


def test_an_error_in_time_is_the_error() -> None:
    def broken() -> int:
        raise LookupError("nobody")

    with pytest.raises(LookupError):
        anyio.run(within, 30, broken)
