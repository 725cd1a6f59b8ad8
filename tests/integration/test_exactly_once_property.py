"""The rules of exactly-once under every interleaving that hypothesis thinks of, on the real store.

Two workers run the real sending code and stop before every call; the platform takes requests late, loses them, and
shows invoices late; leases run out; a person edits, holds, releases, retries; the configuration changes; answers come
late. Three worlds: *timely*, where a POST under way is taken or lost, and an invoice taken is shown by searches, before
the delay of searching has passed; *slow*, where that lasts longer, but not until a sender begins to send it again; and
*unique*, where anything may come at any time, and the platform refuses a number that it has. In every state:

1. the platform never holds an invoice twice;
2. what we call submitted, the platform holds, under that number;
3. keys are held exactly while an attempt may have reached the platform;
4. at the end nothing is stuck, and what the platform holds is `submitted` here.
"""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from include.adapters.storage.core.codec import load
from include.adapters.storage.core.tables import attempts, invoices
from include.adapters.storage.store import Store
from include.adapters.storage.submission.attempts import attempts_of
from include.application.mapping.edit_document import DocumentEditing, discard, hold, release, set_fields
from include.application.ports.ledger import AttemptRecord
from include.application.submission.send_one import InvoiceSender
from include.application.submission.sending import Sending
from include.domain.errors import ConnectorError, NeverLeftError, RemoteRefusedError
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.rights import OWNER
from include.domain.submission import AttemptState, Taken, number_key
from tests.factories import BODY, PROVIDER_KEY
from tests.fakes.chorus import FakeChorus, HeldInvoice, decode
from tests.fakes.clock import FakeClock
from tests.prepared_store import WatchedDatabase, contents, folder, three_documents
from tests.sending_bench import SendingBench
from tests.stepped_workers import LatePlatform, SteppedGateway, SteppedLedger, SteppedWorker

LEASE_SECONDS = 900
DELAY_SECONDS = 1800
WHICH = st.integers(0, 9)
"""Picks one of what there is."""

STEPS = st.sampled_from([4, 5, 9, 1, 2, 3])
"""How far a worker goes before it stands still: four bring a first sending behind its claim, five into its POST."""

MOST_INVOICES = 6

SENT = ("invoice_number", "engagement_number")
"""What a person changes here."""


Rows = list[Any]


