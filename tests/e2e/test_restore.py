"""Our database is lost and comes back as it was an hour ago: the drill of docs/restore.md, by its own commands.

On PostgreSQL with a real `pg_dump`, and on SQLite; the simulator is the platform, a folder the portal. The platform
keeps all that was sent meanwhile; it either refuses used numbers or takes them again, so that a double would show.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from include.adapters.storage.core.tables import invoices
from include.bootstrap import Services, services
from include.cli import app
from include.demo.generator import cast
from include.domain.lifecycle import State
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.control import SUBMIT, Control
from tests.orchestration.world import FIRST, World, provider

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    # a command is a process of its own, whose end closes what it opened; here it runs in this one
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

BEFORE = [f"V-{n}" for n in range(6)]
AFTER = [f"N-{n}" for n in range(8)]


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


class Site(World):
    """One deployment that sends, is backed up, goes on, and is lost."""

    platform: Control
    database: str
    _opened: Services | None = None

    @property
    def services(self) -> Services:
        """One for all looks, until the database is lost."""
        self._opened = self._opened or services()
        return self._opened

    def close(self) -> None:
        """Gives its connections back."""
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    def chorus(self, *arguments: str, code: int = 0) -> Result:
        """A command, as typed by the person on duty."""
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == code, (arguments, done.output, done.exception)
        return done

    def read_json(self, *arguments: str, code: int = 0) -> Any:
        """The same, its answer read."""
        return json.loads(self.chorus(*arguments, "--json", code=code).stdout)

    def one_pass(self) -> dict[str, int]:
        """The ten-minute run."""
        counts: dict[str, int] = self.read_json("run", "submission", "--no-notify")["counts"]
        return counts

    def night(self) -> None:
        """The nightly run."""
        self.chorus("run", "retrieval", "--no-notify")

    def returned(self, number: str, status: str) -> None:
        """The recipient gives it back."""
        self.platform.call("POST", "status", {"number": number, "status": status})

    def invoice(self, number: str) -> str:
        """Our id of the invoice."""
        with self.services.store.database.read() as connection:
            found = sa.select(invoices.c.id).where(invoices.c.invoice_number == number)
            return str(connection.execute(found).scalar_one())

    def standing(self) -> dict[str, tuple[str, str | None]]:
        """State and status of every invoice; one of each number."""
        query = sa.select(invoices.c.invoice_number, invoices.c.state, invoices.c.status, invoices.c.document_id)
        with self.services.store.database.read() as connection:
            rows = connection.execute(query).all()
        assert [row.invoice_number for row in rows if row.document_id is None] == [], "no foreign twin of ours"
        assert max(Counter(row.invoice_number for row in rows).values()) == 1
        return {row.invoice_number: (row.state, row.status) for row in rows}

    def back_up(self) -> Path:
        """As docs/restore.md says."""
        dump = self.folder / "an-hour-ago.dump"
        url = sa.make_url(self.database)
        if url.get_backend_name() == "sqlite":
            ours, copy = sqlite3.connect(str(url.database)), sqlite3.connect(dump)
            with contextlib.closing(ours), contextlib.closing(copy):
                ours.backup(copy)
        else:
            run("pg_dump", "--format=custom", "--file", str(dump), plain(url))
        return dump

    def lost_then(self, dump: Path) -> None:
        """The database is dropped, and the dump takes its place."""
        self.close()
        url = sa.make_url(self.database)
        if url.get_backend_name() == "sqlite":
            for lost in Path(str(url.database)).parent.glob("chorus.db*"):
                lost.unlink()
            shutil.copy(dump, str(url.database))
            return
        server = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {url.database} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {url.database}"))
        server.dispose()
        run("pg_restore", "--exit-on-error", "--dbname", plain(url), str(dump))


def plain(url: sa.URL) -> str:
    """As PostgreSQL's own programs read it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["postgresql", "sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chorus.db'}"
    url: str = request.getfixturevalue("postgresql_database")
    return url


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("CHORUS_DATABASE_URL", database_url)
    made = Site(tmp_path, simulator, monkeypatch)
    made.platform, made.database = Control(simulator.url), database_url
    made.platform.reset()
    made.platform.set(life_cycle={})  # so that both sides can be held against each other at any moment
    made.prepare()
    made.configure(
        providers=[provider(FIRST, "chorus_first", loading="local")],
        submission={"parallel": 1},
    )
    yield made
    made.close()


@pytest.fixture
def set_back(site: Site) -> Site:
    """An hour ago there were six invoices, one of them in doubt; since then those were dealt with and eight came."""
    for number in BEFORE[:-1]:
        site.file(number)
    assert site.one_pass()["submitted"] == 5
    site.returned("V-0", "A_RECYCLER")
    site.returned("V-1", "SUSPENDUE")
    site.night()
    site.file(BEFORE[-1])
    site.platform.fail(SUBMIT, "drop_after_accept")
    assert site.one_pass()["unknown"] == 1
    dump = site.back_up()

    for number in AFTER[:-1]:
        site.file(number)
    assert site.one_pass()["submitted"] == 8, "seven new ones, and the one in doubt was found"
    site.returned("N-0", "SUSPENDUE")
    site.returned("N-1", "SUSPENDUE")
    site.returned("N-2", "A_RECYCLER")
    site.returned("N-3", "REJETEE")
    site.night()
    for number in ("V-1", "N-1"):
        site.chorus("invoices", "complete", site.invoice(number), "--comment", "Le voici")
    for number in ("V-0", "N-2"):
        site.chorus("invoices", "recycle", site.invoice(number), "--engagement", "2026-E-1")
    site.night()
    site.file(AFTER[-1])
    site.platform.fail(SUBMIT, "drop_after_accept")
    assert site.one_pass()["unknown"] == 1
    assert site.standing()["N-0"] == (State.TO_PROCESS, "SUSPENDUE")
    site.lost_then(dump)
    assert {state for state, _ in site.standing().values()} == {State.SUBMITTED, State.TO_PROCESS, State.UNKNOWN}
    assert set(site.standing()) == set(BEFORE), "nobody remembers the others"
    return site


