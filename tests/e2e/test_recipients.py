"""Wordings from the page to the platform: a person confirms or types once, the next invoice goes by itself."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from include.cli import app
from include.demo.generator import cast
from include.simulator.server import RunningSimulator
from tests.orchestration.world import World, deposited, seed

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TOWN = dataclasses.replace(cast.ANNECY, print_siret=False)
OTHER = cast.DEPARTMENT.siret


@pytest.fixture
def world(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with RunningSimulator() as simulator:
        made = World(folder=tmp_path, simulator=simulator, monkeypatch=monkeypatch)
        made.prepare()
        yield made


def chorus(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (done.output, done.exception)
    return done


def listed(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in chorus(*arguments, "--json").stdout.splitlines()]


def run() -> dict[str, int]:
    counts: dict[str, int] = json.loads(chorus("run", "submission", "--json").stdout)["counts"]
    return counts


def sent_to(world: World) -> dict[str, str]:
    """Recipient of each invoice on the platform."""
    items = deposited(world.simulator)
    return {item["number"]: item["payload"]["destinataire"]["codeDestinataire"] for item in items}


def test_a_wording_that_a_person_confirmed_sends_its_invoice_and_the_next(world: World) -> None:
    world.file("W-1", body=TOWN)
    assert run()["to_complete"] == 1
    [waiting] = listed("recipients", "list", "--suggestions")
    assert (waiting["wording"], waiting["siret"]) == (TOWN.name, None)

    chorus("recipients", "confirm", TOWN.name, TOWN.siret)
    assert run()["submitted"] == 1
    world.file("W-2", body=TOWN)
    assert run()["submitted"] == 1
    assert sent_to(world) == {"W-1": TOWN.siret, "W-2": TOWN.siret}
    assert listed("recipients", "list", "--learned") == []  # the hand-set line says it already


def test_what_was_sent_once_is_understood_the_next_time_also_where_it_waited(world: World) -> None:
    world.file("L-1", body=TOWN)
    world.file("L-2", body=TOWN)
    assert run()["to_complete"] == 2
    first = world.documents()["L-1"].id
    chorus("documents", "set", str(first), f"recipient_siret={TOWN.siret}")
    assert run()["submitted"] == 1
    [line] = listed("recipients", "list", "--learned")
    assert (line["wording"], line["siret"], line["use"]) == (TOWN.name, TOWN.siret, "used")

    world.file("L-3", body=TOWN)
    assert run()["submitted"] == 2
    assert sent_to(world) == dict.fromkeys(("L-1", "L-2", "L-3"), TOWN.siret)
    newest = listed("config", "log")[0]
    assert (newest["source"], newest["changes"][0]["item"]) == ("submissions", TOWN.name)


def test_a_printed_number_teaches_the_wording_beside_it(world: World) -> None:
    world.file("FA-101", body=cast.ANNECY)
    assert run()["submitted"] == 1
    world.file("FA-102", body=TOWN)
    assert run()["submitted"] == 1
    assert sent_to(world)["FA-102"] == TOWN.siret


def test_learning_never_overwrites_a_line_set_by_hand(world: World) -> None:
    seed(world.simulator, {"structures": [{"siret": OTHER, "engagement_required": False}]})
    chorus("recipients", "confirm", TOWN.name, TOWN.siret)
    world.file("H-1", body=TOWN)
    run()
    world.file("H-2", body=TOWN)
    chorus("run", "submission", "--dry-run", "--json")
    chorus("documents", "set", str(world.documents()["H-2"].id), f"recipient_siret={OTHER}")
    assert run()["submitted"] == 1
    world.file("H-3", body=TOWN)
    run()
    assert sent_to(world) == {"H-1": TOWN.siret, "H-2": OTHER, "H-3": TOWN.siret}
    assert listed("recipients", "list", "--learned") == []
    assert listed("recipients", "list") == [
        {"siret": TOWN.siret, "wording": TOWN.name, "service_code": "", "service_wording": ""}
    ]


def test_a_wording_sent_to_two_bodies_waits_for_a_person(world: World) -> None:
    seed(world.simulator, {"structures": [{"siret": OTHER, "engagement_required": False}]})
    world.file("A-1", body=cast.ANNECY)
    run()
    world.file("A-2", body=TOWN)
    chorus("run", "submission", "--dry-run", "--json")
    chorus("documents", "set", str(world.documents()["A-2"].id), f"recipient_siret={OTHER}")
    assert run()["submitted"] == 1

    world.file("A-3", body=TOWN)
    assert run()["to_complete"] == 1
    proposed = listed("recipients", "list", "--suggestions")
    assert {row["siret"] for row in proposed} == {TOWN.siret, OTHER}
    chosen = next(row["id"] for row in proposed if row["siret"] == TOWN.siret)
    chorus("recipients", "confirm", chosen)
    assert run()["submitted"] == 1
    assert sent_to(world)["A-3"] == TOWN.siret


def test_a_closed_body_is_told_once_with_the_invoices_it_blocks(world: World) -> None:
    world.configure(recipients=[{"siret": TOWN.siret, "wordings": [TOWN.name]}])
    world.file("C-1", body=TOWN)
    chorus("run", "submission", "--dry-run", "--json")
    assert world.states() == {"C-1": "ready"}
    seed(world.simulator, {"structures": [{"siret": TOWN.siret, "active": False}]})
    for _ in range(2):
        chorus("directory", "refresh", TOWN.siret)
    [held] = listed("directory", "list", "--blocked")
    assert (held["siret"], held["active"], held["blocked"]) == (TOWN.siret, False, 1)
    alerts = [row for row in listed("notifications") if row["kind"] == "alert"]
    assert [alert["facts"]["code"] for alert in alerts] == ["body_inactive"]
    assert run()["submitted"] == 0
    assert world.states() == {"C-1": "to_complete"}
