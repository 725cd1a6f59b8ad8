"""`chorus run retrieval`, `run watch`, `retrieval status`, `invoices list`: a real platform, a real mail server."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from include.application.tracking import retrieve_invoices as module
from include.bootstrap import services
from include.cli import app
from include.cli.output import exit_code
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError
from include.simulator.server import RunningSimulator
from tests.conftest import ROOT
from tests.services.control_door import control
from tests.services.smtp import Mailbox

SIRET = "33254021516357"
ANNA, BOB, CARL = "anna@imprimerie.example", "bob@imprimerie.example", "carl@imprimerie.example"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@dataclass
class Office:
    """A provider with two people who are told and one who is not; everything over real connections."""

    simulator: RunningSimulator
    mails: Mailbox

    def configure(self, loading: str) -> None:
        users = [
            {"name": "anna", "mail": ANNA, "language": "fr"},
            {"name": "bob", "mail": BOB, "language": "en"},
            {"name": "carl", "mail": CARL},
        ]
        given = {
            "people": {"users": users},
            "mail": {"connection": "chorus_smtp", "sender": "chorus@imprimerie.example"},
            "providers": [
                {
                    "name": "Durand",
                    "siret": SIRET,
                    "environment": "simulator",
                    "connection": "chorus_durand",
                    "loading": loading,
                    "notify": {"users": ["anna", "bob"]},
                }
            ],
        }
        store = services().store
        revision, _ = store.configuration.current()
        store.configuration.save(
            Configuration.model_validate(given),
            expected_revision=revision,
            actor="test",
            source="test",
            at=dt.datetime.now(dt.UTC),
            changes=(),
        )
        store.database.close()

    def control(self, name: str, **body: Any) -> None:
        control(self.simulator.url, "POST", name, body)

    def seed(self, count: int, prefix: str = "P-", **statuses: float) -> None:
        wanted = {"supplier_siret": SIRET, "count": count, "statuses": statuses, "prefix": prefix}
        self.control("seed", invoices=wanted)

    def chorus(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        # `main` turns an error of ours into its message and the exit code of its group
        found = exit_code(result.exception) if isinstance(result.exception, ConnectorError) else result.exit_code
        assert found == code, result.output
        return result

    def counts(self, *arguments: str, code: int = 0) -> dict[str, int]:
        told = json.loads(self.chorus("run", *arguments, "--json", code=code).stdout)
        assert told["seconds"] >= 0
        counts: dict[str, int] = told["counts"]
        return counts

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.chorus(*arguments, "--json").stdout.splitlines()]

    def mailed(self) -> Counter[str]:
        return Counter(str(message["To"]) for message in self.mails.messages)


@pytest.fixture
def office(
    own_home: Path,
    migrated_file: Path,
    tmp_path: Path,
    running: RunningSimulator,
    smtp_server: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    running.platform.reset()
    database = tmp_path / "commands.db"
    database.write_bytes(migrated_file.read_bytes())
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{database}")
    connection = {
        "conn_type": "http",
        "host": running.url,
        "login": running.login,
        "password": running.password,
        "extra": {"piste_client_id": running.client_id, "piste_client_secret": running.client_secret},
    }
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS_DURAND", json.dumps(connection))
    smtp = {"conn_type": "smtp", "host": smtp_server.host, "port": smtp_server.port}
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS_SMTP", json.dumps({**smtp, "extra": {"disable_ssl": True}}))
    made = Office(running, smtp_server)
    made.configure("local")
    return made


def test_nights_load_tell_once_and_are_shown(office: Office) -> None:
    office.seed(30, MISE_A_DISPOSITION=1)
    counts = office.counts("retrieval")
    assert {name: counts[name] for name in ("seen", "new", "changed", "foreign")} == {
        "seen": 30, "new": 30, "changed": 0, "foreign": 30,
    }  # fmt: skip
    assert office.mailed() == {}, "no storm on the first load"

    office.control("move", **{"from": "MISE_A_DISPOSITION", "to": "SUSPENDUE", "count": 12})
    assert office.counts("retrieval")["changed"] == 12
    assert office.mailed() == {ANNA: 1, BOB: 1}, "one digest each, in the language of each"
    subjects = {str(message["To"]): str(message["Subject"]) for message in office.mails.messages}
    assert subjects[ANNA] != subjects[BOB] and "12" in subjects[ANNA] and "12" in subjects[BOB]

    assert office.counts("retrieval")["changed"] == 0
    assert office.mailed() == {ANNA: 1, BOB: 1}

    theirs = control(office.simulator.url, "GET", "invoices")["items"]
    ours = office.rows("invoices", "list")
    assert {row["chorus_id"]: row["status"] for row in ours} == {item["chorus_id"]: item["status"] for item in theirs}
    assert {row["origin"] for row in ours} == {"foreign"}
    assert len(office.rows("invoices", "list", "--status", "SUSPENDUE")) == 12

    [status] = office.rows("retrieval", "status")
    assert status["provider"] == "Durand" and status["last_good_at"] and status["failure"] is None
    assert status["counts"]["changed"] == 0 and status["counts"]["seen"] >= 12
    told = office.chorus("invoices", "list").stdout
    assert re.match(r"Last good retrieval of Durand: \d{1,2} \w{3} 20", told)


def test_an_invoice_shows_its_history_on_the_platform(office: Office) -> None:
    office.seed(1, SUSPENDUE=1)
    office.counts("retrieval")
    [row] = office.rows("invoices", "list")
    [shown] = office.rows("invoices", "show", f"cpro:{row['chorus_id']}")
    assert [entry["code"] for entry in shown["history"]] == ["DEPOSEE", "MISE_A_DISPOSITION", "SUSPENDUE"]
    assert shown["remote"]["code"] == "SUSPENDUE"
    assert "Available to the recipient" in office.chorus("invoices", "show", str(row["id"])).stdout


def test_an_outage_is_exit_code_3_with_a_clear_word_and_costs_nothing(office: Office) -> None:
    office.seed(3, MANDATEE=1)
    office.control("faults", operation="*", kind="forbidden")
    result = office.chorus("run", "retrieval", "--json", code=3)
    assert "403" in result.stderr and "Accept the terms" in result.stderr
    [status] = office.rows("retrieval", "status")
    assert "403" in status["failure"] and status["last_good_at"] is None
    control(office.simulator.url, "DELETE", "faults")
    assert office.counts("retrieval")["new"] == 3


def test_a_window_is_asked_for_again_and_moves_nothing(office: Office) -> None:
    office.seed(5, MANDATEE=1)
    office.counts("retrieval")
    [before] = office.rows("retrieval", "status")
    today = dt.datetime.now(dt.UTC).date()
    first = str(today - dt.timedelta(days=40))
    assert office.counts("retrieval", "--from", first, "--to", str(today))["seen"] == 5
    [after] = office.rows("retrieval", "status")
    assert after == before
    office.chorus("run", "retrieval", "--to", str(today), code=2)
    office.chorus("run", "retrieval", "--from", str(today), "--to", first, code=2)


def test_an_unknown_provider_is_a_wrong_call(office: Office) -> None:
    office.chorus("run", "retrieval", "--provider", "Nobody", code=2)


def test_the_watch_serves_remote_mode_and_the_list_may_be_asked_live(office: Office) -> None:
    office.configure("remote")
    office.seed(4, MISE_A_DISPOSITION=1)
    assert "No provider" in office.chorus("run", "retrieval", "--json").stderr
    office.counts("watch")
    office.control("move", **{"from": "MISE_A_DISPOSITION", "to": "A_RECYCLER"})
    assert office.counts("watch", "--no-notify")["seen"] == 4
    assert office.mailed() == {}
    office.counts("watch")
    assert office.mailed() == {ANNA: 1, BOB: 1}

    live = office.rows("invoices", "list", "--live")
    assert len(live) == 4 and {row["status"] for row in live} == {"A_RECYCLER"}
    assert "asked on" in office.chorus("invoices", "list", "--live").stdout
    office.control("faults", operation="*", kind="forbidden")
    down = office.chorus("invoices", "list", "--live", "--json", code=3)
    assert "Dernières valeurs connues" in down.stderr


def test_a_killed_process_has_lost_nothing_but_its_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL in the middle of the first load, several times; then a run that comes to its end."""
    monkeypatch.setattr(module, "HISTORIES_PER_RUN", 50)
    office.seed(4000, SUSPENDUE=1)
    office.control("faults", operation="factures/rechercher/fournisseur", kind="slow", seconds=0.2)
    store = services().store
    for share in (500, 1500):
        command = [sys.executable, "-c", "from include.cli import main; main()", "run", "retrieval"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sum(one.count for one in store.figures.standing()) < share:
            assert process.poll() is None, "it came to its end before it could be killed"
            time.sleep(0.05)
        process.kill()
        process.wait()
    assert [row["last_good_at"] for row in office.rows("retrieval", "status")] == [None]
    control(office.simulator.url, "DELETE", "faults")
    last = office.counts("retrieval")
    assert last["seen"] == 4000 and 0 < last["new"] < 4000
    assert {one.state: one.count for one in store.figures.standing()} == {"to_process": 4000}
    assert office.mailed() == {}
    store.database.close()
