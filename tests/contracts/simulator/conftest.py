"""One simulator for the folder, back in its first state before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import Caller


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: RunningSimulator) -> RunningSimulator:
    running.platform.reset()
    return running


@pytest.fixture
def api(simulator: RunningSimulator) -> Iterator[Caller]:
    caller = Caller(simulator)
    yield caller
    caller.close()
