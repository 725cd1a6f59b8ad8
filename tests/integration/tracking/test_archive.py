"""Finished invoices in packs: everything still answers, nothing is sent twice, and no kill loses anything."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from include.adapters.storage.archive import archive as module
from include.adapters.storage.archive.pack import rows_of
from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.core.tables import attempts, events, findings, invoices, metadata, moves
from include.adapters.storage.store import Store
from include.application.operations.archive import ArchiveReport, archive
from include.application.operations.retention import retain
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.ledger import SendWork
from include.application.tracking.reconcile import reconcile
from include.cli import app
from include.domain.errors import AlreadySentError, InputError
from include.domain.rights import OWNER, Viewer
from include.domain.tracking import Agent
from tests.factories import PROVIDER_KEY, a_submission
from tests.fakes.clock import START, FakeClock
from tests.integration.tracking.bench import TrackingBench

NEXT_YEAR = START + dt.timedelta(days=365)
PAID = "MISE_EN_PAIEMENT"


class Archiving:
    """A bench whose paid invoices are told, and an archive beside it."""

    def __init__(self, bench: TrackingBench, folder: Path) -> None:
        self.bench = bench
        self.files = FsspecFiles((folder / "archive").as_uri())
        self.store = Store(bench.store.database, packs=self.files)

    def paid(self, *numbers: str) -> list[int]:
        """Invoices of ours that were paid, and everybody knows it; our ids."""
        for number in numbers:
            held = self.bench.submitted(number)
            self.bench.clock.advance(hours=1)
            held.move("MISE_A_DISPOSITION", self.bench.clock.now(), "Bonjour")
            held.move(PAID, self.bench.clock.now())
        assert self.bench.retrieve().complete
        with self.store.database.write() as connection:
            connection.execute(events.update().values(distributed=True))
            chosen = sa.select(invoices.c.id).where(invoices.c.invoice_number.in_(numbers))
            return list(connection.scalars(chosen.order_by(invoices.c.id)))

    def archive(self, *, before: dt.datetime = NEXT_YEAR, apply: bool = True) -> ArchiveReport:
        return archive(self.store.archive, self.files, self.bench.clock, before=before, apply=apply)

    def known(self, invoice_id: int) -> tuple[Any, ...]:
        """All that a person is shown, in every way to ask."""
        detail = self.store.invoice_views.detail(OWNER, str(invoice_id))
        assert detail is not None
        assert detail.row.document_id is not None
        by_number = self.store.invoice_views.detail(OWNER, f"cpro:{detail.row.chorus_id}")
        document = self.store.document_views.detail(OWNER, detail.row.document_id)
        return detail, by_number, document, self.store.evidence.facts(invoice_id)

    def listed(self) -> set[int]:
        return {row.id for row in self.store.invoice_views.rows(OWNER, InvoiceFilter())}

    def rows(self, table: sa.Table) -> int:
        with self.store.database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables."""
        with self.store.database.read() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
                for table in metadata.sorted_tables
            }


@pytest.fixture
def archiving(bench: TrackingBench, tmp_path: Path) -> Archiving:
    return Archiving(bench, tmp_path)


def test_an_archived_invoice_answers_as_before_and_leaves_the_lists(archiving: Archiving) -> None:
    first, second = archiving.paid("F-1", "F-2")
    before = {one: archiving.known(one) for one in (first, second)}
    report = archiving.archive()
    assert (report.archived, report.found, len(report.packs)) == (2, 2, 1)
    assert {one: archiving.known(one) for one in (first, second)} == before
    assert archiving.listed() == set()
    assert archiving.rows(attempts) == archiving.rows(moves) == 0
    assert archiving.archive().found == 0


def test_it_is_found_by_its_number_by_who_may_see_it(archiving: Archiving) -> None:
    [invoice_id, _] = archiving.paid("F-17", "F-2")
    archiving.archive()
    search = archiving.store.archive.search
    assert [one.id for one in search(OWNER, "f-17", limit=10)] == [invoice_id]
    assert [one.invoice_number for one in search(OWNER, "F-", limit=10)] == ["F-2", "F-17"]
    mine = Viewer(provider_keys=frozenset({PROVIDER_KEY}))
    other = Viewer(provider_keys=frozenset({"simulator:1"}))
    assert len(search(mine, "F-17", limit=10)) == 1
    assert search(other, "F-17", limit=10) == []
    views = archiving.store.invoice_views
    assert views.detail(mine, str(invoice_id)) is not None
    assert views.detail(other, str(invoice_id)) is None


def test_what_was_archived_is_never_sent_again(
    archiving: Archiving, make_ready: Callable[..., SendWork], clock: FakeClock
) -> None:
    archiving.paid("F-1")
    archiving.archive()
    works = {
        "number": make_ready("F-1", content=b"other bytes", path="Factures/again.pdf"),
        "content": make_ready("F-9", content=b"F-1", path="Factures/copy.pdf"),
    }
    revision, _ = archiving.store.configuration.current()
    for work, number in ((works["number"], "F-1"), (works["content"], "F-9")):
        with pytest.raises(AlreadySentError):
            archiving.store.ledger.claim(
                work, a_submission(number), "body", owner="w", lease_seconds=900, revision=revision, now=clock.now()
            )


