"""Sending asked for by name: documents, and invoices whose sending failed or is unknown."""

from __future__ import annotations

import dataclasses

import pytest

from include.application.pipeline import Scope
from include.domain.errors import InputError
from include.domain.lifecycle import State
from tests.factories import PROVIDER_KEY, SUPPLIER
from tests.fakes.chorus import Fault, ProcessKilled
from tests.integration.sending.sending_world import DELAY_SECONDS, World


def by_hand(world: World) -> None:
    """The provider does not send by itself."""
    world.configure(
        providers=[{"name": "Durand", "siret": SUPPLIER, "environment": "simulator", "connection": "chorus_durand"}]
    )


def retry(world: World, *invoice_ids: int) -> list[str]:
    report = world.send_again().invoices([str(i) for i in invoice_ids])
    return [outcome.outcome for outcome in report.outcomes]


class TestDocuments:
    def test_a_dry_run_sends_nothing(self, world: World) -> None:
        invoice_id = world.add("F-1")
        report = world.send_again().documents([world.row(invoice_id).document_id], dry_run=True)
        assert [outcome.outcome for outcome in report.outcomes] == ["would be sent"]
        assert report.complete
        assert (world.state(invoice_id), world.attempts(invoice_id)) == (State.READY, [])
        assert world.platform.calls["upload"] + world.platform.calls["submit"] == 0

    def test_documents_are_sent_whatever_automatic_submission_says_and_no_others(self, world: World) -> None:
        by_hand(world)
        asked, other = world.add("F-1"), world.add("F-2")
        world.send()
        assert world.state(asked) is State.READY
        report = world.send_again().documents([world.row(asked).document_id])
        assert report.complete and report.counts["submitted"] == 1
        assert (world.state(asked), world.state(other)) == (State.SUBMITTED, State.READY)

    def test_an_id_that_is_none_sends_nothing(self, world: World) -> None:
        invoice_id = world.add("F-1")
        with pytest.raises(InputError):
            world.send_again().documents([world.row(invoice_id).document_id, 999])
        assert world.platform.numbers() == []


class TestRetry:
    def test_an_unknown_one_is_searched_and_never_sent_first(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.CUT_BEFORE_TAKEN)
        world.send()
        for _ in range(3):
            assert retry(world, invoice_id) == ["unknown"], "not found is no proof before the delay, however often"
        assert (world.platform.calls["submit"], world.platform.calls["search"]) == (1, 3)
        world.fake_clock.advance(DELAY_SECONDS)
        assert retry(world, invoice_id) == ["ready"]
        assert world.platform.calls["submit"] == 1, "assessed again before it may go"

    def test_an_unknown_one_that_was_taken_is_found(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.CUT_AFTER_TAKEN)
        world.send()
        assert retry(world, invoice_id) == ["submitted"]
        assert world.platform.calls["submit"] == 1

    def test_a_refused_one_is_opened_assessed_and_sent_again(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        world.send()
        world.send()
        assert world.state(invoice_id) is State.REFUSED, "never by itself with the same values"
        assert retry(world, invoice_id) == ["submitted"]

    def test_one_that_could_not_leave_is_sent(self, world: World) -> None:
        by_hand(world)
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.NEVER_LEFT)
        world.send(may_send=True)
        assert retry(world, invoice_id) == ["submitted"]

    def test_a_submitted_one_is_left_alone(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.send()
        assert retry(world, invoice_id) == ["submitted"]
        assert world.platform.calls["submit"] == 1

    def test_a_provider_that_is_gone_does_not_keep_the_others_from_going(self, world: World) -> None:
        gone = world.add("F-1")
        world.platform.fail("submit", Fault.CUT_BEFORE_TAKEN)
        world.send()
        world.configure(providers=[])
        report = world.send_again().invoices([str(gone)])
        assert [type(failure) for failure in report.failures] == [InputError]
        assert (world.state(gone), report.complete) == (State.UNKNOWN, False)

    def test_one_that_was_never_sent_is_told_and_not_sent(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.pipeline().map()
        report = world.send_again().invoices([str(invoice_id)])
        assert ([o.outcome for o in report.outcomes], report.complete) == (["never sent"], False)
        assert world.platform.numbers() == []

    def test_an_unknown_reference_changes_nothing(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        world.send()
        with pytest.raises(InputError):
            retry(world, invoice_id, 999)
        assert world.state(invoice_id) is State.REFUSED


class TestTaskByTask:
    """The parameter `retry` of the ten-minute DAG: the same use case, in three tasks."""

    def test_a_sending_that_was_left_in_the_middle_is_searched_once_its_lease_ran_out(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.DIES_BEFORE_CALL)
        with pytest.raises(ProcessKilled):
            world.send()
        assert world.state(invoice_id) is State.SUBMITTING
        document = (world.row(invoice_id).document_id,)
        assert world.send_again().plan(Scope(document_ids=document)) == []
        world.let_the_leases_run_out()
        assert world.send_again().plan(Scope(document_ids=document)) == [PROVIDER_KEY]
        assert world.send_again().of_provider(PROVIDER_KEY, document).searched == 1
        assert world.platform.numbers() == [], "searched, and never sent first"

    def test_no_documents_are_none_and_not_all(self, world: World) -> None:
        world.add("F-1")
        world.pipeline().map()
        again = world.send_again()
        with pytest.raises(InputError):
            again.check(())
        assert again.plan(Scope()) == []
        assert again.of_provider(PROVIDER_KEY, ()).counts()["submitted"] == 0
        assert world.platform.numbers() == []

    def test_another_provider_than_the_named_one_is_left_out(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.pipeline().map()
        scope = Scope(document_ids=(world.row(invoice_id).document_id,), providers=(SUPPLIER,))
        assert world.send_again().plan(scope) == [PROVIDER_KEY]
        with pytest.raises(InputError):
            world.send_again().plan(dataclasses.replace(scope, providers=("nobody",)))
