"""Everything that a storm meets: database, object store, platform, workers, a clock, a disk that can be filled."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.s3_server import s3_server
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import invoices
from include.adapters.storage.store import Store
from include.bootstrap import SystemClock
from include.demo.postgresql import postgresql_server
from include.demo.processes import free_port
from include.domain.lifecycle import State
from include.simulator.backend.platform import Credentials, Platform
from tests.conftest import ROOT
from tests.e2e.chaos.victims import Victim, awaits, listens
from tests.e2e.exactly_once.control import Control
from tests.factories import configuration

WORKERS = 2
RESTART_SECONDS = 0.3
DISK_MEGABYTES, KILOBYTES_OF_AN_INVOICE = 400, 50
"""The database's disk: its log and its own files, and what it needs for each invoice, with room to spare."""
DEADLINE, LEASE, DELAY = 5, 15, 6
"""Seconds of a sending, of a claim, and until a search that found nothing counts: a fraction of the real ones."""

BY_HAND = (State.TO_COMPLETE, State.REFUSED, State.UNREADABLE, State.HELD)


class Place:
    """A deployment without Airflow; whatever is killed is started again, as a supervisor does."""

    def __init__(
        self, folder: Path, database_url: str, store: dict[str, str], files_url: str, disk: Path | None
    ) -> None:
        self.folder, self.disk, self.database_url = folder, disk, database_url
        self.portal, self.clock = folder / "portal", folder / "clock"
        self.portal.mkdir()
        self.clock.write_text("0")
        port = free_port()
        self.control = Control(f"http://127.0.0.1:{port}")
        door, behind = free_port(), store["AWS_ENDPOINT_URL"].rpartition(":")[2]
        kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        state = folder / "platform.db"
        with contextlib.closing(Platform(state_file=state)) as fresh:
            login = fresh.credentials
        self.environment = {
            **kept,
            **store,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{door}",
            "CHORUS_HOME": str(folder),
            "CHORUS_DATABASE_URL": database_url,
            "CHORUS_FILES_URL": files_url,
            "AIRFLOW_CONN_CHORUS_TEST": json.dumps(connection(port, login)),
        }
        command = [sys.executable, "-m", "include.simulator", "--port", str(port), "--state", str(state)]
        self.ports = {"platform": port, "database": sa.make_url(database_url).port or 0, "store": door}
        self.platform = Victim("platform", command, kept, folder / "platform.log")
        self.database = Victim.running("database", self.ports["database"], folder / "database.log")
        before = [sys.executable, "-m", "tests.e2e.chaos.door", str(door), behind]
        self.store = Victim("store", before, kept, folder / "store.log")
        call = [sys.executable, "-X", "faulthandler", "-m", "tests.e2e.chaos.worker", str(self.clock)]
        names = [f"worker {place}" for place in range(WORKERS)]
        self.workers = [Victim(name, call, self.environment, folder / f"{name}.log") for name in names]

    def prepare(self) -> None:
        """Tables, configuration, a platform that takes a used number again, so that a double shows."""
        self.raise_platform()
        self.raise_store()
        self.control.set(unique_numbers=False, search_delay_seconds=1, integration_seconds=1)
        database = Database(self.database_url)
        database.migrate()
        made = configuration(
            portal={"kind": "folder", "url": self.portal.as_uri(), "settle_seconds": 0},
            submission={
                "parallel": 4,
                "send_deadline_seconds": DEADLINE,
                "lease_seconds": LEASE,
                "search_again_after_seconds": DELAY,
            },
        )
        Store(database).configuration.save(
            made, expected_revision=0, actor="chaos", source="test", at=SystemClock().now(), changes=()
        )
        database.close()

    def raise_platform(self) -> None:
        """It comes back with what it had taken."""
        self._raise(self.platform)

    def raise_database(self) -> None:
        """It comes back, and mends what the crash left."""
        self._raise(self.database)

    def raise_store(self) -> None:
        """It comes back with what it holds."""
        self._raise(self.store)

    def _raise(self, victim: Victim) -> None:
        """As a supervisor does: started again for as long as it ends by itself."""

        def up() -> bool:
            if not victim.family():
                victim.start()
                time.sleep(RESTART_SECONDS)
            return listens(self.ports[victim.name])

        try:
            awaits(up, f"the {victim.name}")
        except TimeoutError as error:
            error.add_note(victim.log.read_text(errors="replace")[-3000:])
            raise

    def drop(self, number: str) -> None:
        """One document, its side-car first."""
        told = {"classification_rule": "Facture client", "metadata": {}}
        (self.portal / f"{number}.pdf.json").write_text(json.dumps(told))
        (self.portal / f"{number}.pdf").write_text(f"%PDF-1.7 {number}")

    def heal(self) -> None:
        """Whatever is down comes back, and nothing is wrong with the platform any more."""
        self.raise_database()
        self.raise_platform()
        self.raise_store()
        self.control.heal()

    def pass_time(self, seconds: float) -> None:
        """For our machines and for the platform; nobody may be at work."""
        self.clock.write_text(str(float(self.clock.read_text()) + seconds))
        self.control.advance(seconds)

    def passes(self) -> list[dict[str, Any]]:
        """What all passes so far said of themselves; the last line of a killed worker may be torn."""
        found = []
        for worker in self.workers:
            for line in worker.log.read_text(errors="replace").splitlines() if worker.log.exists() else []:
                with contextlib.suppress(json.JSONDecodeError):
                    found.append(json.loads(line))
        return [one for one in found if isinstance(one, dict)]

    def held(self) -> Counter[str]:
        """How often the platform holds each number."""
        found: Counter[str] = Counter()
        while items := self.control.call("GET", f"invoices?limit=1000&offset={found.total()}")["items"]:
            found.update(item["number"] for item in items)
        return found

    def ours(self) -> dict[str, str]:
        """State of each number, as our store says."""
        engine = sa.create_engine(self.database_url)
        query = sa.select(invoices.c.invoice_number, invoices.c.state).where(invoices.c.document_id.is_not(None))
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        engine.dispose()
        return {row.invoice_number or f"unread {place}": row.state for place, row in enumerate(rows)}


