"""Runs that a person begins (port `DagRuns`); `tests/orchestration` runs the suite on Airflow itself."""

from __future__ import annotations

from typing import Protocol

import pytest

from include.application.ports.dag_runs import DagRuns
from include.domain.configuration import Provider
from include.domain.errors import FlowUnavailableError
from tests.factories import configuration
from tests.fakes.dag_runs import FakeDagRuns


class Flows(Protocol):
    """What stands behind the port, and the hand that changes it."""

    runs: DagRuns

    def pause(self) -> None: ...

    def take_away(self) -> None: ...

    def begun(self) -> dict[str, str]:
        """Who began each run, by its id."""
        ...


class Fake:
    """The fake."""

    def __init__(self) -> None:
        self.runs = FakeDagRuns()

    def pause(self) -> None:
        self.runs.paused = True

    def take_away(self) -> None:
        self.runs.missing = True

    def begun(self) -> dict[str, str]:
        return dict(self.runs.begun)


def provider(loading: str = "local") -> Provider:
    [made] = configuration().providers
    return made.model_copy(update={"loading": loading})


class DagRunsSuite:
    """What holds for all; `flows` lets both flows run."""

    @pytest.fixture
    def flows(self) -> Flows:
        raise NotImplementedError

    def test_a_run_is_begun_in_the_name_of_its_person(self, flows: Flows) -> None:
        started = flows.runs.retrieve(provider(), actor="boss")
        assert flows.begun() == {started.run_id: "boss"}
        assert not started.paused

    def test_asked_twice_at_once_it_is_the_same_run(self, flows: Flows) -> None:
        first, second = (flows.runs.retrieve(provider(), actor="boss") for _ in range(2))
        assert len({first.run_id, second.run_id}) == len(flows.begun())

    def test_each_mode_has_its_flow(self, flows: Flows) -> None:
        started = {flows.runs.retrieve(provider(mode), actor="boss").dag_id for mode in ("local", "remote")}
        assert len(started) == 2

    def test_a_paused_flow_takes_it_and_says_so(self, flows: Flows) -> None:
        flows.pause()
        assert flows.runs.retrieve(provider(), actor="boss").paused
        assert len(flows.begun()) == 1

    def test_a_flow_that_is_not_there_begins_nothing(self, flows: Flows) -> None:
        flows.take_away()
        with pytest.raises(FlowUnavailableError):
            flows.runs.retrieve(provider(), actor="boss")
        assert flows.begun() == {}

    def test_a_dry_run_is_a_run_of_its_own_flow(self, flows: Flows) -> None:
        asked, tried = flows.runs.retrieve(provider(), actor="boss"), flows.runs.dry_run(actor="zoe")
        assert asked.dag_id != tried.dag_id
        assert flows.begun() == {asked.run_id: "boss", tried.run_id: "zoe"}
        assert flows.runs.dry_run(actor="zoe").run_id == tried.run_id

    def test_a_dry_run_of_a_flow_that_is_not_there_begins_nothing(self, flows: Flows) -> None:
        flows.take_away()
        with pytest.raises(FlowUnavailableError):
            flows.runs.dry_run(actor="boss")
        assert flows.begun() == {}


class TestFakeDagRuns(DagRunsSuite):
    @pytest.fixture
    def flows(self) -> Flows:
        return Fake()
