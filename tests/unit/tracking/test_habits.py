"""How long a body usually takes, and when it is silent."""

from __future__ import annotations

import pytest

from include.domain.tracking import FEWEST_MOVES, SHORTEST_SILENCE, days_of_silence, usual_days


def test_too_few_moves_say_nothing() -> None:
    assert usual_days({}) is None
    assert usual_days({3: FEWEST_MOVES - 1}) is None
    assert usual_days({3: FEWEST_MOVES - 1, 4: 1}) == 3


@pytest.mark.parametrize(
    ("moves", "usual"),
    [
        ({5: 20}, 5),
        ({0: 19, 300: 1}, 0),
        ({1: 18, 9: 1, 300: 1}, 9),
        ({40: 95, 2: 900, 90: 5}, 40),
        ({day: 1 for day in range(1, 101)}, 95),
    ],
)
def test_usual_is_what_nineteen_moves_of_twenty_keep(moves: dict[int, int], usual: int) -> None:
    assert usual_days(moves) == usual


def test_a_body_is_silent_at_half_as_long_again_never_within_a_week() -> None:
    assert days_of_silence(40, 30) == 60
    assert days_of_silence(11, 30) == 17
    assert days_of_silence(0, 30) == days_of_silence(3, 30) == SHORTEST_SILENCE


def test_without_a_habit_the_general_limit_counts() -> None:
    assert days_of_silence(None, 30) == 30
    assert days_of_silence(None, 3) == 3