class TimelyWorld(RuleBasedStateMachine):
    """The first world, and what the others share."""

    unique_numbers = False
    a_number_may_change = True
    """Where a request may arrive after any delay, no search can make a change of number safe."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = folder()
        shutil.copytree(three_documents(), self.folder, dirs_exist_ok=True)
        self.clock = FakeClock()
        self.platform = LatePlatform(self.clock, unique_numbers=self.unique_numbers)
        self.platform.add_body(BODY)
        self.chorus = FakeChorus(self.platform)
        self.database = WatchedDatabase(f"sqlite:///{self.folder / 'chorus.db'}")
        self.bench = SendingBench(Store(self.database), contents(self.folder), self.chorus, self.clock)
        self.workers = [SteppedWorker(), SteppedWorker()]
        self.passes = 0
        self.seen: tuple[int, Rows] = (-1, [])
        self.proved: tuple[int, int] | None = None

    # -- helpers ---------------------------------------------------------------------------------------------------

    def rows(self, *states: State) -> Rows:
        """Invoices in these states."""
        if self.seen[0] != self.database.writes:
            with self.database.read() as connection:
                found = list(connection.execute(sa.select(invoices).order_by(invoices.c.id)))
            self.seen = self.database.writes, found
        return [row for row in self.seen[1] if not states or row.state in states]

    def pick(self, which: int, *states: State) -> Any:
        """One of them, or None."""
        rows = self.rows(*states)
        return rows[which % len(rows)] if rows else None

    def sender(self, worker: SteppedWorker) -> InvoiceSender:
        """The sender of a stepped worker, under the configuration as it stands now."""
        revision, current = self.bench.store.configuration.current()
        provider = current.providers[0]
        self.passes += 1
        sending = Sending(
            ledger=SteppedLedger(self.bench.store.ledger, worker).as_port(),
            providers=self.bench.store.providers,
            files=self.bench.files,
            chorus=self.chorus,
            internal_errors=self.bench.store.internal_errors,
            clock=self.clock,
            configuration=current,
            revision=revision,
            owner=f"pass {self.passes}",
        )
        return InvoiceSender(
            sending=sending,
            provider=provider,
            environment=self.chorus.effective_environment(provider),
            gateway=SteppedGateway(self.platform, provider, worker),
            supplier=self.platform.account(provider.siret),
            types=["DIVERS"],
        )

    def person(self) -> DocumentEditing:
        """The form."""
        revision, current = self.bench.store.configuration.current()
        return DocumentEditing(
            assessments=self.bench.store.assessments,
            documents=self.bench.store.document_views,
            files=self.bench.files,
            viewer=OWNER,
            chorus=self.chorus,
            configuration=current,
            revision=revision,
            clock=self.clock,
            actor="person",
        )

    def let_pass(self, seconds: float) -> None:
        """Time passes; nothing is under way and nothing hidden any more when a delay of searching is over."""
        self.clock.advance(seconds)
        if any(row.search_after is None or row.search_after <= self.clock.now() for row in self.rows(State.UNKNOWN)):
            self.delay_is_over()

    def delay_is_over(self) -> None:
        """What a world promises for then."""
        self.catch_up()

    def resend_begins(self) -> None:
        """What a world promises for the moment before an invoice that was unknown is sent again."""

    def catch_up(self) -> None:
        """Nothing is under way and nothing hidden."""
        for request in list(self.platform.flying):
            request.arrive(self.platform)
        self.platform.show_all()

    def whole_pass(self, rows: Rows) -> None:
        """Another machine does everything that is to be done about these invoices, at once."""
        self.assess()
        if any(row.ever_unknown for row in self.rows(State.READY)):
            self.resend_begins()
        pipeline = self.bench.pipeline()
        pipeline.plan()
        pipeline.submit(PROVIDER_KEY, invoice_ids=[row.id for row in rows])

    # -- workers ---------------------------------------------------------------------------------------------------

    def idle(self) -> list[SteppedWorker]:
        """Workers that have nothing to do."""
        return [worker for worker in self.workers if worker.at is None]

    def waiting(self) -> list[SteppedWorker]:
        """Workers that have posted and have no answer yet."""
        return [worker for worker in self.workers if worker.request is not None]

    @precondition(lambda self: self.idle() and self.rows(State.READY))
    @rule(which=WHICH, steps=STEPS, passes=st.sampled_from([0, 0, 0, 3]))
    def a_worker_begins_to_send(self, which: int, steps: int, passes: int) -> None:
        """And may stand still somewhere while others find out, and do, what is to be done."""
        revision, _ = self.bench.store.configuration.current()
        works = self.bench.store.ledger.ready(PROVIDER_KEY, revision, limit=9)
        if not works:
            self.assess()
        else:
            worker, work = self.idle()[0], works[which % len(works)]
            if work.ever_unknown:
                self.resend_begins()
            sender = self.sender(worker)
            worker.start(lambda: sender.send(work))
            self.go_on(worker, steps)
            if passes:
                self.others_work(passes)

    @precondition(lambda self: self.idle() and self.rows(State.UNKNOWN))
    @rule(which=WHICH, steps=STEPS)
    def a_worker_begins_to_search(self, which: int, steps: int) -> None:
        worker, ids = self.idle()[0], [row.id for row in self.rows(State.UNKNOWN)]
        works = self.bench.store.ledger.unknown(PROVIDER_KEY, now=self.clock.now(), limit=9, invoice_ids=ids)
        sender, work = self.sender(worker), works[which % len(works)]
        worker.start(lambda: sender.search(work))
        self.go_on(worker, steps)

    @precondition(lambda self: any(worker.at for worker in self.workers))
    @rule(which=WHICH, steps=STEPS, killed=st.sampled_from([False, False, False, True]))
    def a_worker_goes_on(self, which: int, steps: int, killed: bool) -> None:
        alive = [worker for worker in self.workers if worker.at is not None]
        worker = alive[which % len(alive)]
        if killed:
            worker.kill()
        else:
            self.go_on(worker, steps)

    def go_on(self, worker: SteppedWorker, steps: int) -> None:
        """So many steps, or as far as it comes without an answer."""
        for _ in range(steps):
            if worker.at not in (None, "posted"):
                worker.go_on()

    # -- the network and the platform ------------------------------------------------------------------------------

    @precondition(lambda self: self.platform.flying)
    @rule(which=WHICH, shown=st.booleans())
    def a_request_arrives(self, which: int, shown: bool) -> None:
        self.platform.flying[which % len(self.platform.flying)].arrive(self.platform)
        if shown:
            self.platform.show_all()

    @precondition(lambda self: self.waiting())
    @rule(which=WHICH, how=st.sampled_from(["answered", "cut", "lost", "never left", "refused"]))
    def a_post_ends(self, which: int, how: str) -> None:
        worker = self.waiting()[which % len(self.waiting())]
        request = worker.request
        assert request is not None
        if request in self.platform.flying:
            if how == "answered":
                request.arrive(self.platform)
            elif how != "cut":  # a cut one is still under way
                answers = {"never left": NeverLeftError("no way"), "refused": RemoteRefusedError(29900, "no")}
                request.is_lost(self.platform, answers.get(how))
        elif how != "answered":
            request.answer = None  # taken, and nobody is told
        worker.go_on()

    # -- time, configuration, people: many small things, each a rule would crowd out the sending ---------------------

    @rule(what=st.sampled_from(["index", "lease", "delay", "three passes", "two passes"]))
    def time_passes(self, what: str) -> None:
        if what == "index":
            self.platform.show_all()
        elif what == "lease":
            self.let_the_leases_run_out()
            self.bench.pipeline().plan()
        elif what == "delay":
            self.let_pass(DELAY_SECONDS + 1)
        else:
            self.others_work(3 if what == "three passes" else 2)

    def let_the_leases_run_out(self) -> None:
        """Also by the database's clock."""
        self.let_pass(LEASE_SECONDS + 1)
        self.bench.let_the_leases_run_out()

    def others_work(self, passes: int) -> None:
        """Whoever works stands still; another machine finds out, and does, what is to be done about what was begun."""
        self.let_the_leases_run_out()
        with self.database.read() as connection:
            tried = set(connection.scalars(sa.select(attempts.c.invoice_id)))
        begun = [row for row in self.rows() if row.id in tried]
        for _ in range(passes):
            self.whole_pass(begun)
            self.let_pass(DELAY_SECONDS + 1)
        self.assess()

    @rule(
        what=st.sampled_from(["types", "shelves", "retries", "is listed", "arrives", "changes", "is assessed"]),
        which=WHICH,
        value=st.integers(0, 2),
    )
    def life_goes_on(self, what: str, which: int, value: int) -> None:
        row = self.pick(which)
        if what == "types":
            self.a_person_types(row, *[("invoice_number", "F-1"), ("invoice_number", "F-2"), (SENT[1], "EJ")][value])
        elif what == "shelves":
            with contextlib.suppress(ConnectorError):
                (hold, discard, release)[value](self.person(), row.document_id, reason="told so")
        elif what == "retries":
            self.a_person_retries(row)
        elif what == "is listed":
            for held in self.platform.invoices:
                if held.chorus_id in self.platform.indexed:
                    self.retrieve(held)
        elif what == "arrives" and len(self.rows()) < MOST_INVOICES:
            self.bench.add(f"G-{len(self.rows())}")
        elif what == "changes":
            self.bench.configure(submission={"parallel": 1})
        else:
            self.assess()

    def a_person_types(self, row: Any, field: str, value: str) -> None:
        """On the form, which searches before it changes what is frozen."""
        if field != "invoice_number" or self.a_number_may_change or not self.bench.attempts(row.id):
            with contextlib.suppress(ConnectorError):
                set_fields(self.person(), row.document_id, {field: value})

    def a_person_retries(self, row: Any) -> None:
        """Runs a whole pass for this invoice, between the steps of the workers."""
        if row.ever_unknown and row.state != State.UNKNOWN:
            self.resend_begins()
        before = len(self.platform.invoices)
        with contextlib.suppress(ConnectorError):
            self.bench.send_again().invoices([str(row.id)])
        assert row.state != State.UNKNOWN or len(self.platform.invoices) == before, "an unknown one was sent first"

    def retrieve(self, held: HeldInvoice) -> None:
        """The last net: what the platform lists and one of our attempts sent, moves its `unknown` or `refused`."""
        for row in self.rows(State.UNKNOWN, State.REFUSED):
            for attempt in self.records(row.id):
                if attempt.state is AttemptState.UNRESOLVED and attempt.submission == held.sent:
                    taken = Taken(
                        chorus_id=held.chorus_id, status=held.status, deposited_on=None, fingerprint=None, raw="listed"
                    )
                    self.bench.store.ledger.taken(attempt, taken, now=self.clock.now())
                    return

    def records(self, invoice_id: int) -> list[AttemptRecord]:
        """Attempts as the ledger hands them out."""
        with self.database.read() as connection:
            return list(attempts_of(connection, [invoice_id]).get(invoice_id, ()))

    def assess(self) -> None:
        """The criteria, which take every document, and the mapping."""
        documents, (revision, _) = self.bench.store.documents, self.bench.store.configuration.current()
        for work in documents.to_match(revision, limit=9):
            documents.record_match(
                work,
                matched=True,
                stored_sha256=work.stored_sha256,
                criteria=["customer invoices"],
                provider_scope=[],
                reasons=[],
                revision=revision,
                now=self.clock.now(),
            )
        self.bench.pipeline().map()

    # -- what always holds -----------------------------------------------------------------------------------------

    @invariant()
    def the_rules_hold(self) -> None:
        """Asked again when something was written here or taken there."""
        now = self.database.writes, len(self.platform.invoices)
        if now != self.proved:
            self.the_platform_holds_nothing_twice()
            self.our_rows_tell_the_truth()
            self.keys_follow_the_attempts()
            self.proved = now

    def the_platform_holds_nothing_twice(self) -> None:
        numbers = Counter(number_key(held.sent.number) for held in self.platform.invoices)
        contents = Counter(held.sent.main_sha256 for held in self.platform.invoices)
        assert not [value for value, count in (numbers | contents).items() if count > 1], "sent twice"

    def our_rows_tell_the_truth(self) -> None:
        """What is submitted is held, as one of its attempts sent it; what is claimed is sent as assessed last."""
        held = {one.chorus_id: one.sent for one in self.platform.invoices}
        with self.database.read() as connection:
            tries = connection.execute(sa.select(attempts).order_by(attempts.c.id)).all()
        for row in self.rows():
            mine = [attempt for attempt in tries if attempt.invoice_id == row.id]
            if row.state == State.SUBMITTED:
                assert row.chorus_id in held, "submitted, but the platform lacks it"
                sent = held[row.chorus_id]
                assert sent in [decode(attempt.body) for attempt in mine], "submitted, as somebody else's invoice"
            opened = [attempt for attempt in mine if attempt.state == AttemptState.OPEN]
            assert opened in ([], mine[-1:]) and (not opened or row.state == State.SUBMITTING)
            if row.state == State.SUBMITTING:
                sent, draft = decode(mine[-1].body), load(Draft, row.draft)
                assert (sent.number, sent.engagement_number) == tuple(map(draft.text, SENT)), "sent as it was before"

    def keys_follow_the_attempts(self) -> None:
        """See SendingBench."""
        assert self.bench.keys_follow_the_attempts()

    # -- the end ---------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """The storm is over: nothing under way, nothing hidden, nobody frozen; then nothing may be stuck."""
        try:
            self.calm()
            self.nothing_is_stuck()
        finally:
            for worker in self.workers:
                worker.kill()
            self.database.close()
            shutil.rmtree(self.folder)

    def calm(self) -> None:
        """Whoever waits for an answer gets it; leases run out, delays pass, and a person brings back what waits."""
        self.catch_up()
        for worker in self.workers:
            while worker.at is not None:
                self.catch_up()
                worker.go_on()
        self.bench.let_the_leases_run_out()
        for _ in range(4):
            for held in self.platform.invoices:
                self.retrieve(held)
            for row in self.rows(State.HELD, State.DISCARDED):
                release(self.person(), row.document_id, reason="calm")
            for row in self.rows(State.REFUSED):
                self.bench.send_again().invoices([str(row.id)])
            self.whole_pass(self.rows())
            self.platform.show_all()
            self.clock.advance(DELAY_SECONDS + 1)
        self.the_platform_holds_nothing_twice()
        self.our_rows_tell_the_truth()
        self.keys_follow_the_attempts()

    def nothing_is_stuck(self) -> None:
        """Every invoice of the platform is known as one of ours; what is not sent says why."""
        known = {row.chorus_id for row in self.rows(State.SUBMITTED)}
        assert {held.chorus_id for held in self.platform.invoices} <= known, "held by the platform, not submitted here"
        for row in self.rows():
            explained = row.state in (State.TO_COMPLETE, State.REFUSED) and row.reasons
            assert row.state == State.SUBMITTED or explained, f"stuck in {row.state}: {self.bench.log(row.id)}"


class SlowWorld(TimelyWorld):
    """Longer than the delay, but not until a sender begins to send it again: the search before a resend finds it."""

    def delay_is_over(self) -> None:
        """Nothing is promised."""

    def resend_begins(self) -> None:
        """Now everything is there."""
        self.catch_up()


class UniqueWorld(TimelyWorld):
    """The platform refuses a used number, and requests and index may be as late as they like."""

    unique_numbers = True
    a_number_may_change = False

    def delay_is_over(self) -> None:
        """Nothing is promised."""


@pytest.fixture(scope="module", autouse=True)
def template() -> Iterator[None]:
    yield
    shutil.rmtree(three_documents(), ignore_errors=True)
    three_documents.cache_clear()


PARTS, EXAMPLES = 8, 6
"""Stories of each world: in parts, each with a seed of its own, so that none takes long and workers share them."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("world", [TimelyWorld, SlowWorld, UniqueWorld])
def test_exactly_once_under_every_interleaving(world: type[TimelyWorld], part: int) -> None:
    run_machine(  # type: ignore[no-untyped-call]
        seed(part)(type(world.__name__, (world,), {})),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            phases=[Phase.generate, Phase.shrink],
        ),
    )
