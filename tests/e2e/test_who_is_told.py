"""Who gets which mail, counted on a real SMTP server: portal, simulator and commands are real."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from include.application.tracking import retrieve_invoices as module
from include.cli import app
from include.demo.generator import cast
from include.simulator.server import RunningSimulator
from tests.orchestration.world import FIRST, SECOND, World, provider, seed
from tests.services.control_door import control
from tests.services.smtp import Mailbox

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

NOBODY_KNOWS = dataclasses.replace(cast.ANNECY, name="Syndicat de Nullepart", print_siret=False)
FIRST_LOAD = 2000
PEOPLE = {
    "users": [
        {"name": "anna", "mail": "anna@imprimerie.example", "language": "fr"},
        {"name": "bob", "mail": "bob@imprimerie.example", "language": "en"},
        {"name": "carl", "mail": "carl@imprimerie.example", "language": "fr"},
        {"name": "dora"},
        {"name": "eve", "mail": "eve@imprimerie.example"},
    ],
    "groups": [{"name": "billing", "users": ["anna", "bob"]}],
}


@pytest.fixture
def world(own_home: Path, tmp_path: Path, smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Anna hears of the first supplier twice over and of the second; Dora has no address, Eve is nobody's audience."""
    with RunningSimulator() as simulator:
        made = World(folder=tmp_path, simulator=simulator, monkeypatch=monkeypatch)
        made.prepare()
        made.second_provider()
        smtp = {"conn_type": "smtp", "host": smtp_server.host, "port": smtp_server.port, "extra": {"disable_ssl": True}}
        monkeypatch.setenv("AIRFLOW_CONN_CHORUS_SMTP", json.dumps(smtp))
        first = {"users": ["anna"], "groups": ["billing"]}
        second = {"users": ["carl", "dora", "anna"], "groups": []}
        made.configure(
            people=PEOPLE,
            mail={"connection": "chorus_smtp", "sender": "chorus@imprimerie.example"},
            providers=[
                provider(FIRST, "chorus_first", loading="local", notify=first),
                provider(SECOND, "chorus_second", loading="local", notify=second),
            ],
        )
        yield made


def chorus(*arguments: str) -> list[dict[str, Any]]:
    """A command with --json; what it printed."""
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def arrived(mailbox: Mailbox) -> dict[str, list[tuple[str, set[str]]]]:
    """Subject and numbers of each mail since the last look, by first name of the person."""
    found: dict[str, list[tuple[str, set[str]]]] = {}
    for message in mailbox.messages:
        body = message.get_body(("plain",))
        assert body is not None
        numbers = set(re.findall(r"\b[A-Z]+-\d+\b", body.get_content()))
        found.setdefault(str(message["To"]).partition("@")[0], []).append((str(message["Subject"]), numbers))
    mailbox.messages.clear()
    return {name: sorted(mails) for name, mails in found.items()}


def counted(mails: dict[str, list[tuple[str, set[str]]]]) -> Counter[tuple[str, str]]:
    """How many mails of which subject each person got; the subject without the suppliers' names."""
    return Counter((name, subject.partition(" - ")[0]) for name, given in mails.items() for subject, _ in given)


def test_each_event_is_told_once_to_its_audience_in_their_language(
    world: World, smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HISTORIES_PER_RUN", 50)
    for number in ("FA-1", "FA-2"):
        world.file(number)
    world.file("FA-3", body=NOBODY_KNOWS)
    world.file("FB-1", SECOND)
    for _ in range(2):
        chorus("run", "submission")
    mails = arrived(smtp_server)
    assert counted(mails) == {
        ("anna", "Chorus Pro : 3 factures déposées"): 1,
        ("anna", "Chorus Pro : 1 facture attend votre action"): 1,
        ("bob", "Chorus Pro: 2 invoices submitted"): 1,
        ("bob", "Chorus Pro: 1 invoice waits for you"): 1,
        ("carl", "Chorus Pro : 1 facture déposée"): 1,
    }
    assert [numbers for _, numbers in mails["carl"]] == [{"FB-1"}], "nothing of the other supplier"
    assert [numbers for _, numbers in mails["anna"]] == [{"FA-3"}, {"FA-1", "FA-2", "FB-1"}]

    # the first load of a large account: two thousand that somebody else sent, and ours, one of which came back
    shares = {"MISE_EN_PAIEMENT": 0.5, "SUSPENDUE": 0.3, "REJETEE": 0.1, "INVENTED": 0.1}
    invoices = {"supplier_siret": FIRST.siret, "count": FIRST_LOAD, "statuses": shares, "prefix": "OLD-"}
    seed(world.simulator, {"invoices": invoices})
    returned(world, "FA-1", "SUSPENDUE")
    for _ in range(2):
        chorus("run", "retrieval")
    mails = arrived(smtp_server)
    told = {("anna", "Chorus Pro : 1 facture a changé de statut"), ("bob", "Chorus Pro: 1 invoice changed status")}
    assert counted({name: given for name, given in mails.items() if name != "eve"}) == dict.fromkeys(told, 1)
    assert {frozenset(numbers) for _, numbers in mails["anna"]} == {frozenset({"FA-1"})}, "no storm"

    # from then on the recipients' moves are told, whoever sent the invoice
    returned(world, "FA-2", "A_RECYCLER")
    returned(world, "FB-1", "MANDATEE")
    returned(world, "OLD-000001", "COMPTABILISEE")
    for _ in range(2):
        chorus("run", "retrieval")
    mails = arrived(smtp_server)
    assert counted(mails) == {
        ("anna", "Chorus Pro : 3 factures ont changé de statut"): 1,
        ("bob", "Chorus Pro: 2 invoices changed status"): 1,
        ("carl", "Chorus Pro : 1 facture a changé de statut"): 1,
    }
    assert [numbers for _, numbers in mails["bob"]] == [{"FA-2", "OLD-000001"}]
    shown = [row["facts"]["number"] for row in chorus("notifications", "--user", "dora")]
    assert shown.count("FB-1") == 2, "who has no address finds it on the dashboard"


def returned(world: World, number: str, status: str) -> None:
    """The public body acts."""
    change = {"number": number, "status": status}
    control(world.simulator.url, "POST", "status", change)
