"""The ten-minute DAG tells the portal what became of its documents."""

from __future__ import annotations

import json

from tests.orchestration.world import AIRFLOW, World, run_dag

pytestmark = AIRFLOW


def test_the_last_stage_writes_state_and_number_into_the_portal(world: World, airflow_database: None) -> None:
    names = {"state": "etat_chorus", "chorus_id": "numero_chorus"}
    portal = {"kind": "folder", "url": world.portal.as_uri(), "settle_seconds": 0, "write_back": names}
    world.configure(portal=portal)
    world.file("2026-WB-1")
    assert run_dag().state == "success"
    told = json.loads((world.portal / "Factures" / "2026-WB-1.pdf.json").read_text())
    number = world.documents()["2026-WB-1"].chorus_id
    assert told == {
        "classification_rule": "Facture client",
        "metadata": {"etat_chorus": "Déposée", "numero_chorus": str(number)},
    }
    before = world.everything()
    assert run_dag().stateof("notify") == "skipped"
    assert world.everything() == before
