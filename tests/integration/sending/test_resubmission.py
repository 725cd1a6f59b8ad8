"""Sending again what a person chose: only as it was shown, and whatever changed is reported."""

from __future__ import annotations

import datetime as dt

import pytest

from include.adapters.storage.core.tables import invoices
from include.application.ports.bulk_requests import RESEND
from include.application.ports.resubmission import Resendable
from include.application.resend.preview import preview
from include.application.resend.send_again import CHANGED, Selection
from include.domain.errors import InputError, NotThereError
from include.domain.lifecycle import State
from include.texts import said_stored
from tests.factories import SUPPLIER
from tests.fakes.chorus import Fault
from tests.integration.sending.sending_world import World


@pytest.fixture
def ready(world: World) -> list[int]:
    """Three invoices of a provider that does not send by itself."""
    world.configure(
        providers=[{"name": "Du|rand", "siret": SUPPLIER, "environment": "simulator", "connection": "chorus_durand"}]
    )
    ids = [world.add(f"F-{number}") for number in (1, 2, 3)]
    world.send()
    return ids


def chosen(world: World, *ids: int) -> list[Resendable]:
    return world.store.resubmission.candidates(invoice_ids=ids)


def asked(world: World, frozen: list[Resendable]) -> int:
    """A request about these, as they are given."""
    now = world.clock.now()
    items = [one.frozen() for one in frozen]
    return world.store.bulk_requests.create(
        RESEND, items, actor="person", now=now, keep_until=now + dt.timedelta(days=1)
    )


def again(world: World, frozen: list[Resendable]) -> list[str]:
    return carried_out(world, asked(world, frozen))


def carried_out(world: World, request_id: int) -> list[str]:
    report = world.send_again().as_shown(request_id)
    return [outcome.outcome for outcome in report.outcomes]


def test_what_is_as_it_was_shown_is_sent_once_however_often_it_is_asked(world: World, ready: list[int]) -> None:
    frozen = chosen(world, *ready)
    assert again(world, frozen) == ["submitted"] * 3
    assert again(world, frozen) == [CHANGED] * 3
    assert sorted(world.platform.numbers()) == ["F-1", "F-2", "F-3"]


def test_what_changed_after_the_preview_is_reported_and_not_sent(world: World, ready: list[int]) -> None:
    frozen = chosen(world, *ready)
    [first] = chosen(world, ready[0])
    again(world, [first])
    assert again(world, frozen) == [CHANGED, "submitted", "submitted"]
    edited = Resendable(**{**vars(first), "version": first.version + 1})
    assert again(world, [edited]) == [CHANGED]


def test_what_was_turned_away_at_the_gate_is_sent_by_the_next_try(world: World, ready: list[int]) -> None:
    [first, *_] = frozen = chosen(world, *ready)
    world.platform.fail("submit", Fault.RATE_LIMITED, times=-1)
    request_id = asked(world, frozen)
    report = world.send_again().as_shown(request_id)
    assert report.failures and {outcome.outcome for outcome in report.outcomes} == {"ready"}
    world.platform.heal()
    assert carried_out(world, request_id) == ["submitted"] * 3
    assert not Resendable(**{**vars(first), "version": first.version + 2}).unchanged_since(first.frozen())


def test_a_request_that_was_carried_out_stays_told_as_sent_and_sends_nothing_more(
    world: World, ready: list[int]
) -> None:
    request = world.send_again().freeze(Selection(states=("ready",)))
    assert (request.actor, [item.invoice_id for item in request.items]) == ("person", ready)
    assert carried_out(world, request.id) == ["submitted"] * 3
    sendings = world.platform.calls["submit"]
    assert carried_out(world, request.id) == ["submitted"] * 3
    assert world.platform.calls["submit"] == sendings