def test_the_portal_and_the_platform_bring_nothing_back(archiving: Archiving) -> None:
    archiving.paid("F-1", "F-2")
    known = archiving.store.documents.known_signatures()
    archiving.archive()
    assert archiving.store.documents.known_signatures() == known
    before = archiving.everything()
    bench = archiving.bench
    assert bench.retrieve(since=START - dt.timedelta(days=400)).complete
    after = archiving.everything()
    assert {name for name in before if before[name] != after[name]} <= {"retrievals", "passes", "remote_invoices"}
    reconcile(bench.provider, archiving.store.findings, bench.clock, archiving.store.internal_errors)
    assert archiving.rows(findings) == 0


def test_only_what_is_finished_and_older_is_taken(archiving: Archiving) -> None:
    bench = archiving.bench
    [paid, untold, differing] = archiving.paid("F-1", "F-2", "F-3")
    bench.submitted("F-4")
    with archiving.store.database.write() as connection:
        event = {"kind": "status_changed", "invoice_id": untold, "at": START, "facts": {}, "distributed": False}
        connection.execute(events.insert().values(event))
        found = {"invoice_id": differing, "kind": "total", "provider_key": "p", "first_seen_at": START}
        connection.execute(findings.insert().values(**found, last_seen_at=START))
    assert archiving.archive(before=START - dt.timedelta(days=1)).found == 0
    assert archiving.archive(apply=False).years == {2026: 1}
    assert archiving.archive().archived == 1
    with archiving.store.database.read() as connection:
        assert list(connection.scalars(sa.select(archived.c.invoice_id))) == [paid]


def test_a_dry_run_changes_nothing(archiving: Archiving) -> None:
    archiving.paid("F-1", "F-2")
    before = archiving.everything()
    report = archiving.archive(apply=False)
    assert (report.found, report.archived, report.packs) == (2, 0, [])
    assert archiving.everything() == before
    assert archiving.files.sizes() == {}


def test_what_changes_while_it_is_packed_stays(archiving: Archiving) -> None:
    first, second = archiving.paid("F-1", "F-2")
    packed = archiving.store.archive.pack([first, second])
    with archiving.store.database.write() as connection:
        copied = connection.execute(sa.select(moves).where(moves.c.invoice_id == first).limit(1)).one()._mapping
        connection.execute(moves.insert().values({k: v for k, v in copied.items() if k != "id"}))
    before = archiving.known(first)
    assert archiving.store.archive.leave(packed, archiving.files.put(packed.content), now=NEXT_YEAR) == 1
    assert archiving.listed() == {first}
    assert archiving.known(first) == before


