"""Twenty thousand invoices on the simulator, over the real client: their statuses move while they are read."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from include.adapters.chorus.chorus import RestChorus
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import events, invoices
from include.adapters.storage.store import Store
from include.application.ports.tracking import Stored
from include.application.tracking import retrieve_invoices as module
from include.application.tracking.retrieve_invoices import RetrievalReport, retrieve_invoices
from include.domain.codes import REMOTE_STATUSES
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.tracking import Account
from include.simulator.server import RunningSimulator
from tests.factories import configuration
from tests.fakes.clock import START, FakeClock
from tests.fakes.secrets import FakeSecrets
from tests.integration.tracking.bench import retrieving
from tests.services.control_door import control
from tests.services.simulator import connection_to

SUPPLIER = "33254021516357"
COUNT = 20_000
SHARES = {"MISE_EN_PAIEMENT": 0.5, "MISE_A_DISPOSITION": 0.3, "MANDATEE": 0.15, "SUSPENDUE": 0.05}


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


class LargeAccount:
    """The simulator's own list on one side, our store on the other."""

    def __init__(self, simulator: RunningSimulator, store: Store) -> None:
        self.simulator = simulator
        self.store = store
        self.configuration = configuration()
        [self.provider] = self.configuration.providers

    def control(self, name: str, **body: object) -> None:
        control(self.simulator.url, "POST", name, body)

    def retrieve(self) -> RetrievalReport:
        clock = FakeClock()
        chorus = RestChorus(secrets=FakeSecrets(connection_to(self.simulator)), clock=clock, sleep=clock.advance)
        use = retrieving(self.store, chorus, clock, self.configuration)
        return retrieve_invoices(self.provider, use)

    def move(self, start: str, to: str, count: int) -> int:
        """In the platform's own memory, between two pages."""
        with self.simulator.platform.work():
            return self.simulator.platform.invoices.move_many(start, to, count, "Pièce absente")

    def theirs(self) -> dict[int, tuple[str, str]]:
        rows, total = self.simulator.platform.invoices.listing({}, 1_000_000, 0)
        assert total == len(rows)
        return {row["id"]: (row["number"], row["status"]) for row in rows}

    def ours(self) -> dict[int, tuple[str, str]]:
        query = sa.select(invoices.c.chorus_id, invoices.c.invoice_number, invoices.c.status)
        with self.store.database.read() as connection:
            return {chorus_id: (number, status) for chorus_id, number, status in connection.execute(query)}

    def told(self) -> list[int]:
        """Invoices of the events, as often as they were told."""
        query = sa.select(events.c.invoice_id).where(events.c.kind == EventKind.STATUS_CHANGED)
        with self.store.database.read() as connection:
            return list(connection.scalars(query))


@pytest.fixture
def account(simulator: RunningSimulator, migrated_file: Path, tmp_path: Path) -> Iterator[LargeAccount]:
    shutil.copy(migrated_file, tmp_path / "chorus.db")
    store = Store(Database(f"sqlite:///{tmp_path / 'chorus.db'}"))
    store.configuration.save(configuration(), expected_revision=0, actor="test", source="test", at=START, changes=())
    simulator.platform.reset()
    yield LargeAccount(simulator, store)
    store.database.close()


def after_page(account: LargeAccount, monkeypatch: pytest.MonkeyPatch, do: Callable[[int], object]) -> None:
    """`do` hears the number of each page that was stored."""
    store_rows = account.store.tracking.store_rows
    pages = iter(range(1, 1_000_000))

    def storing(of: Account, rows: object, **rest: object) -> Stored:
        stored = store_rows(of, rows, **rest)  # type: ignore[arg-type]
        do(next(pages))
        return stored

    monkeypatch.setattr(account.store.tracking, "store_rows", storing)


def memory() -> int:
    """The most that this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_nothing_is_missed_or_told_twice_while_statuses_move(
    account: LargeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HISTORIES_PER_RUN", 100)
    account.control("seed", invoices={"supplier_siret": SUPPLIER, "count": COUNT, "statuses": SHARES, "prefix": "S-"})
    with monkeypatch.context() as first:
        moved = {
            5: ("MISE_A_DISPOSITION", "SUSPENDUE"),
            20: ("MANDATEE", "COMPTABILISEE"),
            35: ("SUSPENDUE", "REJETEE"),
        }
        after_page(account, first, lambda page: account.move(*moved[page], 700) if page in moved else None)
        held = memory()
        report = account.retrieve()
        assert memory() - held < 60_000, "flat memory: the account itself is far larger"
    assert (report.seen, report.stored.new, report.stored.foreign) == (COUNT, COUNT, COUNT)
    assert {i: number for i, (number, _) in account.ours().items()} == {
        i: number for i, (number, _) in account.theirs().items()
    }

    with monkeypatch.context() as second:
        after_page(account, second, lambda page: account.move("MANDATEE", "SERVICE_FAIT", 300) if page == 2 else None)
        account.retrieve()
    account.retrieve()
    assert account.ours() == account.theirs(), "what moved in the middle came with the next run"

    before = len(account.told())
    assert account.move("COMPTABILISEE", "MISE_EN_PAIEMENT", 400) == 400
    assert account.retrieve().stored.changed == 400
    assert account.retrieve().stored.changed == 0
    assert len(account.told()) - before == 400
    assert account.ours() == account.theirs()


def test_every_status_of_the_platform_and_invented_ones_come_back(account: LargeAccount) -> None:
    invented = ["PAYEE_PAR_CHEQUE", "deposee"]
    codes = [*sorted(REMOTE_STATUSES), *invented]
    given = {"supplier_siret": SUPPLIER, "count": len(codes), "statuses": {"VALIDEE_1": 1}, "prefix": "S-"}
    account.control("seed", invoices=given)
    assert account.retrieve().stored.new == len(codes)
    wanted = {}
    for (chorus_id, (number, _)), code in zip(sorted(account.theirs().items()), codes, strict=True):
        account.control("status", chorus_id=chorus_id, status=code)
        wanted[chorus_id] = number, "UNKNOWN" if code in invented else code
    assert account.retrieve().stored.changed == len(codes) - 1, "all but the one that was in its status before"
    assert account.ours() == wanted
    query = sa.select(invoices.c.status).where(invoices.c.state == State.TO_PROCESS)
    alarms = sa.select(events.c.facts).where(events.c.kind == EventKind.ALERT).order_by(events.c.id)
    with account.store.database.read() as connection:
        assert set(connection.scalars(query)) == {"A_RECYCLER", "SUSPENDUE", "REJETEE"}
        assert sorted(facts["status"] for facts in connection.scalars(alarms)) == invented
