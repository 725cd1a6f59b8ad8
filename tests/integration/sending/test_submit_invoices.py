"""One pass of sending: what each answer means for the row, what stops a provider, what is only searched."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import events
from include.application.progress import Reached, Step
from include.domain.errors import RemoteUnavailableError, StoreError
from include.domain.lifecycle import State
from include.texts import Text
from tests.factories import PROVIDER_KEY, SUPPLIER, a_submission
from tests.fakes.chorus import FakeGateway, Fault, ProcessKilled
from tests.integration.sending.sending_world import DELAY_SECONDS, World

OTHER_SUPPLIER = "33254021516365"
OTHER_KEY = f"simulator:{OTHER_SUPPLIER}"
UNTIL_HEALED = -1


def two_providers(world: World, **submission: Any) -> None:
    common = {"environment": "simulator", "automatic_submission": True}
    world.configure(
        submission={"parallel": 1, **submission},
        providers=[
            {"name": "Durand", "siret": SUPPLIER, "connection": "chorus_durand", **common},
            {"name": "Martin", "siret": OTHER_SUPPLIER, "connection": "chorus_martin", **common},
        ],
    )


def make_unknown(world: World, number: str = "F-1", fault: Fault = Fault.CUT_AFTER_TAKEN) -> int:
    invoice_id = world.add(number)
    world.platform.fail("submit", fault)
    world.send()
    assert world.state(invoice_id) is State.UNKNOWN
    return invoice_id


def make_ready_again(world: World, number: str = "F-1") -> int:
    """Unknown once, given up by two empty searches, assessed again."""
    invoice_id = make_unknown(world, number, Fault.CUT_BEFORE_TAKEN)
    world.send()
    world.fake_clock.advance(DELAY_SECONDS + 1)
    world.send(may_send=False)
    world.pipeline().map()
    assert world.state(invoice_id) is State.READY
    return invoice_id


class TestAnswers:
    """Section 3 of the rules, class by class."""

    @pytest.mark.parametrize(
        ("fault", "state", "attempt", "held"),
        [
            (Fault.NEVER_LEFT, State.READY, "not_sent", []),
            (Fault.FORBIDDEN, State.READY, "not_sent", []),
            (Fault.RATE_LIMITED, State.READY, "not_sent", []),
            (Fault.ACCOUNT_REFUSED, State.READY, "not_sent", []),
            (Fault.PISTE_REFUSED, State.READY, "not_sent", []),
            (Fault.BUSINESS_REFUSAL, State.REFUSED, "refused", []),
            (Fault.TOO_LARGE, State.REFUSED, "refused", []),
            (Fault.UNAVAILABLE, State.UNKNOWN, "unresolved", []),
            (Fault.CUT_BEFORE_TAKEN, State.UNKNOWN, "unresolved", []),
            (Fault.CUT_AFTER_TAKEN, State.UNKNOWN, "unresolved", ["F-1"]),
        ],
    )
    def test_each_class_of_answer_has_its_state(
        self, world: World, fault: Fault, state: State, attempt: str, held: list[str]
    ) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", fault)
        report = world.send()
        assert (world.state(invoice_id), world.attempt_states(invoice_id)) == (state, [attempt])
        assert (world.platform.numbers(), world.platform.calls["submit"]) == (held, 1), "no POST is repeated"
        assert report.failure is None or state is State.READY
        assert world.keys_follow_the_attempts()

    def test_taken_is_submitted_with_number_status_and_the_raw_answer(self, world: World) -> None:
        invoice_id = world.add("F-1")
        report = world.send()
        [held] = world.platform.invoices
        row, [attempt] = world.row(invoice_id), world.attempts(invoice_id)
        assert (row.state, row.chorus_id, row.status) == (State.SUBMITTED, held.chorus_id, "DEPOSEE")
        assert str(held.chorus_id) in attempt.answer
        assert report.submitted == 1

    def test_a_sender_that_fails_in_the_call_leaves_it_unknown(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise AssertionError("a bug")

        invoice_id = world.add("F-1")
        with monkeypatch.context() as patched:
            patched.setattr(FakeGateway, "submit", broken)
            assert [failure.code for failure in world.send().failures] == ["internal"]
        assert (world.state(invoice_id), world.attempt_states(invoice_id)) == (State.UNKNOWN, ["unresolved"])

    def test_a_refusal_is_stored_before_its_search(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        world.platform.fail("search", Fault.DIES_BEFORE_CALL)
        with pytest.raises(ProcessKilled):
            world.send()
        assert (world.state(invoice_id), world.attempt_states(invoice_id)) == (State.SUBMITTING, ["refused"])
        world.let_the_leases_run_out()
        world.send()
        world.fake_clock.advance(DELAY_SECONDS + 1)
        world.send()
        assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.REFUSED, ["refused"])
        assert world.platform.calls["submit"] == 1

    def test_a_refusal_whose_search_fails_is_refused_all_the_same(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        world.platform.fail("search", Fault.UNAVAILABLE)
        world.send()
        assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.REFUSED, ["refused"])

    def test_a_number_that_somebody_typed_by_hand_is_named(self, world: World) -> None:
        by_hand = world.platform.take(a_submission("F-1"))
        invoice_id = world.add("F-1")
        world.send()
        row = world.row(invoice_id)
        assert (row.state, world.reasons(invoice_id)) == (State.REFUSED, ["found_with_other_values"])
        assert row.reasons[0]["params"]["chorus_id"] == str(by_hand.chorus_id)

    def test_an_answer_that_cannot_be_stored_is_found_by_the_search(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def disk_full(*_: Any, **__: Any) -> None:
            raise StoreError("disk full")

        first, second = world.add("F-1"), world.add("F-2")
        with monkeypatch.context() as patched:
            patched.setattr(world.store.ledger, "taken", disk_full)
            report = world.send()
        assert isinstance(report.failure, StoreError)
        assert (world.state(first), world.state(second)) == (State.SUBMITTING, State.READY), "nothing more is sent"
        world.let_the_leases_run_out()
        world.send()
        assert {world.state(first), world.state(second)} == {State.SUBMITTED}
        assert world.platform.numbers() == ["F-1", "F-2"]

    def test_a_number_of_an_emptied_test_platform_does_not_block_the_answer(self, world: World) -> None:
        old = world.add("F-1")
        world.send()
        number = world.row(old).chorus_id
        world.platform.invoices.clear()
        world.platform._next_id = number - 2  # the upload takes one
        new = world.add("F-2")
        world.send()
        assert (world.state(new), world.row(new).chorus_id) == (State.SUBMITTED, number)
        assert (world.state(old), world.row(old).chorus_id) == (State.SUBMITTED, None)
        assert str(number) in world.log(old)[-1][1]


class TestCircuit:
    """What stops a provider."""

    @pytest.mark.parametrize("fault", [Fault.ACCOUNT_REFUSED, Fault.PISTE_REFUSED])
    def test_a_refused_login_is_told_once_and_stops_all_calls_but_one_probe_an_hour(
        self, world: World, fault: Fault
    ) -> None:
        two_providers(world)
        invoice_id = world.add("F-1")
        world.pipeline().map()
        world.platform.fail("*", fault, times=UNTIL_HEALED, supplier_siret=SUPPLIER)
        assert world.send().failure is not None
        calls = world.platform.calls.total()
        for _ in range(5):
            world.fake_clock.advance(minutes=10)
            assert world.pipeline().plan() == []
            assert world.pipeline().submit(PROVIDER_KEY).notes == [Text("note.circuit_open")]
        assert world.platform.calls.total() == calls
        world.fake_clock.advance(minutes=10)
        assert world.pipeline().plan() == [PROVIDER_KEY]
        world.pipeline().submit(PROVIDER_KEY)
        assert world.platform.calls.total() == calls + 1, "the probe"
        assert world.pipeline().plan() == [], "pushed on by an hour"
        with world.store.database.read() as connection:
            told = connection.scalars(sa.select(events.c.facts).where(events.c.kind == "alert")).all()
        assert [fact["code"] for fact in told] == ["login_refused"]
        world.platform.heal()
        world.fake_clock.advance(hours=1)
        world.send()
        assert world.state(invoice_id) is State.SUBMITTED
        assert world.store.providers.health(PROVIDER_KEY).open_since is None

    def test_a_login_refused_in_the_middle_opens_it_too_and_other_providers_go_on(self, world: World) -> None:
        two_providers(world)
        mine, theirs = world.add("F-1"), world.add("F-2")
        world.store.assessments.edit(
            theirs, {"supplier_siret": OTHER_SUPPLIER}, actor="person", now=world.fake_clock.now()
        )
        world.platform.fail("submit", Fault.ACCOUNT_REFUSED, supplier_siret=SUPPLIER)
        world.send()
        world.send(OTHER_KEY)
        assert (world.state(mine), world.state(theirs)) == (State.READY, State.SUBMITTED)
        assert world.store.providers.health(PROVIDER_KEY).half == "account"
        assert world.store.providers.health(OTHER_KEY).open_since is None

    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.NEVER_LEFT, Fault.RATE_LIMITED])
    def test_nothing_is_sent_when_the_first_safe_call_fails(self, world: World, fault: Fault) -> None:
        invoice_id = world.add("F-1")
        world.pipeline().map()
        before = world.platform.calls.total()
        world.platform.fail("check", fault)
        report = world.pipeline().submit(PROVIDER_KEY)
        assert report.failure is not None and not report.failure.code.startswith("login")
        assert world.platform.calls.total() == before + 1
        assert (world.state(invoice_id), world.attempts(invoice_id)) == (State.READY, [])
        assert world.store.providers.health(PROVIDER_KEY).open_since is None, "an outage is no refused login"

    def test_two_unknown_in_a_row_stop_the_batch(self, world: World) -> None:
        world.add_many(f"F-{i}" for i in range(5))
        world.platform.fail("submit", Fault.CUT_BEFORE_TAKEN, times=UNTIL_HEALED)
        report = world.send()
        assert sorted(world.states().values()) == ["ready"] * 3 + ["unknown"] * 2
        assert report.notes == [Text("note.two_unknown")]

    def test_one_unknown_does_not(self, world: World) -> None:
        world.add_many(f"F-{i}" for i in range(4))
        world.platform.fail("submit", Fault.CUT_BEFORE_TAKEN)
        world.send()
        assert sorted(world.states().values()) == ["submitted"] * 3 + ["unknown"]

    def test_a_gate_that_closes_in_the_middle_stops_the_batch(self, world: World) -> None:
        world.add_many(f"F-{i}" for i in range(4))
        world.platform.fail("submit", Fault.RATE_LIMITED, times=UNTIL_HEALED)
        world.send()
        assert world.platform.calls["submit"] == 1

    def test_one_file_that_the_platform_cannot_digest_does_not_stop_the_others(self, world: World) -> None:
        world.add_many(f"F-{i}" for i in range(4))
        world.platform.fail("upload", Fault.UNAVAILABLE)
        report = world.send()
        assert sorted(world.states().values()) == ["ready"] + ["submitted"] * 3
        assert isinstance(report.failure, RemoteUnavailableError)

    def test_uploads_that_fail_again_and_again_stop_the_batch(self, world: World) -> None:
        world.add_many(f"F-{i}" for i in range(9))
        world.platform.fail("upload", Fault.UNAVAILABLE, times=UNTIL_HEALED)
        world.send()
        assert world.platform.calls["upload"] == 3
        assert set(world.states().values()) == {"ready"}

    def test_a_fault_of_ours_costs_one_invoice_and_shows_at_the_end(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad, good = world.add("F-1"), world.add("F-2")
        encode = FakeGateway.encode

        def fails_once(gateway: FakeGateway, submission: Any) -> str:
            if submission.number == "F-1":
                raise KeyError("a bug")
            return encode(gateway, submission)

        monkeypatch.setattr(FakeGateway, "encode", fails_once)
        [failure] = world.send().failures
        assert (world.state(bad), world.state(good)) == (State.READY, State.SUBMITTED)
        assert failure.code == "internal"
        assert [reason["code"] for reason in world.row(bad).reasons] == ["internal_error"]
        monkeypatch.undo()
        assert world.send().failures == []
        assert (world.state(bad), world.reasons(bad)) == (State.SUBMITTED, [])


class TestSearching:
    """What is searched, and what is never sent."""

    def test_taken_with_its_answer_lost_is_found_in_the_next_pass(self, world: World) -> None:
        invoice_id = make_unknown(world)
        report = world.send()
        assert (report.searched, report.submitted, world.state(invoice_id)) == (1, 1, State.SUBMITTED)
        assert world.row(invoice_id).chorus_id == world.platform.invoices[0].chorus_id
        assert world.attempt_states(invoice_id) == ["taken"]
        assert world.platform.calls["submit"] == 1

    def test_not_found_once_is_no_proof_and_after_the_delay_it_is_sent_again(self, world: World) -> None:
        invoice_id = make_unknown(world, fault=Fault.CUT_BEFORE_TAKEN)
        world.send()
        assert world.state(invoice_id) is State.UNKNOWN
        world.fake_clock.advance(DELAY_SECONDS - 1)
        assert world.pipeline().plan() == [], "nothing to search before the delay"
        world.fake_clock.advance(1)
        world.send()
        assert world.state(invoice_id) is State.READY
        world.send()
        assert (world.state(invoice_id), world.platform.numbers()) == (State.SUBMITTED, ["F-1"])

    def test_right_before_a_resend_it_is_searched_once_more(self, world: World) -> None:
        invoice_id = make_ready_again(world)
        late = world.platform.take(dataclasses.replace(a_submission("F-1")))
        report = world.send()
        assert world.state(invoice_id) is State.SUBMITTED
        assert (world.row(invoice_id).chorus_id, report.submitted) == (late.chorus_id, 1)
        assert world.platform.calls["submit"] == 1

    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.BUSINESS_REFUSAL, Fault.RATE_LIMITED])
    def test_nothing_is_sent_again_when_that_search_fails(self, world: World, fault: Fault) -> None:
        invoice_id = make_ready_again(world)
        world.platform.fail("search", fault)
        world.send()
        assert (world.state(invoice_id), world.platform.calls["submit"]) == (State.READY, 1)

    def test_a_search_before_a_resend_that_finds_other_values_asks_a_person(self, world: World) -> None:
        invoice_id = make_ready_again(world)
        world.platform.take(dataclasses.replace(a_submission("F-1"), credit_note=True))
        world.send()
        assert world.state(invoice_id) is State.TO_COMPLETE
        assert world.reasons(invoice_id) == ["found_with_other_values"]

    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.BUSINESS_REFUSAL])
    def test_one_search_that_fails_leaves_its_invoice_unknown_and_the_others_go_on(
        self, world: World, fault: Fault
    ) -> None:
        first = make_unknown(world, "F-1")
        second = make_unknown(world, "F-2", Fault.CUT_AFTER_TAKEN)
        third = world.add("F-3")
        assert world.state(first) is State.SUBMITTED, "searched while the second was sent"
        world.platform.fail("search", fault)
        report = world.send()
        assert (world.state(second), world.state(third)) == (State.UNKNOWN, State.SUBMITTED)
        assert report.failure is not None

    def test_a_search_whose_invoice_moved_on_meanwhile_decides_nothing(self, world: World) -> None:
        invoice_id = make_unknown(world, fault=Fault.CUT_BEFORE_TAKEN)
        ledger, now = world.store.ledger, world.fake_clock.now()
        [old] = ledger.unknown(PROVIDER_KEY, now=now, limit=9, invoice_ids=[invoice_id])
        world.send()
        world.fake_clock.advance(DELAY_SECONDS + 1)
        late = ledger.apply_search(old, [], search_after_seconds=DELAY_SECONDS, now=world.fake_clock.now())
        assert (late, world.state(invoice_id)) == (None, State.UNKNOWN)

    def test_a_new_supplier_does_not_hide_what_was_sent_under_the_old_one(self, world: World) -> None:
        two_providers(world)
        invoice_id = make_ready_again(world)
        world.platform.take(a_submission("F-1"))
        now = world.fake_clock.now()
        world.store.assessments.edit(invoice_id, {"supplier_siret": OTHER_SUPPLIER}, actor="person", now=now)
        world.send(OTHER_KEY)
        assert world.state(invoice_id) is State.SUBMITTED
        assert len(world.platform.invoices) == 1

    def test_a_provider_that_does_not_send_by_itself_is_only_searched(self, world: World) -> None:
        unknown = make_unknown(world)
        provider = {"name": "Durand", "siret": SUPPLIER, "environment": "simulator", "connection": "chorus_durand"}
        world.configure(providers=[provider])
        ready = world.add("F-2")
        world.pipeline().map()
        assert world.pipeline().plan() == [PROVIDER_KEY]
        world.pipeline().submit(PROVIDER_KEY)
        assert (world.state(unknown), world.state(ready)) == (State.SUBMITTED, State.READY)

    def test_a_retired_provider_is_only_searched(self, world: World) -> None:
        unknown = make_unknown(world)
        ready = world.add("F-2")
        world.pipeline().map()
        _, current = world.store.configuration.current()
        world.configure(providers=[], retired_providers=list(current.model_dump()["providers"]))
        assert world.pipeline().plan() == [PROVIDER_KEY]
        world.pipeline().submit(PROVIDER_KEY, may_send=True)
        assert (world.state(unknown), world.state(ready)) == (State.SUBMITTED, State.READY)


def test_who_watches_hears_what_is_searched_and_then_what_is_sent(world: World) -> None:
    make_unknown(world)
    world.configure(submission={"parallel": 2})
    world.add("F-2")
    world.add("F-3")
    world.platform.fail("submit", Fault.NEVER_LEFT)  # what was not sent is done with too
    heard: list[Reached] = []
    world.send(watch=heard.append)
    assert [(one.step, one.done, one.total) for one in heard] == [
        (Step.SEARCH, 0, 1),
        (Step.SEARCH, 1, 1),
        (Step.SUBMIT, 0, 2),
        (Step.SUBMIT, 1, 2),
        (Step.SUBMIT, 2, 2),
    ]