def test_a_failure_while_it_is_removed_takes_nothing(archiving: Archiving, monkeypatch: pytest.MonkeyPatch) -> None:
    archiving.paid("F-1", "F-2")
    before = archiving.everything()

    def fail(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(module, "_remove", fail)
        with pytest.raises(RuntimeError):
            archiving.archive()
    assert archiving.everything() == before
    assert archiving.archive().archived == 2


def test_it_comes_back_as_it_was(archiving: Archiving) -> None:
    first, second = archiving.paid("F-1", "F-2")
    with archiving.store.database.read() as connection:
        before = rows_of(connection, [first])
    known = archiving.known(first)
    archiving.archive()
    assert archiving.store.archive.bring_back(str(first)) == first
    with archiving.store.database.read() as connection:
        assert rows_of(connection, [first]) == before
    assert archiving.known(first) == known
    assert archiving.listed() == {first}
    assert archiving.store.archive.bring_back(str(first)) is None
    assert archiving.store.archive.bring_back("no number") is None
    chorus_id = archiving.known(second)[0].row.chorus_id
    assert archiving.store.archive.bring_back(f"cpro:{chorus_id}") == second


def test_retention_reaches_packs(archiving: Archiving) -> None:
    bench = archiving.bench
    held = bench.submitted("F-1")
    agent = Agent(first_name="Anne", last_name="SECRETDUPOND", mail="a@mairie.example", phone=None)
    held.move("MISE_A_DISPOSITION", bench.clock.now(), "Voir Mme Secretdupond", agent)
    held.move(PAID, bench.clock.now())
    [other] = archiving.paid("F-2")
    [invoice_id] = archiving.listed() - {other}
    archiving.archive()
    [old] = archiving.files.sizes()
    before = archiving.known(invoice_id)
    assert "SECRETDUPOND" in repr(before)
    bench.clock.advance(days=800)
    counted = retain(archiving.store.retention, bench.configuration, bench.clock, apply=False)
    assert counted["agents"] == 1
    assert counted["texts"] >= 2
    assert "SECRETDUPOND" in repr(archiving.known(invoice_id))
    assert retain(archiving.store.retention, bench.configuration, bench.clock, apply=True) == counted
    after = archiving.known(invoice_id)
    assert "SECRETDUPOND" not in repr(after).upper()
    assert after[0].attempts == before[0].attempts
    assert archiving.store.invoice_views.detail(OWNER, str(other)) is not None
    assert old not in archiving.files.sizes(), "the pack with the names is gone"
    assert len(archiving.files.sizes()) == 1
    assert set(retain(archiving.store.retention, bench.configuration, bench.clock, apply=True).values()) == {0}


def test_a_status_that_comes_later_stands_beside_what_was_packed(archiving: Archiving) -> None:
    bench = archiving.bench
    [invoice_id] = archiving.paid("F-1")
    before = archiving.known(invoice_id)[0]
    archiving.archive()
    bench.clock.advance(days=3)
    [held] = bench.platform.invoices
    held.move("SUSPENDUE", bench.clock.now())
    assert bench.retrieve().complete
    now = archiving.known(invoice_id)[0]
    assert now.row.status == "SUSPENDUE"
    assert now.attempts == before.attempts
    assert now.moves[: len(before.moves)] == before.moves
    assert len(now.moves) > len(before.moves)
    assert set(before.history) < set(now.history)
    assert archiving.listed() == {invoice_id}


SCRIPT = """
import os, signal
from include.adapters.storage.archive import archive as storage
from include.adapters.storage.core import files
from include.application.operations import archive as use_case
use_case.IN_A_PACK = 2
owner, name = {where}
real, calls = getattr(owner, name), []
def once_more(*given, **named):
    calls.append(1)
    if len(calls) == 2:
        {instead}
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
setattr(owner, name, once_more)
from include.cli import app
app(["archive", "--before", "2030-01-01", "--apply"])
"""
PLACES = {
    "while the second pack is put": ('files.FsspecFiles, "put"', ""),
    "before the second pack leaves": ('storage.SqlArchive, "leave"', ""),
    "after its rows are removed, in the transaction": ('storage, "_remove"', "real(*given, **named)"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_process_that_is_killed_loses_nothing(
    place: str, clock: FakeClock, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, instead = PLACES[place]
    from include.bootstrap import services
    from tests.factories import configuration
    from tests.integration.storage.conftest import ready_invoice

    found = services()
    found.store.database.migrate()
    found.store.configuration.save(
        configuration(), expected_revision=0, actor="test", source="test", at=START, changes=()
    )

    def ready(number: str = "F-1", content: bytes | None = None, path: str | None = None) -> SendWork:
        return ready_invoice(found.store, number, content or number.encode(), START, path=path)

    made = Archiving(TrackingBench(found.store, clock, ready), tmp_path)
    made.store = found.store
    ids = made.paid(*(f"F-{number}" for number in range(6)))
    before = {one: made.known(one) for one in ids}
    found.close()
    program = SCRIPT.format(where=where, instead=instead or "pass")
    environment = {"CHORUS_HOME": str(own_home), "PYTHONPATH": ":".join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert {one: made.known(one) for one in ids} == before
    left = made.listed()
    assert len(left) == 4
    done = CliRunner().invoke(app, ["archive", "--before", "2030-01-01", "--apply", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["archived"] == 4
    assert {one: made.known(one) for one in ids} == before
    found.close()


def test_the_command(own_home: Path, clock: FakeClock, tmp_path: Path) -> None:
    from include.bootstrap import services
    from tests.factories import configuration
    from tests.integration.storage.conftest import ready_invoice

    found = services()
    Database(found.settings.database_url).migrate()
    found.store.configuration.save(
        configuration(), expected_revision=0, actor="test", source="test", at=START, changes=()
    )

    def ready(number: str = "F-1", content: bytes | None = None, path: str | None = None) -> SendWork:
        return ready_invoice(found.store, number, content or number.encode(), START, path=path)

    made = Archiving(TrackingBench(found.store, clock, ready), tmp_path)
    [first, _] = made.paid("F-1", "F-2")
    found.files.put(b"F-1")

    def chorus(*arguments: str, code: int = 0) -> Any:
        done = CliRunner().invoke(app, [*arguments, "--json"])
        assert done.exit_code == code, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    [shown] = chorus("invoices", "show", str(first))
    [dry] = chorus("archive", "--before", "2027-01-01")
    assert (dry["applied"], dry["found"], dry["archived"], dry["years"]) == (False, 2, 0, {"2026": 2})
    [done] = chorus("archive", "--before", "2027-01-01", "--apply")
    assert (done["applied"], done["archived"], len(done["packs"])) == (True, 2, 1)
    assert done["bytes_packed"] > 0
    assert chorus("invoices", "list") == []
    assert chorus("invoices", "show", str(first)) == [shown]
    assert [row["invoice_number"] for row in chorus("archive", "--search", "f-1")] == ["F-1"]
    both = CliRunner().invoke(app, ["archive", "--before", "2027-01-01", "--search", "x"])
    assert isinstance(both.exception, InputError)
    assert CliRunner().invoke(app, ["archive", "--bring-back", str(first)]).exit_code == 0
    assert [row["id"] for row in chorus("invoices", "list")] == [first]
    assert CliRunner().invoke(app, ["archive", "--bring-back", "4711"]).exit_code == 1
    found.close()