def test_what_became_of_each_is_stored_with_the_request(world: World, ready: list[int]) -> None:
    request = world.send_again().freeze(Selection(states=("ready",)))
    assert request.done == 0
    again(world, chosen(world, ready[0]))
    carried_out(world, request.id)
    stored = world.store.bulk_requests.get(request.id, now=world.clock.now())
    assert stored is not None and stored.done == 3
    results = [item.result for item in stored.items if item.result]
    assert [result.state for result in results] == ["submitted"] * 3
    assert [said_stored(result.message, "en") if result.message else "" for result in results] == [
        "It went out already, by another sending or by this one before it was interrupted: follow it, do not send it "
        "again.",
        "",
        "",
    ]


def test_a_person_is_shown_only_what_is_still_as_it_was_chosen(world: World, ready: list[int]) -> None:
    request = world.send_again().freeze(Selection(states=("ready",)))
    again(world, chosen(world, ready[0]))
    assert [one.invoice_id for one in world.send_again().shown(request.id)] == ready[1:]


def test_a_request_that_there_is_not_sends_nothing_and_says_so(world: World, ready: list[int]) -> None:
    request = world.send_again().freeze(Selection(states=("ready",)))
    now = world.clock.now()
    keep_until = now + dt.timedelta(days=99)
    other = world.store.bulk_requests.create("hold", request.items, actor="anna", now=now, keep_until=keep_until)
    world.clock.advance(days=31)
    for request_id in (0, request.id, other):
        with pytest.raises(NotThereError, match="no request"):
            world.send_again().as_shown(request_id)
    assert world.platform.calls["submit"] == 0


def refuse(world: World) -> int:
    invoice_id = world.add("F-1")
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.send()
    assert world.state(invoice_id) is State.REFUSED
    return invoice_id


def test_a_refused_one_is_assessed_again_and_sent(world: World) -> None:
    invoice_id = refuse(world)
    assert again(world, chosen(world, invoice_id)) == ["submitted"]


def test_a_refused_one_that_would_send_other_values_now_is_not_sent(world: World) -> None:
    invoice_id = refuse(world)
    edit = {"value": "F-9", "actor": "person", "at": world.clock.now().isoformat()}
    with world.store.database.write() as connection:
        connection.execute(invoices.update().values(edits={"invoice_number": edit}))
    sendings = world.platform.calls["submit"]
    assert again(world, chosen(world, invoice_id)) == [CHANGED]
    assert world.platform.calls["submit"] == sendings


def test_an_unknown_one_is_searched_and_never_sent_first(world: World) -> None:
    invoice_id = world.add("F-1")
    world.platform.fail("submit", Fault.CUT_BEFORE_TAKEN)
    world.send()
    assert world.state(invoice_id) is State.UNKNOWN
    sendings = world.platform.calls["submit"]
    assert again(world, chosen(world, invoice_id)) == ["unknown"]
    assert world.platform.calls["submit"] == sendings


def test_the_choice_follows_the_form(world: World, ready: list[int]) -> None:
    choose = world.send_again().choose
    today = world.clock.now().date()
    [document] = {one.document_id for one in chosen(world, ready[1])}
    assert [one.invoice_id for one in choose(Selection(document_ids=(document,)))] == [ready[1]]
    assert choose(Selection(states=("refused",))) == []
    assert world.store.resubmission.candidates(provider_key="simulator:00000000000000") == []
    assert len(choose(Selection(provider=SUPPLIER))) == 3
    assert len(choose(Selection(to_date=today))) == 3
    assert choose(Selection(from_date=today.replace(year=today.year + 1))) == []
    for wrong in (Selection(states=("submitted",)), Selection(provider="nobody"), Selection(document_ids=(999,))):
        with pytest.raises(InputError):
            choose(wrong)


def test_the_table_shows_counts_numbers_and_totals_and_nothing_breaks_it(world: World, ready: list[int]) -> None:
    shown = preview(chosen(world, *ready), world.store.configuration.current()[1], "en")
    assert "| Du\\|rand | Ready to submit | 3 | 3,600.00 |" in shown
    assert "F-1" in shown and "F-3" in shown
    assert "Nothing fits" in preview([], world.store.configuration.current()[1], "en")
