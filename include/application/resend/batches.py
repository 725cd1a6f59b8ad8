"""Many things, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

BATCH = 50
"""Documents between two records of results: what a process that dies leaves without one is no more than these."""

Thing = TypeVar("Thing")


def batches(things: Sequence[Thing], size: int = BATCH) -> Iterator[Sequence[Thing]]:
    """The same things in the same order."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
