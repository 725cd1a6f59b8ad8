"""`chorus doctor` where it may ask Airflow: the pools that the DAGs name."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.adapters.scheduler.pools import POOLS, check_pools
from tests.orchestration.world import AIRFLOW, World

pytestmark = [*AIRFLOW, pytest.mark.usefixtures("airflow_database")]


def make_pools(*names: str) -> None:
    from airflow.models.pool import Pool

    for name in names:
        Pool.create_or_update_pool(name, slots=1, description="", include_deferred=False)


def test_missing_pools_are_named_with_the_command_that_makes_them() -> None:
    from airflow.models.pool import Pool

    make_pools("ocr")
    try:
        check = check_pools()
    finally:
        Pool.delete_pool("ocr")
    assert (check.ok, str(check.seen)) == (False, "missing: chorus_api")
    assert "airflow pools set chorus_api 4" in str(check.todo)


def test_an_airflow_that_cannot_be_asked_is_told(tmp_path: Path) -> None:
    check = check_pools(tmp_path / "airflow")
    assert not check.ok and "could not be asked" in str(check.seen)


def test_all_pools_are_there(tmp_path: Path) -> None:
    airflow = tmp_path / "airflow"
    airflow.write_text("#!/bin/sh\necho 'pool slots'\n" + "".join(f"echo '{name} 1'\n" for name in POOLS))
    airflow.chmod(0o755)
    assert check_pools(airflow).ok


def test_slots_that_differ_from_the_setting_are_told(tmp_path: Path) -> None:
    airflow = tmp_path / "airflow"
    airflow.write_text("#!/bin/sh\necho 'pool slots'\necho 'ocr 4 reading'\necho 'chorus_api 4 calls'\n")
    airflow.chmod(0o755)
    check = check_pools(airflow, reading_slots=2)
    assert (check.ok, str(check.seen)) == (False, "ocr has 4 slots, CHORUS_READING_SLOTS is 2")
    assert "CHORUS_READING_SLOTS=4" in str(check.todo)
    assert check_pools(airflow, reading_slots=4).ok


def test_the_doctor_asks_only_where_it_may(world: World) -> None:
    assert "pools" not in {check.name for check in world.services.doctor()}
    world.monkeypatch.setenv("CHORUS_SECRETS", "airflow")
    [pools] = [check for check in world.services.doctor() if check.name == "pools"]
    assert not pools.ok
