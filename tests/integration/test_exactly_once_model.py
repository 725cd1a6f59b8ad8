"""The rules of sending, walked through in every order of events (docs/reference/exactly-once.md 8)."""

from __future__ import annotations

import pytest

from include.domain.lifecycle import State, ways_out
from include.domain.submission import AttemptState
from tests.models import exactly_once as model
from tests.models.exactly_once import (
    CARELESS,
    MAKES_IT_RARER,
    RESTORED_WORLDS,
    WORLDS,
    Model,
    Rule,
    World,
    bounds_of,
    harm_without,
    walk,
    wrongly_refused,
)

TWICE = "the platform holds it twice"
NOT_NOTICED = "known as taken, and ready here"
LOST = "the platform holds it, and it can never become submitted here"

HARM = {
    Rule.ONE_CLAIM: TWICE,
    Rule.VERSION: TWICE,
    Rule.CLOCK: TWICE,
    Rule.LATE_SUCCESS: NOT_NOTICED,
    Rule.UNKNOWN: TWICE,
    Rule.LAPSED: NOT_NOTICED,
    Rule.DELAY: TWICE,
    Rule.EARLIER_SUCCESS: NOT_NOTICED,
    Rule.SEARCH_BEFORE_RESEND: TWICE,
    Rule.RETRIEVAL: LOST,
    Rule.ADOPTION: TWICE,
    Rule.SENDING_OFF: TWICE,
    Rule.CHECKED: TWICE,
}
"""What the shortest way leads to when the rule is left out."""


def _name(world: World) -> str:
    restored = "" if world.restore == "never" else f"-{world.restore}"
    return f"{world.pace}-{'unique' if world.unique else 'doubles'}{restored}"


@pytest.mark.slow
@pytest.mark.parametrize("world", (*WORLDS, *RESTORED_WORLDS), ids=_name)
def test_no_order_of_events_does_harm_and_each_way_ends(world: World) -> None:
    seen = walk(Model(world, bounds_of(world)))
    assert (seen.harm, seen.way) == (None, ())
    assert seen.situations > 30_000, "the walk was cut short: it proves nothing"
    assert {(before, after) for before, after in seen.row_moves if State(after) not in ways_out(State(before))} == set()


@pytest.mark.slow
@pytest.mark.parametrize("rule", HARM, ids=lambda rule: rule.name.lower())
def test_each_rule_left_out_does_harm(rule: Rule) -> None:
    found = harm_without(rule, model.BOUNDS)
    assert found is not None
    assert found[1].harm == HARM[rule]


def test_every_rule_is_tried() -> None:
    assert set(HARM) | MAKES_IT_RARER == set(Rule)


@pytest.mark.slow
def test_without_the_last_rule_a_wrong_refusal_comes_without_a_second_delay() -> None:
    """No harm that the rules exclude: under a platform this slow a retrieval has to mend it in either case."""
    ways = [
        walk(Model(World("late", unique=True), without=without), wrongly_refused).way
        for without in ((), MAKES_IT_RARER)
    ]
    assert [way.count("the delay is over") for way in ways] == [2, 1]


def test_the_model_speaks_of_the_states_that_the_product_has() -> None:
    states = {model.READY, model.SUBMITTING, model.SUBMITTED, model.UNKNOWN, model.REFUSED}
    assert states <= set(State)
    assert {model.OPEN, model.NOT_SENT, model.UNRESOLVED, model.TAKEN, model.REFUSED} == set(AttemptState)


@pytest.mark.slow
def test_who_restores_and_goes_on_sends_twice_where_used_numbers_are_taken_again() -> None:
    """What no rule can promise, and docs/restore.md says: nothing here tells that the database went back."""
    assert not CARELESS.sends_once
    seen = walk(Model(CARELESS, bounds_of(CARELESS)), lambda now: TWICE if now.held > 1 else None)
    assert seen.harm == TWICE and "our database is set back" in seen.way
