"""The flow that sends what people chose (port `SendingFlow`); `tests/orchestration` runs it on Airflow itself."""

from __future__ import annotations

from typing import Protocol

import pytest

from include.application.ports.sending_flow import Hindrance, SendingFlow
from include.domain.errors import FlowUnavailableError
from tests.fakes.sending_flow import FakeSendingFlow


class Scheduler(Protocol):
    """What stands behind the flow, and the hand that changes it."""

    flow: SendingFlow

    def pause(self) -> None: ...

    def fall_silent(self) -> None: ...

    def take_away(self) -> None: ...

    def begun(self) -> list[tuple[int, str]]: ...


class Fake:
    """The fake."""

    def __init__(self) -> None:
        self.flow = FakeSendingFlow()

    def pause(self) -> None:
        self.flow.paused = True

    def fall_silent(self) -> None:
        self.flow.silent = True

    def take_away(self) -> None:
        self.flow.missing = True

    def begun(self) -> list[tuple[int, str]]:
        return list(self.flow.begun.items())


class SendingFlowSuite:
    """What holds for every flow; `scheduler` is healthy and knows the flow."""

    @pytest.fixture
    def scheduler(self) -> Scheduler:
        raise NotImplementedError

    def test_a_request_is_begun_in_the_name_of_its_person(self, scheduler: Scheduler) -> None:
        assert scheduler.flow.hindrance() is None
        scheduler.flow.begin(41, actor="anna")
        assert scheduler.begun() == [(41, "anna")]

    def test_the_same_request_is_begun_once(self, scheduler: Scheduler) -> None:
        for _ in range(2):
            scheduler.flow.begin(42, actor="anna")
        assert scheduler.begun() == [(42, "anna")]

    def test_a_paused_flow_takes_requests_and_says_so(self, scheduler: Scheduler) -> None:
        scheduler.pause()
        scheduler.flow.begin(43, actor="anna")
        assert (scheduler.begun(), scheduler.flow.hindrance()) == ([(43, "anna")], Hindrance.PAUSED)

    def test_a_scheduler_without_a_sign_of_life_is_silent(self, scheduler: Scheduler) -> None:
        scheduler.fall_silent()
        assert scheduler.flow.hindrance() is Hindrance.SILENT

    def test_a_flow_that_is_not_there_takes_nothing(self, scheduler: Scheduler) -> None:
        scheduler.take_away()
        assert scheduler.flow.hindrance() is Hindrance.MISSING
        with pytest.raises(FlowUnavailableError):
            scheduler.flow.begin(44, actor="anna")
        assert scheduler.begun() == []


class TestFakeFlow(SendingFlowSuite):
    @pytest.fixture
    def scheduler(self) -> Scheduler:
        return Fake()
