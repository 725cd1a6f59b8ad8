"""A family that no rule can read: three invoices corrected by a person, and the following ones go out by themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from include.cli import app
from include.demo.generator.publish import publish
from include.simulator.server import RunningSimulator
from tests.integration.layouts import family
from tests.integration.layouts.family import RECIPIENTS, Invoice, invoice
from tests.orchestration.world import FIRST, World, deposited, provider

pytestmark = [pytest.mark.slow]

RULE = {"classification_rule": "Facture client"}


@pytest.fixture(scope="module")
def running_simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def world(
    own_home: Path, tmp_path: Path, running_simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> World:
    """The supplier of the family is configured; its recipients are known by their wordings only."""
    running_simulator.platform.reset()
    made = World(folder=tmp_path, simulator=running_simulator, monkeypatch=monkeypatch)
    made.prepare()
    bodies = {siret: [name for name, of in RECIPIENTS.items() if of == siret] for siret in RECIPIENTS.values()}
    made.configure(
        providers=[provider(FIRST, "chorus_first")],
        recipients=[{"siret": siret, "wordings": names} for siret, names in bodies.items()],
    )
    return made


def chorus(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (done.output, done.exception)
    return done


def run() -> dict[str, int]:
    counts: dict[str, int] = json.loads(chorus("run", "submission", "--json").stdout)["counts"]
    return counts


def file(world: World, made: Invoice, content: bytes | None = None) -> str:
    name = made.number.replace("/", "-")
    publish(world.portal, f"Factures/{name}.pdf", content or family.pdf(made), RULE)
    return name


def correct(world: World, made: Invoice, **changes: str) -> None:
    """A person types everything that the page holds."""
    row = world.documents()[made.number.replace("/", "-")]
    values = {**made.truth, **changes}
    chorus("documents", "set", str(row.id), *(f"{name}={value}" for name, value in values.items()))


def shown(world: World, name: str) -> dict[str, Any]:
    row = world.documents()[name]
    found: dict[str, Any] = json.loads(chorus("documents", "show", str(row.id), "--json").stdout)
    return found


def teach(world: World, *numbers: int) -> None:
    taught = [invoice(number) for number in numbers]
    for made in taught:
        file(world, made)
    assert run()["to_complete"] == len(numbers)
    for made in taught:
        correct(world, made)


def test_after_three_corrected_documents_the_following_come_out_whole(world: World) -> None:
    teach(world, 1, 2, 3)
    following = [invoice(4, lines=11), invoice(5, lines=2), invoice(6, lines=17), invoice(7), invoice(8, lines=24)]
    for made in following:
        scanned = made is following[3]
        file(world, made, family.scan(family.pdf(made)) if scanned else None)
    counts = run()
    assert (counts["submitted"], counts["to_complete"]) == (8, 0), world.states()
    sent = {item["number"]: item["payload"] for item in deposited(world.simulator)}
    for made in following:
        amounts = sent[made.number]["montantTotal"]
        assert amounts["montantHtTotal"] == float(made.net)
        assert amounts["montantTVA"] == float(made.tax)
        assert amounts["montantTtcTotal"] == float(made.net + made.tax)
        assert sent[made.number]["destinataire"]["codeDestinataire"] == RECIPIENTS[made.recipient]
        assert sent[made.number]["references"]["numeroBonCommande"] == made.order
    number = shown(world, following[0].number.replace("/", "-"))["fields"]["invoice_number"]
    assert (number["source"], number["evidence"]) == ("text", "mise en page déjà vue (3 factures)")


def test_what_waits_already_comes_out_whole_too_and_is_not_read_again(world: World) -> None:
    waiting = invoice(9, lines=8)
    name = file(world, waiting)
    assert run()["to_complete"] == 1
    teach(world, 1, 2, 3)
    counts = run()
    assert (counts["read"], counts["submitted"]) == (0, 4)
    assert waiting.number in world.on_platform()
    assert [move["to"] for move in shown(world, name)["moves"]].count("read") == 1


def test_another_layout_of_the_same_supplier_gives_no_wrong_value(world: World) -> None:
    teach(world, 1, 2, 3)
    changed = invoice(12)
    name = file(world, changed, family.pdf(changed, changed=True))
    counts = run()
    assert (counts["submitted"], counts["to_complete"]) == (3, 1)
    fields = shown(world, name)["fields"]
    assert not [field for field in fields.values() if field["evidence"]]
    assert not {"invoice_number", "total_incl_tax"} & fields.keys()


def test_forgetting_really_forgets_and_is_told_in_the_log(world: World) -> None:
    teach(world, 1, 2, 3)
    [layout] = [json.loads(line) for line in chorus("layouts", "list", "--json").stdout.splitlines()]
    assert (layout["provider"], layout["classification_rule"]) == ("Imprimerie Durand", "facture client")
    assert len(layout["invoices"]) == 3
    assert layout["fields"]["invoice_number"]["vouched"] == 3
    world.configure(providers=[dict(world.changes["providers"][0], automatic_submission=False)])
    waiting = file(world, invoice(4))
    run()
    assert world.states()[waiting] == "ready"

    told = json.loads(chorus("layouts", "forget", layout["id"], "--json").stdout)
    assert told["layouts"] == [layout["id"]]
    assert chorus("layouts", "list", "--json").stdout == ""
    [entry] = [json.loads(line) for line in chorus("config", "log", "--json").stdout.splitlines()][:1]
    assert (entry["source"], entry["actor"]) == ("layouts forget", "test")
    after = file(world, invoice(5))
    run()
    assert (world.states()[waiting], world.states()[after]) == ("to_complete", "to_complete")
    assert "invoice_number" not in shown(world, waiting)["fields"]
