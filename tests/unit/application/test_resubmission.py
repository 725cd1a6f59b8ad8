"""Sending again what a person chose: only as it was shown, and whatever changed is reported."""

from __future__ import annotations

import pytest

from include.adapters.storage.tables import invoices
from include.application.resubmission import CHANGED, Frozen, check_states, preview, resubmit
from include.domain.errors import InputError
from include.domain.lifecycle import State
from tests.factories import SUPPLIER
from tests.fakes.chorus import Fault
from tests.unit.application.sending_world import World


@pytest.fixture
def ready(world: World) -> list[int]:
    """Three invoices of a provider that does not send by itself."""
    world.configure(
        providers=[{"name": "Du|rand", "siret": SUPPLIER, "environment": "simulator", "connection": "chorus_durand"}]
    )
    ids = [world.add(f"F-{number}") for number in (1, 2, 3)]
    world.send()
    return ids


def chosen(world: World, *ids: int) -> list[Frozen]:
    return world.store.resubmission.candidates(invoice_ids=ids)


def again(world: World, frozen: list[Frozen]) -> list[str]:
    report = resubmit(world.river(), world.store.resubmission, frozen, actor="person")
    return [outcome["outcome"] for outcome in report.outcomes]


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
    edited = Frozen(**{**vars(first), "version": first.version + 1})
    assert again(world, [edited]) == [CHANGED]


def test_what_was_turned_away_at_the_gate_is_sent_by_the_next_try(world: World, ready: list[int]) -> None:
    [first, *_] = frozen = chosen(world, *ready)
    world.platform.fail("submit", Fault.RATE_LIMITED, times=-1)
    report = resubmit(world.river(), world.store.resubmission, frozen, actor="person")
    assert report.troubles and {outcome["outcome"] for outcome in report.outcomes} == {"ready"}
    world.platform.heal()
    assert again(world, frozen) == ["submitted"] * 3
    assert not first.unchanged(Frozen(**{**vars(first), "version": first.version + 2}))


def refuse(world: World) -> int:
    invoice_id = world.add("F-1")
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.send()
    assert world.state(invoice_id) is State.REFUSED
    return invoice_id


def test_a_refused_one_is_judged_again_and_sent(world: World) -> None:
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
    store = world.store.resubmission
    today = world.clock.now().date()
    [document] = {one.document_id for one in chosen(world, ready[1])}
    assert [one.invoice_id for one in store.candidates(document_ids=[document])] == [ready[1]]
    assert store.candidates(states=["refused"]) == []
    assert store.candidates(provider_key="simulator:00000000000000") == []
    assert len(store.candidates(to_date=today)) == 3
    assert store.candidates(from_date=today.replace(year=today.year + 1)) == []
    with pytest.raises(InputError):
        check_states(["submitted"])


def test_the_table_shows_counts_numbers_and_totals_and_nothing_breaks_it(world: World, ready: list[int]) -> None:
    shown = preview(chosen(world, *ready), world.store.configuration.current()[1])
    assert "| Du\\|rand | ready | 3 | 3600.00 |" in shown
    assert "F-1" in shown and "F-3" in shown
    assert "Nothing fits" in preview([], world.store.configuration.current()[1])
