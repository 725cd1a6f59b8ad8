"""A secret of ours that the platform says back is in nothing that we keep, log, show or hand out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.application.ports.invoice_views import InvoiceFilter
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.conftest import Field, open_field
from tests.e2e.exactly_once.control import SUBMIT

CODE = 20003


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def field(simulator: RunningSimulator, sqlite_url: str, tmp_path: Path) -> Iterator[Field]:
    made = open_field(simulator, sqlite_url, tmp_path)
    made.platform.reset()
    yield made
    made.store.database.close()


def everything_kept(folder: Path) -> bytes:
    """The database, its journal, and the content store, as they lie on the disk."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("which", ["password", "client_secret"])
def test_a_refusal_that_names_a_secret_keeps_its_words_and_not_the_secret(
    field: Field, simulator: RunningSimulator, tmp_path: Path, caplog: pytest.LogCaptureFixture, which: str
) -> None:
    secret = getattr(simulator, which)
    caplog.set_level(logging.DEBUG)
    field.platform.fail(SUBMIT, "business_refusal", code=CODE, label=f"Le compte ({secret}) n'est pas habilité.")
    [invoice_id] = field.add_many(["F-1"])
    field.one_pass()
    assert field.state(invoice_id) in (State.REFUSED, State.TO_COMPLETE)
    kept = everything_kept(tmp_path)
    assert b"Le compte (***) n'est pas habilit" in kept, "what was refused is kept"
    assert secret.encode() not in kept
    assert secret not in caplog.text
    assert secret not in str(field.log(invoice_id))
    assert secret not in str(list(field.store.invoice_views.rows(OWNER, InvoiceFilter())))
    [attempt] = field.attempts(invoice_id)
    assert secret not in str(field.store.evidence.facts(invoice_id)) + str(attempt)


def test_an_error_page_that_names_a_secret_says_nothing_of_it(
    field: Field, simulator: RunningSimulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    field.platform.fail(SUBMIT, "server_error", label=f"stack trace: {simulator.password}")
    [invoice_id] = field.add_many(["F-1"])
    field.one_pass()
    assert field.state(invoice_id) is State.UNKNOWN
    assert simulator.password.encode() not in everything_kept(tmp_path)
    assert simulator.password not in caplog.text
