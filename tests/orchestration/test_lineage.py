"""What OpenLineage would be told, and that nothing of it is loaded while nobody asked for it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.orchestration.world import AIRFLOW, World

pytestmark = AIRFLOW

LOAD = """
import json, sys
import airflow.sdk
from airflow import plugins_manager
from airflow.sdk.execution_time import task_runner
plugins_manager.ensure_plugins_loaded()
import chorus_airflow.operators.submit_invoices
listeners = [plugin for plugin in plugins_manager._get_plugins()[0] if plugin.listeners]
print(json.dumps({
    "lineage": sorted(name for name in sys.modules if name.startswith("openlineage")),
    "listeners": [plugin.name for plugin in listeners],
}))
"""


def loaded(**environment: str) -> tuple[dict[str, Any], str]:
    """What a task's process holds, and what it had to say on the way."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", LOAD],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told, done.stdout + done.stderr


def test_while_no_transport_is_named_nothing_listens_nothing_is_imported_and_nothing_is_said() -> None:
    told, said = loaded()
    assert told == {"lineage": [], "listeners": []}
    assert "openlineage" not in said.replace(json.dumps(told), "").lower()


def test_with_a_transport_the_listener_is_there() -> None:
    told, _ = loaded(AIRFLOW__OPENLINEAGE__TRANSPORT='{"type": "console"}')
    assert told["listeners"] == ["OpenLineageProviderPlugin"] and told["lineage"]


def test_a_stage_offers_kinds_of_data_and_numbers_of_rows() -> None:
    from chorus_airflow.lineage import operator_lineage
    from chorus_airflow.operators.submit_invoices import sending

    found = operator_lineage(sending(3))
    [given], [made] = found.inputs, found.outputs
    assert (given.namespace, given.name, made.namespace, made.name) == ("chorus", "documents", "chorus", "submitted")
    assert given.inputFacets["inputStatistics"].rowCount == made.outputFacets["outputStatistics"].rowCount == 3
    assert found.run_facets == {} and found.job_facets == {}


@pytest.mark.parametrize(
    ("portal", "told"),
    [
        ({"kind": "folder", "url": "file:///srv/portal"}, ("file", "/srv/portal")),
        ({"kind": "folder", "url": "s3://bucket/invoices"}, ("s3://bucket", "/invoices")),
        (
            {"kind": "folder", "url": f"sftp://anna:{secrets.token_hex(4)}@files.example/in"},
            ("sftp://files.example", "/in"),
        ),
        ({"kind": "http", "connection": "chorus_portal"}, ("portal", "chorus_portal")),
        (None, ("portal", "none")),
    ],
    ids=["folder", "bucket", "login", "http", "none"],
)
def test_the_portal_is_named_without_its_login(
    world: World, portal: dict[str, str] | None, told: tuple[str, str]
) -> None:
    from chorus_airflow.lineage import portal_data

    world.configure(portal=portal)
    data = portal_data(world.services, 7)
    assert (data.namespace, data.name, data.count) == (*told, 7)
