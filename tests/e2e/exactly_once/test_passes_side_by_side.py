"""Eight whole passes at once, in eight processes: nobody fails, and nothing is done twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import attempts, document_links, events, invoices, moves
from include.domain.lifecycle import State
from tests.e2e.exactly_once.conftest import ROOT, Field

PASSES = 8
ROUNDS = 10
NEW_EACH_ROUND = 2


class Processes:
    """The eight; a round is one pass of each, begun at once."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.exactly_once.passes"],
                env=environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(PASSES)
        ]
        assert [self._line(one) for one in self._running] == ["ready\n"] * PASSES

    def round(self) -> list[dict[str, Any]]:
        """What each pass says of itself."""
        for one in self._running:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        return [json.loads(self._line(one)) for one in self._running]

    def close(self) -> None:
        """They end with their input."""
        for one in self._running:
            one.communicate(timeout=60)

    @staticmethod
    def _line(one: subprocess.Popen[str]) -> str:
        assert one.stdout is not None
        return one.stdout.readline()


@pytest.fixture
def passes(field: Field) -> Iterator[Processes]:
    made = Processes(field.environment)
    yield made
    made.close()


def drop(portal: Path, number: str, rule: str, **metadata: str) -> None:
    """A document with its side-car, which is there first."""
    told = {"classification_rule": rule, "metadata": metadata}
    (portal / f"{number}.pdf.json").write_text(json.dumps(told))
    (portal / f"{number}.pdf").write_text(f"%PDF-1.7 {number}")


@pytest.mark.timeout(400)
def test_eight_passes_at_once_fail_nowhere_and_double_nothing(field: Field, passes: Processes, tmp_path: Path) -> None:
    portal = tmp_path / "portal"
    portal.mkdir()
    rule = {
        "invoice_rule": "Facture client",
        "attachment_rule": "Bon de livraison",
        "pairs": [{"invoice": "commande", "attachment": "commande"}],
        "since": "always",
    }
    field.configure(
        portal={"kind": "folder", "url": portal.as_uri(), "settle_seconds": 0},
        attachments={"links": [rule]},
        people={"users": [{"name": "anna", "mail": "anna@imprimerie.example"}]},
        alerts={"users": ["anna"]},
    )
    numbers: list[str] = []
    for turn in range(ROUNDS):
        for place in range(NEW_EACH_ROUND):
            number = f"F-{turn}-{place}"
            numbers.append(number)
            drop(portal, number, "Facture client", commande=number)
            drop(portal, f"BL-{turn}-{place}", "Bon de livraison", commande=number)
        reports = passes.round()
        assert [report for report in reports if report.get("died") or report["failures"]] == []
    field.let_the_leases_run_out()
    assert all(not report["failures"] for report in passes.round())
    assert {number: len(ids) for number, ids in field.platform.held().items()} == dict.fromkeys(numbers, 1)
    with field.store.database.read() as connection:
        states = connection.execute(sa.select(invoices.c.invoice_number, invoices.c.state)).all()
        sent = connection.scalars(sa.select(attempts.c.invoice_id)).all()
        links = connection.execute(sa.select(document_links)).all()
        found = sa.select(moves.c.invoice_id).where(moves.c.before.is_(None))
        began = connection.scalars(found).all()
        alerts = connection.scalars(sa.select(events.c.facts).where(events.c.kind == "alert")).all()
    assert sorted(row.invoice_number for row in states if row.state == State.SUBMITTED) == sorted(numbers)
    assert len(sent) == len(set(sent)) == len(numbers)
    assert len(links) == len(numbers)
    assert len(began) == len(set(began)) == 2 * len(numbers)
    assert alerts == []