def connection(port: int, known: Credentials) -> dict[str, Any]:
    """Airflow's, for the platform at this port."""
    return {
        "conn_type": "http",
        "host": f"http://127.0.0.1:{port}",
        "login": known.login,
        "password": known.password,
        "extra": {"piste_client_id": known.client_id, "piste_client_secret": known.client_secret},
    }


@contextlib.contextmanager
def small_disk(folder: Path, count: int) -> Iterator[Path | None]:
    """A file system with room for so many invoices, where this process may mount one; else None."""
    folder.mkdir()
    megabytes = DISK_MEGABYTES + count * KILOBYTES_OF_AN_INVOICE // 1000
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def data_on(disk: Path | None) -> Iterator[None]:
    """Temporary folders are made there: the database's data among them."""
    before = tempfile.tempdir
    tempfile.tempdir = str(disk) if disk else before
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextlib.contextmanager
def place(count: int) -> Iterator[Place]:
    """For so many invoices; nothing of it lives on."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chorus-chaos-")))
        folder.chmod(0o755)  # the database's user passes through
        disk = stack.enter_context(small_disk(folder / "disk", count))
        raised: list[Victim] = []
        stack.callback(lambda: [*map(Victim.reap, raised)])  # when its server was told to end
        with data_on(disk):
            server = stack.enter_context(postgresql_server("-c max_wal_size=64MB -c min_wal_size=32MB"))
        store = stack.enter_context(s3_server(folder))
        made = Place(folder, server, dict(store.environment), f"{store.make_bucket('contents')}/files", disk)
        try:
            made.prepare()
            yield made
        finally:
            for victim in (*made.workers, made.platform, made.store):
                victim.kill()
            made.raise_database()
            raised.append(made.database)
