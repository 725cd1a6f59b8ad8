"""Which commits wait for the disk: what was sent and what came back, never what the next pass makes again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from include.adapters.storage.store import Store
from include.application.ports.ledger import SendWork
from include.domain.reasons import Reason
from include.domain.submission import Taken
from tests.factories import LOST, NEVER_LEFT, PROVIDER_KEY, a_submission
from tests.fakes.clock import START

MakeReady = Callable[..., SendWork]


@pytest.fixture
def flushed(store: Store) -> Iterator[list[bool]]:
    """For each commit of a writing transaction: whether it waits until the disk has it."""
    found: list[bool] = []

    def note(connection: Connection) -> None:
        if not connection.get_execution_options().get("chorus_write", True):
            return
        if connection.dialect.name == "sqlite":
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2)
        else:
            found.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar() != "off")

    sa.event.listen(Engine, "commit", note)
    yield found
    sa.event.remove(Engine, "commit", note)


def test_stages_whose_results_can_be_made_again_do_not_wait_for_the_disk(
    make_ready: MakeReady, flushed: list[bool]
) -> None:
    make_ready()
    assert flushed == [True, False, False, False], "the look at the portal, then criteria, reading and assessment"


def test_claim_and_every_answer_are_on_the_disk_before_anything_follows(
    store: Store, make_ready: MakeReady, flushed: list[bool]
) -> None:
    ledger = store.ledger
    taken = Taken(chorus_id=7, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
    answers: list[Callable[..., object]] = [
        lambda attempt: ledger.taken(attempt, taken, now=START),
        lambda attempt: ledger.refusal(attempt, 1, "no", "{}", now=START),
        lambda attempt: ledger.unresolved(attempt, LOST, search_after_seconds=9, now=START),
        lambda attempt: ledger.not_sent(attempt, NEVER_LEFT, now=START),
    ]
    for place, answer in enumerate(answers):
        work = make_ready(f"F-{place}")
        submission = a_submission(f"F-{place}", main_sha256=work.content_sha256)
        flushed.clear()
        attempt = ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
        answer(attempt)
        assert flushed == [True, True]


def test_a_durable_transaction_after_one_that_is_not_waits_again(store: Store, flushed: list[bool]) -> None:
    ledger = store.ledger
    ledger.save_upload(PROVIDER_KEY, "0" * 64, 5, now=START)
    ledger.forget_uploads(PROVIDER_KEY, ["0" * 64])
    ledger.save_upload(PROVIDER_KEY, "0" * 64, 6, now=START)
    assert flushed == [False, True, False]
    assert ledger.upload_id(PROVIDER_KEY, "0" * 64) == 6


def test_a_document_that_cannot_be_read_is_told_all_the_same(store: Store, make_ready: MakeReady) -> None:
    work = make_ready()
    store.assessments.reread(work.row_version.invoice_id, actor="person", reason="again", now=START)
    [again] = store.documents.to_read(limit=9)
    assert store.documents.record_reading(again, Reason(code="broken"), now=START)
    assert [event.facts["state"] for event in store.outbox.undistributed(after=0, limit=9)] == ["unreadable"]
