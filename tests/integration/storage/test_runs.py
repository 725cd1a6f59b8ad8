"""Which run of Airflow did what: kept with each move and attempt, found again by people who may, on both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.run_tables import task_runs
from include.adapters.storage.core.task_runs import task_run_id
from include.adapters.storage.store import Store
from include.application.operations.failed_run import tell_failed_run
from include.application.ports.ledger import SendWork
from include.application.ports.paging import PageRequest, every
from include.application.ports.run_views import RunFilter, RunRow
from include.application.ports.runs import FlowRun, Result, RunRef
from include.application.views import json_rows
from include.domain.rights import OWNER, Viewer
from include.domain.submission import Taken
from tests.factories import PROVIDER_KEY, a_submission, configuration
from tests.fakes.clock import START
from tests.integration.storage.conftest import ready_invoice

READ = RunRef(dag_id="chorus_auto_submission", run_id="manual__1+2", task_id="read", try_number=1, map_index=3)
SUBMIT = dataclasses.replace(READ, task_id="submit", map_index=None)
TAKEN = Taken(chorus_id=7, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
Connect = Callable[[RunRef | None], Store]


@pytest.fixture
def as_run(store: Store, database_url: str) -> Iterator[Connect]:
    """The same database as this run of Airflow has it."""
    opened: list[Database] = []

    def connect(run: RunRef | None) -> Store:
        opened.append(Database(database_url, run=run))
        return Store(opened[-1])

    yield connect
    for database in opened:
        database.close()


def send(store: Store, work: SendWork) -> None:
    submission = a_submission(work.draft.text("invoice_number") or "", main_sha256=work.content_sha256)
    attempt = store.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
    taken = dataclasses.replace(TAKEN, chorus_id=work.row_version.invoice_id)
    store.ledger.taken(attempt, taken, now=START)


def rows(store: Store, viewer: Viewer = OWNER, **wanted: object) -> list[RunRow]:
    asked = RunFilter(**{"dag_id": READ.dag_id, "run_id": READ.run_id, **wanted})  # type: ignore[arg-type]
    return list(every(lambda request: store.run_views.page(viewer, asked, request), sort="id"))


def test_each_move_and_attempt_tells_the_run_that_made_it(store: Store, as_run: Connect) -> None:
    work = ready_invoice(as_run(READ), "FA-1", b"1", START)
    send(as_run(SUBMIT), work)
    detail = store.document_views.detail(OWNER, work.document_id or 0)
    sent = store.invoice_views.detail(OWNER, str(work.row_version.invoice_id))
    assert detail is not None and sent is not None
    assert [move.run for move in detail.moves] == [READ] * 4 + [SUBMIT] * 2
    assert [attempt.run for attempt in detail.attempts] == [SUBMIT] == [attempt.run for attempt in sent.attempts]
    [shown] = json_rows.invoice_detail(sent, configuration(), "fr")["attempts"]  # type: ignore[misc]
    assert shown["run"] == dataclasses.asdict(SUBMIT)


def test_outside_airflow_nothing_is_told(store: Store, make_ready: Callable[..., SendWork]) -> None:
    detail = store.document_views.detail(OWNER, make_ready().document_id or 0)
    assert detail is not None and {move.run for move in detail.moves} == {None}
    assert rows(store) == []


def test_a_run_shows_what_it_touched_by_task_and_instance(store: Store, as_run: Connect) -> None:
    other = dataclasses.replace(READ, run_id="another")
    first = ready_invoice(as_run(READ), "FA-1", b"1", START)
    second = ready_invoice(as_run(other), "FA-2", b"2", START)
    send(as_run(SUBMIT), first)
    send(as_run(SUBMIT), second)
    one, two = rows(store)
    assert [one.name, two.name] == ["FA-1.pdf", "FA-2.pdf"]
    assert (one.state, one.chorus_id, two.invoice_number) == ("submitted", one.id, "FA-2")
    assert [len(one.moves), len(two.moves)] == [6, 2], "of the other run's moves none"
    assert [row.id for row in rows(store, task_id="read")] == [one.id]
    assert [row.id for row in rows(store, task_id="read", map_index=3)] == [one.id]
    assert rows(store, task_id="read", map_index=2) == rows(store, task_id="nothing") == rows(store, run_id="x") == []


def test_a_run_shows_nobody_more_than_the_lists_do(store: Store, as_run: Connect) -> None:
    ready_invoice(as_run(READ), "FA-1", b"1", START)
    assert len(rows(store, Viewer(provider_keys=frozenset({PROVIDER_KEY})))) == 1
    assert rows(store, Viewer(provider_keys=frozenset({PROVIDER_KEY}), labels=frozenset({"nord"}))) == []
    assert rows(store, Viewer(administers=True, without_provider=True)) == []


def test_pages_of_a_run_lead_both_ways(store: Store, as_run: Connect) -> None:
    for number in range(3):
        ready_invoice(as_run(READ), f"FA-{number}", str(number).encode(), START)
    wanted = RunFilter(dag_id=READ.dag_id, run_id=READ.run_id)
    first = store.run_views.page(OWNER, wanted, PageRequest(sort="-number", limit=2))
    last = store.run_views.page(OWNER, wanted, PageRequest(sort="-number", limit=2, after=first.after))
    assert [row.invoice_number for row in (*first.items, *last.items)] == ["FA-2", "FA-1", "FA-0"]
    assert store.run_views.page(OWNER, wanted, PageRequest(sort="-number", limit=2, before=last.before)) == first


def test_a_transaction_that_is_rolled_back_leaves_no_run_that_a_later_one_would_name(
    store: Store, as_run: Connect
) -> None:
    running = as_run(READ)

    def torn() -> None:
        with running.database.write() as connection:
            assert task_run_id(connection) is not None
            raise RuntimeError("torn")

    with pytest.raises(RuntimeError, match="torn"):
        torn()
    ready_invoice(running, "FA-1", b"1", START)
    assert len(rows(store)) == 1
    with store.database.read() as connection:
        assert len(connection.execute(task_runs.select()).all()) == 1, "one row for a try, however much it does"


def test_the_last_run_of_each_flow_says_how_it_ended(store: Store, as_run: Connect) -> None:
    later = START + dt.timedelta(minutes=10)
    store.watch.record_pass("retrieval", now=START)
    as_run(SUBMIT).watch.record_pass("submission", now=START)
    by_hand = FlowRun(flow="retrieval", ended_at=START, result=Result.GOOD)
    good = FlowRun(flow="submission", ended_at=START, result=Result.GOOD, dag_id=SUBMIT.dag_id, run_id=SUBMIT.run_id)
    assert store.run_views.last_runs() == [by_hand, good]
    tell_failed_run(store.watch, dag_id="d", run_id="r", began="1", flow="submission", now=later)
    tell_failed_run(store.watch, dag_id="d", run_id="narrowed", began="1", flow=None, now=later)
    failed = FlowRun(flow="submission", ended_at=later, result=Result.FAILED, dag_id="d", run_id="r")
    assert store.run_views.last_runs() == [by_hand, failed]
    last = store.watch.last_pass("submission")
    assert last is not None and last.last_at == START, "a failed run is no good pass"
