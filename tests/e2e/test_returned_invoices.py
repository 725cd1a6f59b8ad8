"""A suspended, a recycled and a rejected invoice taken to their end: the command line, the real client, a simulator."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from include.adapters.storage.core.tables import remote_invoices
from include.cli import app
from include.domain.lifecycle import State
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.conftest import Field, open_field
from tests.factories import BODY, configuration

pytestmark = pytest.mark.e2e

RECYCLE = "factures/recycler"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


class Office:
    """What a person types, and what the platform holds."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def chorus(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        """One command with --json; what it printed."""
        result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
        assert result.exit_code == code, (result.exit_code, result.output)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def held(self, number: str) -> dict[str, Any]:
        [item] = self.field.platform.call("GET", f"invoices?number={number}")["items"]
        return dict(item)

    def recipient(self, number: str, status: str, comment: str | None = None) -> None:
        """The public body acts, and the night brings it back."""
        self.field.platform.advance(60)
        self.field.platform.call("POST", "status", {"number": number, "status": status, "comment": comment})

    def night(self) -> None:
        self.chorus("run", "retrieval")


@pytest.fixture
def office(
    simulator: RunningSimulator, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    field = open_field(simulator, sqlite_url, tmp_path)
    field.platform.reset()
    for name, value in field.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CHORUS_LANGUAGE", "fr")
    [provider] = configuration().model_dump(mode="json", include={"providers"})["providers"]
    field.configure(providers=[{**provider, "loading": "local"}])
    yield Office(field)
    field.store.database.close()


def test_each_returned_invoice_is_taken_to_its_end(office: Office, tmp_path: Path) -> None:
    field = office.field
    suspended, recycled, rejected = field.add_many(["F-1", "F-2", "F-3"])
    field.one_pass()
    office.recipient("F-1", "SUSPENDUE", "Bon de livraison absent")
    office.recipient("F-2", "A_RECYCLER", "Mauvais service")
    office.recipient("F-3", "REJETEE", "Montant faux")
    office.night()
    assert [field.state(one) for one in (suspended, recycled, rejected)] == [State.TO_PROCESS] * 3
    [shown] = office.chorus("invoices", "show", str(rejected))
    assert shown["days_left"] == 7

    # the suspended one gets its paper
    paper = tmp_path / "bon de livraison.pdf"
    paper.write_bytes(b"%PDF-1.7 bon de livraison")
    adding = ("--comment", "Le voici", "--attach", str(paper), "--type", "APS")
    [done] = office.chorus("invoices", "complete", str(suspended), *adding)
    assert (done["outcome"], done["status_comment"]) == ("submitted", "Bon de livraison absent")
    held = office.held("F-1")
    assert held["status"] == "COMPLETEE" and [one["name"] for one in held["attachments"]] == [paper.name]

    # the recycled one goes to the right service; the answer is lost on the way
    [proposed] = office.chorus("invoices", "recycle", str(recycled), "--service", "ST01", "--dry-run")
    assert proposed["outcome"] == "would be sent" and proposed["present"]["service_code"] is None
    assert proposed["proposal"]["recipient_siret"] == BODY and proposed["proposal"]["service_code"] == "ST01"
    field.platform.fail(RECYCLE, "drop_after_accept")
    [done] = office.chorus("invoices", "recycle", str(recycled), "--service", "ST01")
    assert done["outcome"] == "submitted" and field.platform.calls(RECYCLE) == 1
    [refused] = office.chorus("invoices", "recycle", str(recycled), "--service", "ST01", code=1)
    assert refused["outcome"] == "not allowed" and field.platform.calls(RECYCLE) == 1

    # the rejected one is replaced by a corrected document with a number of its own
    [early] = office.chorus("invoices", "complete", str(rejected), "--comment", "Corrigé", code=1)
    assert early["reasons"][0]["code"] == "correction_other_way"
    corrected = field.add("F-4")
    document = str(field.row(corrected).document_id)
    [unsent] = office.chorus("invoices", "reject-handled", str(rejected), "--successor", document, code=1)
    assert unsent["reasons"][0]["code"] in ("successor_same_number", "successor_not_sent")
    field.one_pass()
    reference = f"cpro:{field.row(rejected).chorus_id}"
    [done] = office.chorus("invoices", "reject-handled", reference, "--successor", document)
    assert done["outcome"] == "closed" and field.row(rejected).successor_id == corrected

    # the recipients go on, and the nights follow
    for number in ("F-1", "F-2", "F-4"):
        office.recipient(number, "MISE_EN_PAIEMENT")
    office.night()
    assert [field.row(one).status for one in (suspended, recycled, corrected)] == ["MISE_EN_PAIEMENT"] * 3
    assert [field.state(one) for one in (suspended, recycled, corrected)] == [State.SUBMITTED] * 3
    assert (field.state(rejected), field.row(rejected).status) == (State.CLOSED, "REJETEE")
    assert office.held("F-2")["payload"] and {n: len(ids) for n, ids in field.platform.held().items()} == {
        "F-1": 1, "F-2": 1, "F-3": 1, "F-4": 1,
    }  # fmt: skip
    assert field.keys_follow_the_attempts()
    assert office.chorus("invoices", "compare") == []

    # and what differs is said
    mine = remote_invoices.update().where(remote_invoices.c.invoice_id == corrected)
    with field.store.database.write() as connection:
        connection.execute(mine.values(total_incl_tax="1.00"))
    file = tmp_path / "ecarts.csv"
    [finding] = office.chorus("invoices", "compare", "--csv", str(file), code=1)
    assert (finding["kind"], finding["ours"], finding["theirs"]) == ("amount_differs", "1200.00", "1.00")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(file.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert row["Numéro de facture"] == "F-4" and "1,00" in row["Sur Chorus Pro"] and row["À faire"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("recycle", "1", "--recipient", "123"), 2),
        (("recycle", "999"), 1),
        (("complete", "999", "--comment", "x"), 1),
        (("reject-handled", "1", "2", "--successor", "3"), 2),
    ],
)
def test_a_wrong_call_changes_nothing(office: Office, arguments: tuple[str, ...], code: int) -> None:
    from include.cli.output import exit_code
    from include.domain.errors import ConnectorError

    with pytest.raises(ConnectorError) as wrong:
        CliRunner().invoke(app, ["invoices", *arguments], catch_exceptions=False)
    assert exit_code(wrong.value) == code
