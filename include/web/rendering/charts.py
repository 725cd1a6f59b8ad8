"""Small charts: from counts to coordinates of a drawing of 420 x 140 points; a table beside each says the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from include.application.views.dashboard import Day

_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 414, 12, 120
"""Where the values are drawn; the rest is for their names."""

_BAR_LEFT, _BAR_RIGHT, _BAR_STEP = 112, 364, 25


@dataclass(frozen=True, kw_only=True)
class Column:
    """One day: what went out untouched, and above it what a person had touched."""

    day: Day
    x: int
    width: int
    untouched_y: int
    touched_y: int
    named: bool

    @property
    def untouched_height(self) -> int:
        """Down to the line at the bottom."""
        return _BOTTOM - self.untouched_y

    @property
    def touched_height(self) -> int:
        """Down to what went out untouched."""
        return self.untouched_y - self.touched_y


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One lying bar with its count."""

    count: int
    y: int
    width: int


@dataclass(frozen=True, kw_only=True)
class Point:
    """A share of one day, 0 to 1."""

    day: dt.date
    share: float
    x: int
    y: int


def scale_of(days: Sequence[Day]) -> int:
    """What the top of the columns stands for: an even number, so that its half is one too."""
    most = max((day.count for day in days), default=0)
    step = 2 if most <= 20 else 20
    return max(step, -(-most // step) * step)


def columns(days: Sequence[Day]) -> list[Column]:
    """One column a day; every other day is named."""
    top, step = scale_of(days), (_RIGHT - _LEFT) // max(len(days), 1)
    return [
        Column(
            day=day,
            x=_LEFT + number * step,
            width=step - 6,
            untouched_y=_y(day.untouched / top),
            touched_y=_y(day.count / top),
            named=(len(days) - number) % 2 == 1,
        )
        for number, day in enumerate(days)
    ]


def bars(counts: Sequence[int]) -> list[Bar]:
    """One bar for each count, the first on top; what is there at all is seen."""
    most = max(counts, default=0) or 1
    return [
        Bar(
            count=count,
            y=8 + number * _BAR_STEP,
            width=max(2, (_BAR_RIGHT - _BAR_LEFT) * count // most) if count else 0,
        )
        for number, count in enumerate(counts)
    ]


def shares(days: Sequence[Day]) -> list[Point]:
    """What went out untouched, of each day on which anything did."""
    step = (_RIGHT - _LEFT) // max(len(days) - 1, 1)
    return [
        Point(day=day.day, share=day.untouched / day.count, x=_LEFT + number * step, y=_y(day.untouched / day.count))
        for number, day in enumerate(days)
        if day.count
    ]


def _y(share: float) -> int:
    return round(_BOTTOM - share * (_BOTTOM - _TOP))