def as_it_was(site: Site) -> None:
    """Every invoice once on the platform, and with us as the platform has it."""
    held = site.platform.held()
    assert {number: len(ids) for number, ids in held.items()} == dict.fromkeys([*BEFORE, *AFTER], 1)
    standing = site.standing()
    assert {number: state for number, (state, _) in standing.items()} == {
        **dict.fromkeys([*BEFORE, *AFTER], State.SUBMITTED),
        "N-0": State.TO_PROCESS,
        "N-3": State.TO_PROCESS,
    }
    remote = {item["number"]: item["status"] for item in site.platform.call("GET", "invoices?limit=99")["items"]}
    assert {number: status for number, (_, status) in standing.items()} == remote


def goes_on(site: Site) -> None:
    """What comes next is sent, once; nothing of before moves again."""
    calls = site.platform.calls(SUBMIT)
    site.file("X-1")
    assert site.one_pass()["submitted"] == 1
    assert site.one_pass()["submitted"] == 0
    assert site.platform.calls(SUBMIT) == calls + 1
    assert len(site.platform.held()["X-1"]) == 1


@pytest.mark.parametrize("unique_numbers", [True, False], ids=["refuses-used-numbers", "takes-used-numbers"])
def test_the_drill_brings_everything_back_and_sends_nothing_twice(
    set_back: Site, monkeypatch: pytest.MonkeyPatch, unique_numbers: bool
) -> None:
    site = set_back
    site.platform.set(unique_numbers=unique_numbers)
    calls = site.platform.calls(SUBMIT)

    # docs/restore.md, step by step
    monkeypatch.setenv("CHORUS_SENDING", "off")
    site.chorus("db", "migrate")
    checks = {check["name"]: check["ok"] for check in site.read_json("doctor", code=1)["checks"]}
    assert [name for name, ok in checks.items() if not ok] == ["sending"]
    site.one_pass()  # what arrived in the portal since the backup is read again
    found = site.read_json("restore", "check", code=1)
    assert found["counts"] == {"adopt": 8, "waits": 0, "foreign": 0}
    assert {row["invoice_number"]: row["what"] for row in found["rows"]} == dict.fromkeys(AFTER, "adopt")
    assert all(row["chorus_id"] and row["deposited_on"] and row["total"] and row["document"] for row in found["rows"])
    assert site.read_json("restore", "adopt")["counts"]["adopted"] == 8
    assert site.read_json("restore", "adopt")["counts"]["adopted"] == 0, "safe to repeat"
    assert site.read_json("restore", "check")["rows"] == []
    monkeypatch.delenv("CHORUS_SENDING")
    assert site.one_pass()["submitted"] == 0

    assert site.platform.calls(SUBMIT) == calls, "nothing was even tried"
    as_it_was(site)
    goes_on(site)


def test_without_the_drill_a_platform_that_refuses_used_numbers_keeps_each_once(set_back: Site) -> None:
    """Each is refused as used, found with all its values, and ours again."""
    site = set_back
    site.platform.set(unique_numbers=True)
    for _ in range(2):
        site.one_pass()
    site.night()
    as_it_was(site)
    goes_on(site)


def test_without_the_drill_a_retrieval_that_came_first_keeps_each_once(set_back: Site) -> None:
    """Used numbers are taken again, and only our copy of the platform's list can tell."""
    site = set_back
    calls = site.platform.calls(SUBMIT)
    site.night()
    assert set(site.read_json("restore", "check", code=0)["counts"].values()) == {0}, "they count as foreign now"
    for _ in range(2):
        site.one_pass()
    site.night()
    assert site.platform.calls(SUBMIT) == calls
    as_it_was(site)
    goes_on(site)


def test_other_values_wait_for_a_person_who_decides(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invoice that went on to another body after the backup has another recipient on the platform than with us."""
    dump = site.back_up()
    site.file("N-0")
    assert site.one_pass()["submitted"] == 1
    site.returned("N-0", "A_RECYCLER")
    site.night()
    other = cast.DEPARTMENT
    site.chorus("invoices", "recycle", site.invoice("N-0"), "--recipient", other.siret, "--engagement", "E-1")
    site.lost_then(dump)
    monkeypatch.setenv("CHORUS_SENDING", "off")
    site.one_pass()
    found = site.read_json("restore", "check", code=1)
    assert found["counts"] == {"adopt": 0, "waits": 1, "foreign": 0}
    site.chorus("restore", "adopt", code=1)
    document = str(found["rows"][0]["document"])
    shown = site.chorus("documents", "show", document).stdout
    assert cast.ANNECY.siret in shown and other.siret in shown, "both are shown"
    site.chorus("restore", "adopt", "--document", document)
    assert site.read_json("restore", "check")["rows"] == []
    assert site.standing()["N-0"][0] == State.SUBMITTED
    assert len(site.platform.held()["N-0"]) == 1
