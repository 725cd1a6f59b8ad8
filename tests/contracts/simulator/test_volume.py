"""Tens of thousands of invoices: what must stay cheap is counted in rows read and statements, not in seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import SUBMIT, SUPPLIER, Caller

COUNT = 50_000
PAGE = "rechercheFactureParFournisseur"


@pytest.fixture(scope="module")
def full() -> Iterator[Caller]:
    with RunningSimulator() as simulator:
        caller = Caller(simulator)
        seed = {"supplier_siret": SUPPLIER, "count": COUNT, "statuses": {"MISE_EN_PAIEMENT": 3, "DEPOSEE": 1}}
        assert caller.control("seed", {"invoices": seed})["invoices"] == COUNT
        yield caller
        caller.close()


def test_fifty_thousand_invoices_are_paged_through_without_loss(full: Caller) -> None:
    seen: set[int] = set()
    for number in range(1, 7):
        page = {
            "nbResultatsParPage": 10_000,
            "pageResultatDemandee": number,
            "nbResultatsMaximum": 100_000,
            "triColonne": "DateDepot",
            "triSens": "Ascendant",
        }
        seen.update(row["identifiantFactureCPP"] for row in full.search(**{PAGE: page}))
    assert len(seen) == full.control("invoices", limit=1)["total"] >= COUNT


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 FROM invoices WHERE supplier_id = 1 AND number = 'x'",
        "SELECT id FROM invoices WHERE supplier_id = 1 ORDER BY deposited_at DESC, id DESC LIMIT 10",
        "SELECT id FROM invoices WHERE timed = 1 AND status = 'DEPOSEE' AND status_at <= 1",
        "SELECT id FROM invoices WHERE status = 'DEPOSEE' ORDER BY id LIMIT 10",
        "SELECT id FROM invoices WHERE flux = 'CPP'",
        "SELECT * FROM history WHERE invoice_id = 1 ORDER BY id",
        "SELECT * FROM flows WHERE pending = 1 AND deposited_at <= 1 ORDER BY deposited_at",
    ],
)
def test_the_queries_of_every_call_use_an_index_and_never_sort(full: Caller, query: str) -> None:
    plan = [row["detail"] for row in full.simulator.platform.store.rows(f"EXPLAIN QUERY PLAN {query}")]
    assert all("USING" in step and "INDEX" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_moves_in_bulk_reach_all(full: Caller) -> None:
    waiting = full.control("invoices", status="DEPOSEE", limit=1)["total"]
    assert waiting >= COUNT // 4
    moved = full.control("move", {"from": "DEPOSEE", "to": "REJETEE", "comment": "lot"})["moved"]
    assert moved == waiting
    assert full.control("invoices", status="REJETEE", limit=1)["total"] == moved


def test_a_full_platform_still_refuses_a_number_used_and_takes_a_new_one(full: Caller) -> None:
    assert full.refused(SUBMIT, full.invoice(numeroFactureSaisi="SEED-000777")) == 29922
    full.submit(numeroFactureSaisi="NEW-1")
    assert len(full.search(numeroFacture="NEW-1")) == 1
