"""The world of a benchmark of the pipeline: invoices, a portal folder, a simulated Chorus Pro, an empty database.

Everything is made in a temporary folder and taken away again; no deployment of the caller's is touched.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.demo.demonstration import SUPPLIER, apply_configuration, await_simulator, demo_environment, start_simulator
from include.demo.generator import cast, render
from include.demo.generator.layouts import LAYOUTS
from include.demo.loopback import call
from include.demo.postgresql import new_database
from include.demo.processes import Processes, free_port
from include.settings import settings

FOLDER = Path("Comptabilite", "Factures")
"""The demonstration's configuration takes what lies there, without side-cars."""

IN_A_FOLDER = 500
FACTURX_EVERY = 5
"""One invoice in five is Factur-X, the others are plain digital."""

_PAGE = 1000


def invoice(index: int) -> bytes:
    """One complete invoice, the same in each run; no two have the same number or bytes."""
    rng = random.Random(f"river {index}")
    layout = rng.choice(list(LAYOUTS.values()))
    today = dt.datetime.now(dt.UTC).date()
    several = rng.random() < 0.2
    drawn = cast.draw_invoice(
        rng, number=f"R-{index:06d}", body=rng.choice(cast.BODIES), today=today, several_rates=several
    )
    make = render.facturx if index % FACTURX_EVERY == 0 else render.digital
    return make(drawn, layout, rng)


def generate(store: Path, count: int, told: Callable[[], None]) -> None:
    """Files invoices 0 to `count` in a folder, on all cores."""
    store.mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for index, content in pool.imap_unordered(_numbered, range(count), chunksize=20):
            _path(store, index).write_bytes(content)
            told()


def _numbered(index: int) -> tuple[int, bytes]:
    return index, invoice(index)


def _path(store: Path, index: int) -> Path:
    return store / f"R-{index:06d}.pdf"


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Numbers of invoices that the platform holds once, more than once, not at all, or that nobody dropped."""

    once: Sequence[str]
    twice: Sequence[str]
    missing: Sequence[str]
    strange: Sequence[str]


class World:
    """One measured deployment without Airflow; everything it starts, it stops."""

    def __init__(self, home: Path, database: str | None) -> None:
        self.home = home
        self.processes = Processes(home)
        self.simulator_url = f"http://127.0.0.1:{free_port()}"
        self.environment = demo_environment(settings(), home, self.simulator_url)
        if database is not None:
            self.environment["CHORUS_DATABASE_URL"] = database
        self.portal = home / "portal"

    def prepare(self) -> None:
        """Simulator, database and configuration."""
        self.portal.mkdir(parents=True)
        start_simulator(self.processes, self.environment, self.simulator_url)
        self.chorus("db", "migrate")
        await_simulator(self.processes, self.simulator_url)
        apply_configuration(self.environment, self.home)

    @property
    def database_url(self) -> str:
        """Where our store is."""
        return settings(self.environment).database_url

    @property
    def simulator_pid(self) -> int:
        """Its process."""
        return self.processes.pid("simulator")

    def drop(self, store: Path, indexes: Sequence[int]) -> None:
        """Copies invoices into the portal, some hundreds to a folder."""
        for index in indexes:
            target = self.portal / FOLDER / f"{index // IN_A_FOLDER:03d}"
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_path(store, index), target / f"R-{index:06d}.pdf")

    def chorus(self, *arguments: str) -> str:
        """Runs the command line; what it printed."""
        program = Path(sys.executable).with_name("chorus")
        done = subprocess.run([program, *arguments], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"chorus {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def start_pass(self) -> subprocess.Popen[str]:
        """One pass of the pipeline as a process of its own; its report comes on its standard output."""
        program = Path(sys.executable).with_name("chorus")
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [program, "run", "submission", "--json"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def pass_over(self) -> None:
        """One pass that nobody measures."""
        self.chorus("run", "submission", "--json")

    def last_words(self) -> str:
        """The end of what the passes logged."""
        return self._log.read_text(errors="replace")[-2000:]

    @property
    def _log(self) -> Path:
        return self.home / "pass.log"

    def numbers_on_the_platform(self) -> Counter[str]:
        """How often each number was deposited, by the simulator's own list."""
        found: Counter[str] = Counter()
        while True:
            url = f"{self.simulator_url}/_control/invoices?supplier={SUPPLIER}&limit={_PAGE}&offset={found.total()}"
            items: list[dict[str, Any]] = call("GET", url).json()["items"]
            found.update(item["number"] for item in items)
            if not items:
                return found

    def left_to_a_person(self) -> int:
        """How many documents the connector did not want to send by itself."""
        states = ("to_complete", "unreadable")
        return sum(len(self.chorus("documents", "list", "--state", s, "--json").splitlines()) for s in states)

    def platform(self, indexes: Sequence[int]) -> Platform:
        """The platform's own list held against these invoices."""
        wanted, found = {f"R-{index:06d}" for index in indexes}, self.numbers_on_the_platform()
        return Platform(
            once=sorted(number for number, times in found.items() if number in wanted and times == 1),
            twice=sorted(number for number, times in found.items() if times > 1),
            missing=sorted(wanted - found.keys()),
            strange=sorted(found.keys() - wanted),
        )


@contextlib.contextmanager
def world(server: str | None = None) -> Iterator[World]:
    """A prepared world in a temporary folder; on a PostgreSQL server it gets a database alone, else SQLite."""
    home = Path(tempfile.mkdtemp(prefix="chorus-river-"))
    try:
        with new_database(server) if server else contextlib.nullcontext() as url:
            made = World(home, url)
            try:
                made.prepare()
                yield made
            finally:
                made.processes.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def as_json(text: str) -> dict[str, Any]:
    """The report of a command."""
    found: dict[str, Any] = json.loads(text)
    return found
