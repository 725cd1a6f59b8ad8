"""`make run` keeps its hands off what is not its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from include.demo.airflow_server import AirflowServer
from include.demo.processes import free_port
from include.demo.run import SURROUNDINGS, main
from include.domain.configuration import Configuration
from tests.factories import configuration
from tests.fakes.clock import START

REAL = {"name": "Imprimerie Durand", "siret": "33254021516357", "connection": "chorus_durand"}


def stored(home: Path, wanted: Configuration) -> Store:
    database = Database(f"sqlite:///{home / 'chorus.db'}")
    database.migrate()
    store = Store(database)
    store.configuration.save(wanted, expected_revision=0, actor="test", source="test", at=START, changes=())
    return store


@pytest.mark.parametrize("environment", ["production", "qualification"])
@pytest.mark.parametrize("retired", [False, True])
def test_the_home_of_a_real_supplier_is_refused_before_anything_is_touched(
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: str,
    retired: bool,
) -> None:
    own_home.mkdir()
    wanted = configuration(providers=[{**REAL, "environment": environment}])
    if retired:
        wanted = wanted.model_copy(update={"providers": (), "retired_providers": wanted.providers})
    store = stored(own_home, wanted)
    started: list[Any] = []
    monkeypatch.setattr(AirflowServer, "begin_migration", lambda _self: started.append("migration of Airflow"))
    monkeypatch.setattr(AirflowServer, "start", started.append)
    code = main(["--once", "--port", str(free_port())])
    told = capsys.readouterr().err
    assert code == SURROUNDINGS
    assert f"{own_home} holds the configuration of Imprimerie Durand." in told and "CHORUS_HOME" in told
    assert store.configuration.current() == (1, wanted), "what is stored stays"
    assert started == ["migration of Airflow"] and not (own_home / "portal").exists()
    assert not (own_home / "run.json").exists(), "no simulator runs"
    store.database.close()
