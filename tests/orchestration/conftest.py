"""Airflow's own database for this process, one simulator, and a fresh world for each test."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.simulator.server import RunningSimulator
from tests.orchestration.world import World


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """The metadata database, in the AIRFLOW_HOME of this test process."""
    from airflow.utils.db import initdb

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Airflow and Alembic have to say to each other
        initdb()


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: RunningSimulator) -> RunningSimulator:
    running_simulator.platform.reset()
    return running_simulator


@pytest.fixture
def world(own_home: Path, tmp_path: Path, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(folder=tmp_path, simulator=simulator, monkeypatch=monkeypatch)
    made.prepare()
    return made
