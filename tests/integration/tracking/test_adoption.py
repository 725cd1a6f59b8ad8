"""What the platform holds of ours though our database lost the sending: one row, ours again, on both databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import (
    attempts,
    events,
    invoices,
    moves,
    remote_invoices,
    reserved_keys,
    tracked_statuses,
)
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.ledger import SendWork
from include.application.ports.tracking import Unclaimed
from include.domain.correction import CorrectionKind
from include.domain.errors import AlreadySentError, StaleError
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.rights import OWNER
from include.domain.submission import Taken
from include.domain.tracking import Account
from include.domain.transitions.adoption import Fate
from tests.factories import LOST, PROVIDER_KEY, SUPPLIER, a_submission, complete_draft
from tests.integration.tracking.bench import TrackingBench
from tests.integration.tracking.returned import Returned

ACCOUNT = Account(provider_key=PROVIDER_KEY, environment="simulator", siret=SUPPLIER)
MakeReady = Callable[..., SendWork]


def meet(bench: TrackingBench, work: SendWork) -> State | None:
    """As a sender does right before its claim."""
    return bench.store.ledger.meet(work, environment="simulator", supplier_siret=SUPPLIER, now=bench.clock.now())


def claim(bench: TrackingBench, work: SendWork, number: str = "F-1") -> Any:
    return bench.store.ledger.claim(
        work, a_submission(number), "b", owner="w", lease_seconds=9, revision=1, now=bench.clock.now()
    )


def one_row(bench: TrackingBench, number: str = "F-1") -> tuple[int, State, str | None]:
    """Document, state and status of the only invoice of this number; nothing else of it is left anywhere."""
    columns = invoices.c.id, invoices.c.document_id, invoices.c.state, invoices.c.status
    [(invoice_id, document_id, state, status)] = bench.rows(*columns, of=number)
    with bench.store.database.read() as connection:
        assert connection.scalar(
            sa.select(sa.func.count()).select_from(remote_invoices).where(remote_invoices.c.number == number)
        ) in (0, 1)
        lists = connection.scalars(sa.select(listed.c.invoice_id).where(listed.c.number == number.lower())).all()
    assert lists == [invoice_id]
    assert document_id is not None
    return document_id, State(state), status


def keys(bench: TrackingBench) -> set[tuple[str, str]]:
    with bench.store.database.read() as connection:
        return {tuple(row) for row in connection.execute(sa.select(reserved_keys.c.kind, reserved_keys.c.value))}


class TestRetrieval:
    def test_a_ready_one_that_stands_there_with_its_values_is_ours(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        make_ready("F-1")
        bench.put("F-1", "MISE_A_DISPOSITION")
        report = bench.retrieve()
        assert (report.stored.adopted, report.stored.foreign, report.stored.waiting) == (1, 0, 0)
        assert one_row(bench)[1:] == (State.SUBMITTED, "MISE_A_DISPOSITION")
        assert bench.history("F-1"), "with what the platform tells of it"
        assert bench.retrieve().stored.adopted == 0, "safe to repeat"

    def test_what_was_met_as_foreign_becomes_one_row_with_ours(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        bench.put("F-1", "MISE_A_DISPOSITION")
        assert bench.retrieve().stored.foreign == 1
        before = bench.history("F-1")
        make_ready("F-1")
        report = bench.retrieve(since=bench.clock.now().replace(year=2020))
        assert report.stored.adopted == 1
        assert one_row(bench)[1:] == (State.SUBMITTED, "MISE_A_DISPOSITION")
        assert bench.history("F-1") == before
        [row] = bench.store.invoice_views.rows(OWNER, InvoiceFilter())
        assert (row.origin, row.deposited_at is not None) == ("connector", True), "in the list of invoices"

    def test_a_returned_one_goes_straight_to_the_people(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        make_ready("F-1")
        bench.put("F-1", "SUSPENDUE")
        bench.retrieve()
        assert one_row(bench)[1:] == (State.TO_PROCESS, "SUSPENDUE")
        assert [facts["status"] for facts in bench.events()] == ["SUSPENDUE"]

    def test_other_values_wait_for_a_person_beside_the_foreign_one(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        make_ready("F-1")
        bench.put("F-1", total_incl_tax=Decimal("99.00"))
        report = bench.retrieve()
        assert (report.stored.waiting, report.stored.adopted, report.stored.foreign) == (1, 0, 1)
        assert sorted(state for _, state in bench.rows(invoices.c.id, invoices.c.state)) == ["submitted", "to_complete"]
        assert bench.retrieve().stored.waiting == 0, "safe to repeat"

    def test_a_credit_note_is_adopted_whatever_sign_the_platform_shows(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        work = make_ready("F-1")
        with bench.store.database.write() as connection:
            draft = connection.scalar(sa.select(invoices.c.draft))
            draft["fields"]["type"]["value"] = "credit_note"
            connection.execute(
                invoices.update().where(invoices.c.id == work.row_version.invoice_id).values(draft=draft)
            )
        held = bench.platform.take(a_submission("F-1", credit_note=True))
        held.sent = dataclasses.replace(held.sent, total_incl_tax=-held.sent.total_incl_tax)
        assert bench.retrieve().stored.adopted == 1

    def test_it_holds_number_and_content_for_itself_from_then_on(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        work = make_ready("F-1")
        bench.put("F-1")
        bench.retrieve()
        assert keys(bench) == {("number", f"{SUPPLIER}:F-1"), ("content", work.content_sha256)}
        copy = make_ready("F-1", b"another scan of it", path="Factures/copy.pdf")
        assert meet(bench, copy) is None
        with pytest.raises(AlreadySentError):
            claim(bench, copy)

    def test_of_two_documents_one_is_taken_for_it(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        first = make_ready("F-1")
        make_ready("F-1", b"another scan of it", path="Factures/copy.pdf")
        bench.put("F-1")
        assert bench.retrieve().stored.adopted == 1
        states = dict(bench.rows(invoices.c.id, invoices.c.state))
        assert states.pop(first.row_version.invoice_id) == "submitted" and list(states.values()) == ["ready"]

    def test_another_suppliers_invoice_of_that_number_is_not_ours(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        make_ready("F-1")
        bench.put("F-1", siret="11111111100010")
        bench.store.tracking.store_rows(
            dataclasses.replace(ACCOUNT, siret="11111111100010", provider_key="simulator:other"),
            [bench.chorus.gateway(bench.provider.model_copy(update={"siret": "11111111100010"})).search("F-1")[0]],
            old_before=None,
            now=bench.clock.now(),
        )
        assert dict(bench.rows(invoices.c.document_id, invoices.c.state)) == {1: "ready", None: "submitted"}


class TestBeforeTheClaim:
    """The retrieval came first: what is ready now looks there before it goes."""

    def test_equal_values_are_adopted_and_nothing_is_sent(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        bench.put("F-1", "SUSPENDUE")
        bench.retrieve()
        told = len(bench.events())
        assert meet(bench, make_ready("F-1")) is State.SUBMITTED
        assert one_row(bench)[1:] == (State.TO_PROCESS, "SUSPENDUE")
        assert len(bench.events()) == told, "whoever had to hear of it was told then"
        assert bench.platform.numbers() == ["F-1"]

    def test_the_environment_is_that_of_the_address_now(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        """An address that became production since the assessment counts as production."""
        bench.put("F-1")
        bench.retrieve()
        work = make_ready("F-1")
        with bench.store.database.write() as connection:
            mine = invoices.c.id == work.row_version.invoice_id
            connection.execute(invoices.update().where(mine).values(environment="qualification"))
        assert meet(bench, work) is State.SUBMITTED
        assert bench.rows(invoices.c.environment, of="F-1") == [("simulator",)]

    def test_other_values_wait_for_a_person(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        bench.put("F-1", total_incl_tax=Decimal("99.00"))
        bench.retrieve()
        assert meet(bench, make_ready("F-1")) is State.TO_COMPLETE
        assert len(bench.events(EventKind.AWAITING_SUBMISSION)) == 1

    def test_a_claim_that_did_not_look_is_refused_by_the_store(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        work = make_ready("F-1")
        assert meet(bench, work) is None
        bench.put("F-1", total_incl_tax=Decimal("99.00"))
        bench.store.tracking.store_rows(
            ACCOUNT, bench.chorus.gateway(bench.provider).search("F-1"), old_before=None, now=bench.clock.now()
        )
        with pytest.raises(StaleError):
            claim(bench, work)
        with bench.store.database.write() as connection:  # as if the retrieval had not stopped it: the WHERE holds
            back = {"state": work.row_version.state, "version": work.row_version.version}
            connection.execute(invoices.update().where(invoices.c.document_id.is_not(None)).values(**back))
            list_again(connection, [work.row_version.invoice_id])
        with pytest.raises(StaleError):
            claim(bench, work)

    def test_a_draft_typed_on_the_portal_keeps_nothing_back(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        bench.put("F-1", "BROUILLON")
        bench.retrieve()
        work = make_ready("F-1")
        assert meet(bench, work) is None
        assert claim(bench, work).submission.number == "F-1"

    def test_whoever_was_first_wins(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        bench.put("F-1")
        bench.retrieve()
        work = make_ready("F-1")
        assert meet(bench, work) is State.SUBMITTED
        assert meet(bench, work) is None, "nothing foreign is left"
        with pytest.raises(StaleError):
            claim(bench, work)


class TestOneRow:
    def test_corrections_moves_and_events_of_the_twin_stay(
        self, bench: TrackingBench, make_ready: MakeReady, recycled: Returned
    ) -> None:
        """A person corrected it while it counted as foreign."""
        with bench.store.database.write() as connection:  # its document is lost with the database
            mine = invoices.c.id == recycled.invoice_id
            connection.execute(reserved_keys.delete())
            connection.execute(attempts.delete())
            connection.execute(invoices.update().where(mine).values(document_id=None, content_sha256=None, draft=None))
            foreign_id = recycled.invoice_id
        assert recycled.correct().outcome == State.SUBMITTED
        with bench.store.database.read() as connection:
            log = connection.scalar(
                sa.select(sa.func.count()).select_from(moves).where(moves.c.invoice_id == foreign_id)
            )
        work = make_ready("F-1", b"again", path="Factures/again.pdf")
        row = bench.chorus.gateway(bench.provider).search("F-1")[0]
        assert bench.store.tracking.adopt(
            ACCOUNT, work.row_version.invoice_id, row, actor="anna", now=bench.clock.now()
        )
        one_row(bench)
        assert [kind for kind, _ in recycled.attempts()] == [CorrectionKind.RECYCLE]
        ours = work.row_version.invoice_id
        with bench.store.database.read() as connection:
            kept = connection.execute(sa.select(moves.c.actor).where(moves.c.invoice_id == ours)).scalars().all()
            left = [
                connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.invoice_id == foreign_id))
                for table in (moves, events, attempts, remote_invoices, tracked_statuses)
            ]
        assert len(kept) > log and "anna" in kept and left == [0] * 5
        assert recycled.column(invoices.c.rerouted), "and that it went to another body"

    def test_one_that_is_being_corrected_is_left_to_whoever_corrects_it(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        bench.put("F-1", "SUSPENDUE")
        bench.retrieve()
        with bench.store.database.write() as connection:
            connection.execute(invoices.update().values(state=State.CORRECTING))
            list_again(connection, connection.scalars(sa.select(invoices.c.id)).all())
        work = make_ready("F-1")
        with pytest.raises(StaleError):
            meet(bench, work)
        assert bench.retrieve(since=bench.clock.now().replace(year=2020)).stored.adopted == 0
        with pytest.raises(StaleError):
            claim(bench, work)

    def test_a_late_success_takes_the_row_that_a_retrieval_made_of_it(self, bench: TrackingBench) -> None:
        _, attempt = bench.claimed("F-1")
        held = bench.platform.take(attempt.submission)
        with bench.store.database.write() as connection:  # the retrieval did not see the sender
            connection.execute(reserved_keys.delete())
        bench.retrieve()
        answer = Taken(chorus_id=held.chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
        assert bench.store.ledger.taken(attempt, answer, now=bench.clock.now())
        assert one_row(bench)[1] is State.SUBMITTED


class TestASetBackDatabase:
    def test_answers_to_attempts_that_are_gone_move_nothing(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        """The numbers of rows are given again: such an answer would be believed of another invoice."""
        _, attempt = bench.claimed("F-1")
        theirs = dataclasses.replace(attempt, owner="a worker of before")
        ledger, now = bench.store.ledger, bench.clock.now()
        answer = Taken(chorus_id=1, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
        for gone in (theirs, dataclasses.replace(attempt, invoice_id=99)):
            assert not ledger.taken(gone, answer, now=now)
            assert not ledger.not_sent(gone, LOST, now=now)
            assert not ledger.unresolved(gone, LOST, search_after_seconds=1, now=now)
            assert not ledger.refusal(gone, 1, "no", "{}", now=now)
            assert ledger.apply_refusal(gone, [], search_after_seconds=1, now=now) is None
        assert bench.standing() == {"F-1": ("submitting", None)}
        with bench.store.database.read() as connection:
            assert connection.scalars(sa.select(attempts.c.state)).all() == ["open"]


class TestRefusedAsUsed:
    """The sending that shows it: the platform refuses the number, and has it with our values."""

    def test_it_is_ours_and_keeps_its_keys_whatever_comes_late(self, bench: TrackingBench) -> None:
        bench.put("F-1")
        _, attempt = bench.claimed("F-1")
        ledger, now = bench.store.ledger, bench.clock.now()
        assert ledger.refusal(attempt, 29901, "numero deja utilise", "{}", now=now)
        assert keys(bench) == set(), "a refused one holds nothing"
        found = bench.chorus.gateway(bench.provider).search("F-1")
        assert ledger.apply_refusal(attempt, found, search_after_seconds=1, now=now) is State.SUBMITTED
        held = keys(bench)
        assert ("number", f"{SUPPLIER}:F-1") in held and len(held) == 2
        ledger.not_sent(attempt, LOST, now=now)
        assert keys(bench) == held
        assert bench.standing() == {"F-1": ("submitted", "DEPOSEE")}


class TestTheCheck:
    def test_it_says_what_a_retrieval_would_do_and_changes_nothing(
        self, bench: TrackingBench, make_ready: MakeReady
    ) -> None:
        ids = {number: make_ready(number).row_version.invoice_id for number in ("F-1", "F-2")}
        bench.submitted("F-3")
        bench.put("F-1")
        bench.put("F-2", total_incl_tax=Decimal("99.00"))
        bench.put("F-4")
        rows = [
            row for page in bench.chorus.gateway(bench.provider).search_since(None, page_size=9) for row in page.rows
        ]
        before = bench.everything()
        found = {one.row.number: one for one in bench.store.tracking.unclaimed(ACCOUNT, rows)}
        assert bench.everything() == before
        assert {number: (one.fate, one.invoice_id) for number, one in found.items()} == {
            "F-1": (Fate.ADOPT, ids["F-1"]),
            "F-2": (Fate.WAITS, ids["F-2"]),
            "F-4": (Fate.FOREIGN, None),
        }
        bench.retrieve()
        left: list[Unclaimed] = bench.store.tracking.unclaimed(ACCOUNT, rows)
        assert [(one.row.number, one.fate) for one in left] == [("F-2", Fate.WAITS)]

    def test_a_person_settles_what_waits(self, bench: TrackingBench, make_ready: MakeReady) -> None:
        work = make_ready("F-1")
        bench.put("F-1", total_incl_tax=Decimal("99.00"))
        bench.retrieve()
        [row] = bench.chorus.gateway(bench.provider).search("F-1")
        now = bench.clock.now()
        assert bench.store.tracking.adopt(ACCOUNT, work.row_version.invoice_id, row, actor="anna", now=now)
        assert one_row(bench)[1] is State.SUBMITTED
        assert bench.store.tracking.unclaimed(ACCOUNT, [row]) == []
        assert not bench.store.tracking.adopt(ACCOUNT, work.row_version.invoice_id, row, actor="anna", now=now)


def test_drafts_and_submissions_of_the_tests_agree() -> None:
    """Else nothing here could be adopted."""
    assert complete_draft("F-1").date("issue_date") == a_submission("F-1").issue_date
