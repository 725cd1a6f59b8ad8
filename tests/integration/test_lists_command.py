"""Lists of the command line that the screens have too: returned, overdue, runs; and the version that somebody saw."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import tracked_statuses
from include.adapters.storage.store import Store
from include.application.ports.runs import RunRef
from include.bootstrap import Services, services
from include.cli import app
from include.domain.errors import InputError, StaleError
from include.domain.lifecycle import State
from tests.factories import BODY, configuration
from tests.fakes.clock import START
from tests.integration.storage.conftest import ready_invoice
from tests.integration.storage.seeded import seed

RUN = RunRef(dag_id="chorus_auto_submission", run_id="scheduled__1", task_id="map_fields", try_number=2)


@pytest.fixture
def found(own_home: Path) -> Iterator[Services]:
    made = services()
    made.store.database.migrate()
    made.store.configuration.save(
        configuration(), expected_revision=0, actor="test", source="test", at=START, changes=()
    )
    yield made
    made.close()


def chorus(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def lines(*arguments: str) -> list[dict[str, Any]]:
    done = chorus(*arguments, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    return [json.loads(line) for line in done.stdout.splitlines()]


def seed_sent(found: Services) -> None:
    """One suspended, one to recycle, one that should have been paid long ago."""
    with found.store.database.write() as connection:
        seed(connection, 1, state=State.TO_PROCESS, status="SUSPENDUE", recipient_siret=BODY)
        seed(connection, 2, state=State.TO_PROCESS, status="A_RECYCLER", recipient_siret=BODY)
        seed(connection, 3, state=State.SUBMITTED, status="MANDATEE", recipient_siret=BODY)
        row = {"invoice_id": 3, "kind": "status", "entry": "1", "code": "MISE_A_DISPOSITION"}
        connection.execute(tracked_statuses.insert(), {**row, "at": START - dt.timedelta(days=90)})
        list_again(connection, [3])


def test_what_was_given_back_is_listed_with_what_answers_it(found: Services) -> None:
    seed_sent(found)
    rows = {row["id"]: row for row in lines("invoices", "returned")}
    assert {number: row["action"] for number, row in rows.items()} == {1: "complete", 2: "recycle"}
    assert (rows[1]["deadline"], rows[2]["deadline"]) == ("2026-11-27T08:00:00Z", None)
    assert [row["id"] for row in lines("invoices", "returned", "suspended")] == [1]
    assert lines("invoices", "returned", "--as", "nobody") == []
    assert "recycle" in chorus("invoices", "returned").stdout
    assert isinstance(chorus("invoices", "returned", "nonsense").exception, InputError)


def test_what_should_have_been_paid_is_listed(found: Services) -> None:
    seed_sent(found)
    [late] = lines("invoices", "list", "--overdue")
    assert (late["id"], late["pay_by"], late["days_late"] > 0) == (3, "2026-09-21", True)


def test_a_run_is_shown_with_what_it_did_and_each_flow_with_its_last_one(found: Services) -> None:
    running = Store(Database(found.settings.database_url, run=RUN))
    ready_invoice(running, "FA-1", b"1", START)
    running.watch.record_pass("submission", now=START)
    running.database.close()
    [row] = lines("runs", "show", RUN.dag_id, RUN.run_id)
    assert {(move["run"]["task_id"], move["run"]["try_number"]) for move in row["moves"]} == {("map_fields", 2)}
    assert lines("runs", "show", RUN.dag_id, RUN.run_id, "--task", "submit_invoices") == []
    assert lines("runs", "show", RUN.dag_id, RUN.run_id, "--as", "nobody") == []
    assert "FA-1.pdf" in chorus("runs", "show", RUN.dag_id, RUN.run_id).stdout
    [last] = lines("runs", "list")
    assert (last["flow"], last["result"], last["run_id"]) == ("submission", "good", RUN.run_id)
    assert "scheduled__1" in chorus("runs", "list").stdout


def test_who_typed_an_older_version_is_told_what_is_stored_and_by_whom(found: Services) -> None:
    ready_invoice(found.store, "FA-1", b"1", START)
    [row] = lines("documents", "list")
    document, version = str(row["id"]), str(row["version"])
    assert chorus("documents", "set", document, "comment=mine", "--version", version).exit_code == 0
    late = chorus("documents", "set", document, "comment=theirs", "--version", version)
    assert isinstance(late.exception, StaleError)
    assert "mine" in late.stdout and "theirs" in late.stdout
    stale = chorus("documents", "submit", document, "--version", version)
    assert isinstance(stale.exception, StaleError)
    assert isinstance(chorus("documents", "submit", document, "2", "--version", "1").exception, InputError)
    assert lines("documents", "show", document)[0]["edits"]["comment"]["value"] == "mine"
