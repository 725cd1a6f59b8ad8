"""The pace of calls is one for all processes that call as one client, by the database's clock."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa

from include.adapters.chorus.pace import Pace, ProcessTurns
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import call_turns
from include.adapters.storage.platform.call_turns import SqlCallTurns
from include.adapters.storage.store import Store
from include.domain.errors import StoreError
from include.simulator.server import RunningSimulator
from tests.conftest import ROOT
from tests.fakes.clock import FakeClock
from tests.services.control_door import control

OURS, PLATFORMS = 2.0, 3.0
"""Two processes that each keep our pace alone would make four calls a second; late wake-ups stay below three."""
CALLS_EACH = 5

CALLER = """
import json, sys
from include.adapters.chorus.chorus import RestChorus
from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from include.application.ports.secrets import ConnectionSecrets
from include.bootstrap import SystemClock
from include.domain.codes import Environment
from include.domain.configuration import Provider
from tests.fakes.secrets import FakeSecrets
given = json.loads(sys.argv[1])
known = FakeSecrets(ConnectionSecrets(connection_id="c", **given["connection"]))
store = Store(Database(given["database"]))
store.database.check()
chorus = RestChorus(
    secrets=known, clock=SystemClock(), calls_per_second=lambda: given["pace"], call_turns=store.call_turns
)
gateway = chorus.gateway(Provider(name="P", siret="33254021516357", environment=Environment.SIMULATOR, connection="c"))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(given["calls"]):
    gateway.check()
"""


@pytest.mark.slow
def test_two_processes_keep_one_pace_together(store: Store, database_url: str) -> None:
    with RunningSimulator() as simulator:
        control(simulator.url, "POST", "settings", {"calls_per_second": PLATFORMS})
        connection = {
            "host": simulator.url,
            "login": simulator.login,
            "password": simulator.password,
            "extra": {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret},
        }
        given = json.dumps({"connection": connection, "database": database_url, "pace": OURS, "calls": CALLS_EACH})
        callers = [
            subprocess.Popen(
                [sys.executable, "-c", CALLER, given],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for caller in callers:
            assert caller.stdout is not None
            assert caller.stdout.readline() == "ready\n"
        started = time.monotonic()
        for caller in callers:
            assert caller.stdin is not None
            caller.stdin.write("go\n")
            caller.stdin.flush()
        ends = [caller.communicate(timeout=60) for caller in callers]
        seconds = time.monotonic() - started
        assert [caller.returncode for caller in callers] == [0, 0], ends
        counts = control(simulator.url, "GET", "calls")["counts"]
    assert counts["transverses/health-check"] == {"200": 2 * CALLS_EACH}, "none came too fast for the platform"
    assert seconds >= (2 * CALLS_EACH - 1) / OURS


def test_turns_follow_one_another_and_a_client_does_not_wait_for_another(store: Store) -> None:
    waits = [store.call_turns.take("one", 100.0) for _ in range(3)]
    assert waits == [0.0, pytest.approx(100, abs=30), pytest.approx(200, abs=30)]
    assert store.call_turns.take("two", 100.0) == 0.0


def test_turns_taken_side_by_side_are_all_different(store: Store) -> None:
    waits: list[float] = []
    workers = [threading.Thread(target=lambda: waits.append(store.call_turns.take("one", 50.0))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [round(wait / 50) for wait in sorted(waits)] == list(range(8))


def test_a_clock_that_was_put_back_does_not_stop_the_calls(store: Store) -> None:
    store.call_turns.take("one", 1.0)
    with store.database.write() as connection:
        connection.execute(call_turns.update().values(next_at=call_turns.c.next_at + 3600))
    assert store.call_turns.take("one", 1.0) == 0.0


def test_without_a_pace_the_database_is_not_asked(store: Store) -> None:
    pace = Pace(None, client="one", turns=store.call_turns, own_turns=ProcessTurns(FakeClock()), sleep=time.sleep)
    pace.wait()
    with store.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(call_turns)) == 0


def test_where_the_database_fails_the_process_keeps_the_pace_alone(clock: FakeClock) -> None:
    broken = SqlCallTurns(Database("sqlite:////nowhere/chorus.db"))
    with pytest.raises(StoreError):
        broken.take("one", 2.0)
    pace = Pace(0.5, client="one", turns=broken, own_turns=ProcessTurns(clock), sleep=clock.advance)
    for _ in range(3):
        pace.wait()
    assert clock.monotonic() == 4
