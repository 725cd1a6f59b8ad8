"""`chorus invoices evidence` and `chorus verify` on a real store: what is in a pack, and who gets it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from include.adapters.chorus.answers import fingerprint_of
from include.adapters.storage.tables import attempts, invoices
from include.bootstrap import Services, services
from include.cli import app
from include.domain.submission import AttemptState
from tests.factories import BODY
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import START, FakeClock
from tests.sending_bench import SendingBench

PDF = b"%PDF-1.7 exactly these bytes"
NAME = "<script>alert(1)</script>"


@pytest.fixture
def found(own_home: Path) -> Iterator[Services]:
    made = services()
    made.store.database.migrate()
    yield made
    made.close()


@pytest.fixture
def sent(found: Services) -> int:
    """An invoice that was sent."""
    clock = FakeClock()
    platform = FakePlatform(clock)
    platform.add_body(BODY)
    bench = SendingBench(found.store, found.files, FakeChorus(platform), clock)
    bench.configure()
    invoice_id = bench.add("F-1", content=PDF, path=f"Factures/{NAME.replace('/', '_')}.pdf")
    bench.send()
    return invoice_id


def chorus(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (done.output, done.exception)
    return done


def test_a_pack_holds_what_was_sent_byte_for_byte_and_verifies(found: Services, sent: int, tmp_path: Path) -> None:
    done = chorus("invoices", "evidence", str(sent), "--folder", str(tmp_path), "--json")
    told = json.loads(done.stdout)
    with zipfile.ZipFile(told["file"]) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    [pdf] = [value for name, value in content.items() if name.startswith("facture/")]
    assert pdf == PDF
    with found.store.database.read() as connection:
        row = connection.execute(attempts.select()).one()
    assert row.state == AttemptState.TAKEN
    assert content["envois/01/payload.json"].decode() == row.body
    assert content["envois/01/answer.txt"].decode() == row.answer
    assert json.loads(content["envois/01/attempt.json"])["chorus_id"] == row.chorus_id
    moves = json.loads(content["moves.json"])
    assert [move["to"] for move in moves][-2:] == ["submitting", "submitted"] and all(m["actor"] for m in moves)
    page = content["resume.html"].decode()
    assert "F-1" in page and row.submission["main_sha256"] in page and str(row.chorus_id) in page
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "head of its chain" in chorus("verify", told["file"], "--head", told["head"]).stdout
    assert json.loads(chorus("invoices", "verify", told["file"], "--json").stdout)["ok"] is True


def test_an_altered_pack_is_exit_code_1(found: Services, sent: int, tmp_path: Path) -> None:
    chorus("invoices", "evidence", str(sent), "--folder", str(tmp_path))
    file = tmp_path / f"evidence-{sent}.zip"
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("later.txt", "added")
    assert "later.txt was added" in chorus("verify", str(file), code=1).stdout
    missing = CliRunner().invoke(app, ["verify", str(tmp_path / "none.zip")])
    assert type(missing.exception).__name__ == "InputError"


def test_what_is_not_there_or_not_to_be_seen_gives_no_pack(found: Services, sent: int, tmp_path: Path) -> None:
    chorus("invoices", "evidence", "999", str(sent), "--folder", str(tmp_path), code=1)
    assert [path.name for path in tmp_path.glob("*.zip")] == [f"evidence-{sent}.zip"], "the others are made"
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    chorus("invoices", "evidence", str(sent), "--as", "stranger", "--folder", str(hidden), code=1)
    assert list(hidden.iterdir()) == []


def test_a_content_that_is_gone_is_said(found: Services, sent: int, tmp_path: Path) -> None:
    for path in (Path(found.settings.home) / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    chorus("invoices", "evidence", str(sent), "--folder", str(tmp_path / "x"), code=3)


def test_the_fingerprint_of_the_deposit_is_read_from_the_proof() -> None:
    raw = json.dumps({"identifiantFactureCPP": 5, "empreinteCertificatDepot": "c3RhbXA="})
    assert fingerprint_of(raw) == "c3RhbXA="
    assert fingerprint_of("<html>") is None and fingerprint_of('{"identifiantFactureCPP": 5}') is None


def test_an_invoice_that_we_never_sent_has_a_pack_of_what_is_known(found: Services, tmp_path: Path) -> None:
    row = {
        "state": "submitted",
        "chorus_id": 55,
        "status": "MANDATEE",
        "invoice_number": "X",
        "environment": "simulator",
    }
    with found.store.database.write() as connection:
        connection.execute(invoices.insert().values(**row, created_at=START, changed_at=START))
    chorus("invoices", "evidence", "cpro:55", "--folder", str(tmp_path))
    [file] = tmp_path.glob("*.zip")
    with zipfile.ZipFile(file) as archive:
        assert "aucun envoi par ce connecteur" in archive.read("resume.html").decode()
        assert not [name for name in archive.namelist() if name.startswith("envois/")]
