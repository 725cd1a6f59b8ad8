"""`chorus restore`: what it prints, and how it ends, on the simulator."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import attempts, invoices, moves, reserved_keys
from include.bootstrap import services
from include.cli import app
from include.domain.errors import InputError, NotThereError
from include.domain.lifecycle import State
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.control import SEARCH, Control
from tests.sending_bench import SendingBench


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def connect(simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def make(**changes: str) -> None:
        extra = {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret}
        right = {"conn_type": "http", "host": simulator.url, "login": simulator.login, "password": simulator.password}
        monkeypatch.setenv("AIRFLOW_CONN_CHORUS_TEST", json.dumps({**right, "extra": extra, **changes}))

    make()
    return make


@pytest.fixture
def bench(
    own_home: Path, tmp_path: Path, simulator: RunningSimulator, connect: Callable[..., None]
) -> Iterator[SendingBench]:
    """Three invoices were sent; of two of them our database knows nothing any more."""
    made = services()
    made.store.database.migrate()
    found = SendingBench(made.store, made.files, made.chorus, made.clock)
    Control(simulator.url).reset()
    found.configure(submission={"parallel": 1})
    ids = found.add_many(["F-1", "F-2", "F-3"])
    assert found.send().submitted == 3
    forget(found, ids[1:])
    yield found
    made.close()


def forget(bench: SendingBench, ids: list[int]) -> None:
    """As if the database were older than their sending; the total of the last one was corrected since."""
    with bench.store.database.write() as connection:
        for table in (attempts, moves, reserved_keys):
            connection.execute(table.delete().where(table.c.invoice_id.in_(ids)))
        before = {"state": State.READY, "chorus_id": None, "status": None, "status_at": None}
        connection.execute(invoices.update().where(invoices.c.id.in_(ids)).values(**before))
        draft = connection.scalar(sa.select(invoices.c.draft).where(invoices.c.id == ids[-1]))
        draft["fields"]["total_incl_tax"]["value"] = "1200.01"
        connection.execute(invoices.update().where(invoices.c.id == ids[-1]).values(draft=draft))
        list_again(connection, ids)


def chorus(*arguments: str, code: int) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (arguments, done.output, done.exception)
    return done


def fails(*arguments: str) -> None:
    """Raises what the command ends with; `main` turns it into words and an exit code."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is not None, done.output
    raise done.exception


def test_the_check_shows_each_with_what_would_be_done(bench: SendingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_LANGUAGE", "fr")
    table = chorus("restore", "check", code=1)
    assert "F-1" not in table.stdout, "that one is known"
    for text in ("F-2", "à reprendre", "F-3", "attend une personne", "1 200,00", "À reprendre"):
        assert text in table.stdout.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    found = json.loads(chorus("restore", "check", "--json", "--provider", "Imprimerie Durand", code=1).stdout)
    assert found["counts"] == {"adopt": 1, "waits": 1, "foreign": 0}
    [adopt] = [row for row in found["rows"] if row["what"] == "adopt"]
    assert (adopt["invoice_number"], adopt["total"], adopt["provider"]) == ("F-2", "1200.00", "Imprimerie Durand")
    assert adopt["document"] == 2 and adopt["chorus_id"] and adopt["deposited_on"]
    assert bench.states()[2] == State.READY, "nothing was changed"


def test_adopting_takes_back_what_is_equal_and_a_person_the_rest(
    bench: SendingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "not switched off" in chorus("restore", "adopt", code=1).stderr
    assert bench.states() == {1: State.SUBMITTED, 2: State.SUBMITTED, 3: State.TO_COMPLETE, **_foreign(bench)}
    monkeypatch.setenv("CHORUS_SENDING", "off")
    quiet = chorus("restore", "adopt", "--json", code=0)
    assert "not switched off" not in quiet.stderr and json.loads(quiet.stdout)["counts"]["adopted"] == 0
    chorus("restore", "adopt", "--document", "3", code=0)
    assert bench.states() == {1: State.SUBMITTED, 2: State.SUBMITTED, 3: State.SUBMITTED}
    assert json.loads(chorus("restore", "check", "--json", code=0).stdout)["rows"] == []
    with bench.store.database.read() as connection:
        told = connection.execute(sa.select(moves.c.actor).where(moves.c.invoice_id == 3)).scalars().all()
    assert told[-1] == "test", "by whom, in the log"


def _foreign(bench: SendingBench) -> dict[int, State]:
    """What waits keeps its foreign row until a person decides."""
    return {number: State.SUBMITTED for number in bench.states() if number > 3}


def test_a_document_that_has_no_single_invoice_there_is_not_guessed(bench: SendingBench) -> None:
    new = bench.add("F-9")
    bench.pipeline().map()
    with pytest.raises(InputError, match="F-9"):
        fails("restore", "adopt", "--document", str(bench.row(new).document_id))
    with pytest.raises(NotThereError):
        fails("restore", "adopt", "--document", "99")
    with pytest.raises(InputError, match="found: -"):
        fails("restore", "adopt", "--document", "1")  # the only one of its number is ours already


def test_a_platform_that_is_away_is_a_failure_and_changes_nothing(
    bench: SendingBench, simulator: RunningSimulator, connect: Callable[..., None]
) -> None:
    platform = Control(simulator.url)
    platform.fail(SEARCH, "maintenance_page", times=9)
    before = bench.states()
    assert "Imprimerie Durand" in chorus("restore", "check", code=3).stderr
    platform.heal()
    connect(password=secrets.token_hex(6))
    for command in ("check", "adopt"):
        assert "Imprimerie Durand" in chorus("restore", command, code=3).stderr
    assert bench.states() == before
