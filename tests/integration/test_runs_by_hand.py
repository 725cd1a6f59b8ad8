"""What somebody reads who runs a pass by hand while a provider's surroundings are broken."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from include.bootstrap import Services, services
from include.cli import app
from include.simulator.server import RunningSimulator
from tests.factories import SUPPLIER
from tests.sending_bench import NOT_USED, SendingBench
from tests.services.control_door import control

TITLE = f"Imprimerie Durand ({SUPPLIER}, simulator)"
OTHER = "00000000012345"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def connect(simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the provider's connection; what is given differs from the right one."""

    def make(**changes: str) -> None:
        extra = {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret}
        right = {"conn_type": "http", "host": simulator.url, "login": simulator.login, "password": simulator.password}
        monkeypatch.setenv("AIRFLOW_CONN_CHORUS_TEST", json.dumps({**right, "extra": extra, **changes}))

    make()
    return make


@pytest.fixture
def found(own_home: Path, tmp_path: Path, connect: Callable[..., None]) -> Iterator[Services]:
    """One automatic provider with an invoice that is ready to go."""
    made = services()
    made.store.database.migrate()
    bench = SendingBench(made.store, made.files, NOT_USED, made.clock)
    (tmp_path / "portal").mkdir()
    bench.configure(portal={"kind": "folder", "url": (tmp_path / "portal").as_uri()})
    bench.add("F-1")
    yield made
    made.close()


def chorus(*arguments: str, code: int = 3) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (done.output, done.exception)
    return done


@pytest.mark.parametrize("run", [("run", "submission", "--no-notify"), ("run", "retrieval", "--no-notify")])
def test_a_stopped_provider_is_a_failure_that_names_it_and_its_next_try(
    found: Services, connect: Callable[..., None], run: tuple[str, ...]
) -> None:
    connect(password=secrets.token_hex(6))
    named = (*run, "--provider", SUPPLIER)
    first = chorus(*named).stderr
    assert TITLE in first and "refused the technical account" in first and "stopped since" not in first
    for again in (named, run) if "submission" in run else (named,):
        told = chorus(*again).stderr
        assert f"{TITLE} is stopped since" in told and "tried again by itself after" in told
        assert "`chorus doctor`" in told and "technical account" in told
        assert told.count(TITLE) == 1 and "simulator:" not in told, "told once, by name"


def test_a_document_sent_by_hand_says_that_its_provider_is_stopped(
    found: Services, connect: Callable[..., None]
) -> None:
    connect(password=secrets.token_hex(6))
    chorus("documents", "submit", "1")
    assert f"{TITLE} is stopped since" in chorus("documents", "submit", "1").stderr


def test_an_account_of_another_supplier_is_told_with_provider_and_cure(
    found: Services, connect: Callable[..., None], simulator: RunningSimulator
) -> None:
    theirs = {"login": "TECH_OTHER", "password": secrets.token_hex(6)}
    seed = {"suppliers": [{"siret": OTHER, "name": "Other", "bank_details": ["Compte"], **theirs}]}
    control(simulator.url, "POST", "seed", seed)
    connect(**theirs)
    told = chorus("run", "submission", "--no-notify").stderr
    assert f"{TITLE}: The technical account of connection 'chorus_test' may not invoice for SIRET {SUPPLIER}." in told
    assert "Put this supplier's own account into the connection" in told and "refused (0)" not in told


def test_a_dead_address_is_told_in_our_words(found: Services, connect: Callable[..., None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"127.0.0.1:{closed.getsockname()[1]}"
    connect(host=f"http://{dead}")
    told = chorus("run", "submission", "--no-notify").stderr
    assert f"{TITLE}: PISTE's token service at {dead} does not answer: the connection is refused. Check host" in told
    assert "Pool" not in told and "Errno" not in told and "simulator:" not in told
