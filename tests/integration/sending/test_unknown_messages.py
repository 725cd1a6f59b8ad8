"""Refusals that the dictionary of messages does not know."""

from __future__ import annotations

from include.application.administration.refusal_catalog import unknown_messages
from tests.fakes.chorus import Fault
from tests.integration.sending.sending_world import World


def test_unknown_messages_are_collected_without_their_digits_most_frequent_first(world: World) -> None:
    for number in ("F-1", "F-2"):
        world.add(number)
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
    world.send()
    [row] = unknown_messages(world.store.refusals)
    assert row.count == 2 and row.label and row.first_at <= row.last_at
