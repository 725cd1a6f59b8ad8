"""`chorus invoices evidence` and `chorus verify` on a real store: what is in a pack, and who gets it."""

from __future__ import annotations

import datetime as dt
import errno
import html
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from include.adapters.chorus.answers import fingerprint_of
from include.adapters.storage.core.tables import attempts, invoices, moves, readings, tracked_statuses
from include.application.operations.retention import retain
from include.bootstrap import Services, services
from include.cli import app
from include.domain.causes import CauseCode, cause
from include.domain.errors import DiskFullError
from include.domain.submission import AttemptState
from tests.factories import BODY, SUPPLIER
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.seeded import list_all
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


def sent_under(found: Services, fault: Fault, *, searches_late: dt.timedelta = dt.timedelta()) -> int:
    """An invoice whose first sending met this fault, after an hour of passes."""
    clock = FakeClock()
    platform = FakePlatform(clock, search_delay=searches_late)
    platform.add_body(BODY)
    bench = SendingBench(found.store, found.files, FakeChorus(platform), clock)
    bench.configure()
    invoice_id = bench.add("F-1", content=PDF)
    platform.fail("submit", fault)
    for _ in range(6):
        bench.send()
        clock.advance(minutes=12)
    return invoice_id


def searches_in_pack(invoice_id: int, folder: Path) -> tuple[list[dict[str, Any]], str]:
    """The answers to searches, and the page."""
    chorus("invoices", "evidence", str(invoice_id), "--folder", str(folder))
    with zipfile.ZipFile(folder / f"evidence-{invoice_id}.zip") as archive:
        return json.loads(archive.read("searches.json")), archive.read("resume.html").decode()


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


def test_a_pack_holds_what_the_platform_answered_to_searches(found: Services, tmp_path: Path) -> None:
    invoice_id = sent_under(found, Fault.CUT_AFTER_TAKEN, searches_late=dt.timedelta(minutes=20))
    told, page = searches_in_pack(invoice_id, tmp_path)
    assert [len(one["found"]) for one in told] == [0, 1] and told[0]["first_at"] < told[1]["first_at"]
    assert told[1]["asked"] == [{"supplier_siret": SUPPLIER, "number": "F-1"}]
    assert (
        told[1]["found"][0]["number"] == "F-1"
        and told[1]["decided"] == "retrouvée sur Chorus Pro telle qu'elle a été envoyée"
    )
    assert "Aucune facture" in page and "Déposée, TTC 1\N{NARROW NO-BREAK SPACE}200,00" in page


def test_the_same_answer_again_is_counted(found: Services, tmp_path: Path) -> None:
    told, _ = searches_in_pack(sent_under(found, Fault.CUT_BEFORE_TAKEN), tmp_path)
    assert [(one["times"], one["found"]) for one in told] == [(1, []), (2, [])], "once more right before the resend"


def test_a_refusal_keeps_the_answer_of_the_search_after_it(found: Services, tmp_path: Path) -> None:
    [told], _ = searches_in_pack(sent_under(found, Fault.BUSINESS_REFUSAL), tmp_path)
    assert told["found"] == [] and told["decided"] == "refusée par Chorus Pro"


def test_the_page_says_statuses_in_french(found: Services, sent: int, tmp_path: Path) -> None:
    with found.store.database.write() as connection:
        connection.execute(invoices.update().values(status="MISE_A_DISPOSITION"))
        list_all(connection)
        entry = {"invoice_id": sent, "kind": "status", "entry": "1", "code": "SUSPENDUE", "at": START}
        connection.execute(tracked_statuses.insert().values(**entry))
        move = {"invoice_id": sent, "at": START, "before": "submitted", "after": "to_process", "actor": "t"}
        connection.execute(moves.insert().values(**move, cause=cause(CauseCode.STATUS, status="SUSPENDUE")))
    chorus("invoices", "evidence", str(sent), "--folder", str(tmp_path))
    with zipfile.ZipFile(tmp_path / f"evidence-{sent}.zip") as archive:
        page = archive.read("resume.html").decode()
    assert "Mise à disposition" in page and "Chorus Pro\u00a0: Suspendue" in page and "<td>Statut</td>" in page
    assert "MISE_A_DISPOSITION" not in page and "SUSPENDUE" not in page


def test_the_page_tells_a_clerk_in_french_what_happened(found: Services, sent: int, tmp_path: Path) -> None:
    chorus("invoices", "evidence", str(sent), "--folder", str(tmp_path))
    with zipfile.ZipFile(tmp_path / f"evidence-{sent}.zip") as archive:
        page = archive.read("resume.html").decode()
        told = json.loads(archive.read("moves.json"))
    assert "1\N{NARROW NO-BREAK SPACE}200,00" in page
    assert "prise en charge par Chorus Pro" in page and "Dépôt en cours" in page
    for move in told:
        assert f"<td>{move['to']}</td>" not in page and f"<td>{move['cause_code']}</td>" not in page, move
        assert move["cause"] in html.unescape(page), "the files of the pack say it in the same language"
    assert "<td>system</td>" not in page


def test_packs_verify_after_the_periods_of_retention(found: Services, sent: int, tmp_path: Path) -> None:
    chorus("invoices", "evidence", str(sent), "--folder", str(tmp_path))
    file = tmp_path / f"evidence-{sent}.zip"
    with zipfile.ZipFile(file) as archive:
        proofs = {name: archive.read(name) for name in archive.namelist() if "/" in name}
    with found.store.database.write() as connection:
        connection.execute(readings.update().values(read_at=START))
    late = FakeClock(START + dt.timedelta(days=5000))
    assert retain(found.store.retention, found.store.configuration.current()[1], late, apply=True)["texts"]
    chorus("verify", str(file))
    later = tmp_path / "later"
    chorus("invoices", "evidence", str(sent), "--folder", str(later))
    chorus("verify", str(later / file.name))
    with zipfile.ZipFile(later / file.name) as archive:
        assert {name: archive.read(name) for name in archive.namelist() if "/" in name} == proofs


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
    chorus("invoices", "evidence", str(sent), "--as", "stranger", "--folder", str(hidden), code=1)
    assert not hidden.exists()


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
        list_all(connection)
    chorus("invoices", "evidence", "cpro:55", "--folder", str(tmp_path))
    [file] = tmp_path.glob("*.zip")
    with zipfile.ZipFile(file) as archive:
        assert "aucun envoi par ce connecteur" in archive.read("resume.html").decode()
        assert not [name for name in archive.namelist() if name.startswith("envois/")]


def test_a_full_disk_leaves_no_half_pack_and_the_older_one_as_it_was(
    found: Services, sent: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    older = tmp_path / f"evidence-{sent}.zip"
    older.write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", full)
    failed = CliRunner().invoke(app, ["invoices", "evidence", str(sent), "--folder", str(tmp_path)])
    assert isinstance(failed.exception, DiskFullError)
    assert older.read_bytes() == b"older" and [path.name for path in tmp_path.iterdir() if path.is_file()] == [
        older.name
    ]
