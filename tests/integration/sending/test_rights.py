"""Sending by hand: only what the person sees, and only the version that the person saw."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from include.application.mapping.map_fields import MapCounts
from include.application.pipeline import Scope
from include.application.resend.send_again import CHANGED, Selection, SendAgain
from include.domain.errors import NotThereError, StaleError
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer
from tests.factories import PROVIDER_KEY
from tests.fakes.chorus import Fault
from tests.fakes.clock import START
from tests.integration.sending.sending_world import World

STRANGER = Viewer(provider_keys=frozenset({"simulator:other"}), administers=True)
USER = Viewer(provider_keys=frozenset({PROVIDER_KEY}))


def type_a_comment(world: World, invoice_id: int) -> None:
    """Somebody else changes what would be sent."""
    world.store.assessments.edit(invoice_id, {"comment": "changed"}, actor="ben", now=START)


def asked_by_the_owner(again: SendAgain, document: int) -> int:
    """A stored request with a document that the owner sees."""
    return dataclasses.replace(again, viewer=OWNER).freeze(Selection(document_ids=(document,))).id


@pytest.mark.parametrize(
    "ask",
    [
        lambda again, document, invoice: again.documents([document]),
        lambda again, document, invoice: again.documents([document], dry_run=True),
        lambda again, document, invoice: again.documents([document], expected={document: 1}),
        lambda again, document, invoice: again.invoices([str(invoice)]),
        lambda again, document, invoice: again.check([document]),
        lambda again, document, invoice: again.as_shown(asked_by_the_owner(again, document)),
    ],
)
def test_what_the_person_does_not_see_is_not_there(world: World, ask: Callable[[SendAgain, int, int], object]) -> None:
    invoice_id = world.add("F-1")
    world.platform.fail("submit", Fault.CUT_BEFORE_TAKEN)
    world.send()
    before = (world.state(invoice_id), world.platform.calls["search"])
    with pytest.raises(NotThereError):
        ask(world.send_again(STRANGER), world.row(invoice_id).document_id, invoice_id)
    assert (world.state(invoice_id), world.platform.calls["search"]) == before


def test_the_stages_of_a_retry_leave_alone_what_the_person_does_not_see(world: World) -> None:
    invoice_id = world.add("F-1")
    world.pipeline().map()
    documents = [world.row(invoice_id).document_id]
    assert world.send_again(STRANGER).of_provider(PROVIDER_KEY, documents).counts()["submitted"] == 0
    assert world.state(invoice_id) is State.READY
    assert world.send_again(STRANGER).plan(Scope(document_ids=tuple(documents))) == []
    assert world.send_again(USER).plan(Scope(document_ids=tuple(documents))) == [PROVIDER_KEY]
    assert world.send_again(USER).of_provider(PROVIDER_KEY, documents).counts()["submitted"] == 1
    assert world.send_again(USER).plan(Scope(document_ids=tuple(documents))) == []


class TestTheVersionThatAFormWasOpenedWith:
    def opened(self, world: World, number: str = "F-1") -> tuple[int, int, int]:
        """A ready invoice: its id, its document and its version."""
        invoice_id = world.add(number)
        world.pipeline().map()
        row = world.row(invoice_id)
        return invoice_id, row.document_id, row.version

    def test_it_is_sent(self, world: World) -> None:
        invoice_id, document_id, version = self.opened(world)
        assert world.send_again().documents([document_id], expected={document_id: version}).complete
        assert world.state(invoice_id) is State.SUBMITTED

    def test_it_is_sent_though_it_is_assessed_again_first(self, world: World) -> None:
        invoice_id, document_id, version = self.opened(world)
        world.configure(directory={"refresh_hours": 5})
        assert world.send_again().documents([document_id], expected={document_id: version}).complete
        assert world.state(invoice_id) is State.SUBMITTED

    def test_an_older_one_sends_nothing(self, world: World) -> None:
        invoice_id, document_id, version = self.opened(world)
        type_a_comment(world, invoice_id)
        with pytest.raises(StaleError):
            world.send_again().documents([document_id], expected={document_id: version})
        assert world.platform.numbers() == []

    def test_of_what_was_sent_no_version_is_asked_and_nothing_is_sent_again(self, world: World) -> None:
        invoice_id, document_id, _version = self.opened(world)
        world.send()
        report = world.send_again().documents([document_id], expected={document_id: 1})
        assert (report.complete, world.state(invoice_id)) == (True, State.SUBMITTED)
        assert world.platform.numbers() == ["F-1"]

    def test_who_comes_while_it_is_assessed_is_not_overrun(self, world: World) -> None:
        invoice_id, document_id, version = self.opened(world)
        again = world.send_again()

        def meanwhile(document_ids: list[int], *, dry_run: bool) -> MapCounts:
            type_a_comment(world, invoice_id)
            return again.map(document_ids, dry_run=dry_run)

        slow = dataclasses.replace(again, map=meanwhile)  # type: ignore[arg-type]
        with pytest.raises(StaleError):
            slow.documents([document_id], expected={document_id: version})
        assert world.platform.numbers() == []

    @pytest.mark.parametrize("approved", [True, False])
    def test_who_comes_just_before_the_sending_is_not_overrun(self, world: World, approved: bool) -> None:
        invoice_id, document_id, version = self.opened(world)
        again = world.send_again()

        class Late:
            """The stage, before which somebody changes the invoice and another pass assesses it."""

            allowed = True

            def stopped(self) -> dict[str, Exception]:
                return {}

            def check_documents(self, document_ids: list[int]) -> None:
                pass

            def __call__(self, key: str, **how: object) -> object:
                type_a_comment(world, invoice_id)
                world.pipeline().map()
                return again.submit(key, **how)  # type: ignore[arg-type]

        late = dataclasses.replace(again, submit=Late())  # type: ignore[arg-type]
        if approved:
            report = late.as_shown(again.freeze(Selection(document_ids=(document_id,))).id)
        else:
            report = late.documents([document_id], expected={document_id: version})
        assert not report.complete
        assert (world.state(invoice_id), world.platform.numbers()) == (State.READY, [])
        assert report.outcomes[0].outcome in (State.READY, CHANGED)
