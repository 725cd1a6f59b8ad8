"""Sending what a person chose in a list: only what was ready then, as it was then, and while it is still theirs."""

from __future__ import annotations

import datetime as dt

import pytest

from include.adapters.storage.core.tables import invoices
from include.application.ports.bulk_requests import SUBMIT, BulkItem, BulkRequest, BulkResult
from include.application.resend import send_again
from include.domain.errors import NotThereError
from include.domain.lifecycle import State
from include.texts import Text, said, said_stored
from tests.factories import SUPPLIER
from tests.fakes.chorus import Fault
from tests.integration.sending.sending_world import World


@pytest.fixture
def ready(world: World) -> list[int]:
    """Three invoices that are ready, of a provider that Anna uses and that does not send by itself."""
    configure(world, users=["anna"])
    ids = [world.add(f"F-{number}") for number in (1, 2, 3)]
    world.send()
    return ids


def configure(world: World, users: list[str]) -> None:
    provider = {"name": "Durand", "siret": SUPPLIER, "environment": "simulator", "connection": "chorus_durand"}
    people = {"users": [{"name": "anna"}]}
    world.configure(people=people, providers=[{**provider, "use": {"users": users}}])


def asked(world: World, *ids: int, actor: str = "anna") -> int:
    """A request as a list makes it: what is not ready has its result already."""
    now, items = world.clock.now(), []
    for one in world.store.resubmission.candidates(invoice_ids=ids):
        told = None if one.state == State.READY else BulkResult(state=one.state, message="not ready")
        items.append(BulkItem(**{**vars(one.frozen()), "result": told}))
    return world.store.bulk_requests.create(
        SUBMIT, items, actor=actor, now=now, keep_until=now + dt.timedelta(hours=24)
    )


def stored(world: World, request_id: int) -> BulkRequest:
    found = world.store.bulk_requests.get(request_id, now=world.clock.now())
    assert found is not None
    return found


def results(world: World, request_id: int) -> list[tuple[str | None, bool]]:
    return [(item.result.state, bool(item.result.message)) for item in stored(world, request_id).items if item.result]


def test_what_is_ready_is_sent_once_however_often_it_is_carried_out(world: World, ready: list[int]) -> None:
    request_id = asked(world, *ready)
    for _ in range(2):
        world.send_again().as_shown(request_id)
    assert results(world, request_id) == [("submitted", False)] * 3
    assert sorted(world.platform.numbers()) == ["F-1", "F-2", "F-3"]


def test_of_two_requests_about_the_same_one_sends(world: World, ready: list[int]) -> None:
    first, second = asked(world, *ready), asked(world, *ready)
    for request_id in (first, second):
        world.send_again().as_shown(request_id)
    assert results(world, second) == [("submitted", True)] * 3
    assert sorted(world.platform.numbers()) == ["F-1", "F-2", "F-3"]


def test_nobody_reads_that_what_a_killed_try_sent_was_not_sent(
    world: World, ready: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = asked(world, *ready)
    first = world.send_again()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(first.requests), "record", killed)
        with pytest.raises(KeyboardInterrupt):
            first.as_shown(request_id)
    assert results(world, request_id) == []
    world.send_again().as_shown(request_id)
    assert sorted(world.platform.numbers()) == ["F-1", "F-2", "F-3"]
    told = {said_stored(item.result.message, "en") for item in stored(world, request_id).items if item.result}
    assert told == {said(Text("bulk.went_out"), "en")}


def test_what_was_not_ready_when_it_was_chosen_is_never_sent_by_it(world: World, ready: list[int]) -> None:
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.send_again().as_shown(asked(world, ready[0]))
    assert world.state(ready[0]) is State.REFUSED
    request_id = asked(world, *ready[:2])
    sendings = world.platform.calls["submit"]
    world.send_again().as_shown(request_id)
    assert world.platform.calls["submit"] == sendings + 1
    assert results(world, request_id) == [("refused", True), ("submitted", False)]


def test_what_was_taken_back_is_not_sent(world: World, ready: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two batches the person stops it."""
    request_id = asked(world, *ready)
    real = send_again.batches

    def stopping(items: list[BulkItem]) -> object:
        for number, some in enumerate(real(items, 1)):
            if number == 1:
                left = [item.document_id for item in stored(world, request_id).items if item.result is None]
                told = {one: BulkResult(state="ready", message="stopped") for one in left}
                world.store.bulk_requests.record(request_id, told, now=world.clock.now())
            yield some

    monkeypatch.setattr(send_again, "batches", stopping)
    world.send_again().as_shown(request_id)
    assert world.platform.numbers() == ["F-1"]
    assert results(world, request_id) == [("submitted", False), ("ready", True), ("ready", True)]


def test_who_lost_the_right_meanwhile_sends_nothing(world: World, ready: list[int]) -> None:
    request_id = asked(world, *ready)
    configure(world, users=[])
    world.send_again().as_shown(request_id)
    assert world.platform.numbers() == []
    assert results(world, request_id) == [(None, True)] * 3


def test_a_provider_that_does_not_answer_is_not_asked_again_batch_after_batch(
    world: World, ready: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = asked(world, *ready)
    real = send_again.batches
    monkeypatch.setattr(send_again, "batches", lambda items: real(items, 1))
    world.platform.fail("submit", Fault.RATE_LIMITED, times=-1)
    assert world.send_again().as_shown(request_id).failures
    assert world.platform.calls["submit"] <= 2
    assert results(world, request_id) == [("ready", False)] * 3
    world.platform.heal()
    world.send_again().as_shown(request_id)
    assert results(world, request_id) == [("submitted", False)] * 3


def test_a_change_of_values_after_the_choice_is_not_sent(world: World, ready: list[int]) -> None:
    request_id = asked(world, *ready)
    with world.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == ready[0]).values(version=invoices.c.version + 1))
    world.send_again().as_shown(request_id)
    assert sorted(world.platform.numbers()) == ["F-2", "F-3"]
    assert results(world, request_id)[0] == ("ready", True)


def test_a_request_that_is_a_day_old_sends_nothing(world: World, ready: list[int]) -> None:
    request_id = asked(world, *ready)
    world.fake_clock.advance(hours=25)
    with pytest.raises(NotThereError):
        world.send_again().as_shown(request_id)
    assert world.platform.numbers() == []
