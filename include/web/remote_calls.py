"""Calls to Chorus Pro from a page: few at a time, so that a slow platform never keeps the web server from answering.

The web server's own routes share one pool of threads with ours; what waits for the platform stands in its own line.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from include.web.guards.person import Person
from include.web.host import Services

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Calls of one process of the web server."""

PATIENCE_SECONDS = 30.0
"""How long a program waits for the outcome of a sending."""

A_MINUTE = dt.timedelta(minutes=1)
MOST_SEARCHES = 60
"""Questions to the directory that one person may ask in a minute: more than anybody types."""

Answer = TypeVar("Answer")

_going_on: set[asyncio.Task[Any]] = set()
"""Work that nobody waits for any more, held so that it is not thrown away half done."""


@functools.cache
def _line() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(AT_ONCE)


class TooFastError(Exception):
    """Somebody asks more often than one may; `wait` says how long not to."""

    def __init__(self, wait: dt.timedelta) -> None:
        self.wait = wait
        super().__init__(wait)


def counted(services: Services, person: Person, kind: str, most: int) -> None:
    """Counts one call of this person; TooFastError when there were too many within a minute."""
    now = services.clock.now()
    wait = services.store.call_rates.take(kind, person.name, most=most, within=A_MINUTE, now=now)
    if wait is not None:
        raise TooFastError(wait)


async def asking_chorus(work: Callable[[], Answer]) -> Answer:
    """What `work` answers, done in a thread while no more than a few others wait for the platform."""
    return await anyio.to_thread.run_sync(work, limiter=_line())


async def patiently(work: Callable[[], Answer]) -> Answer | None:
    """The same, but None after PATIENCE_SECONDS: the work goes on, and keeps its place in the line until it ends."""
    return await _waited(asking_chorus(work), PATIENCE_SECONDS)


async def within(seconds: float, work: Callable[[], Answer]) -> Answer | None:
    """The same, but None after so many seconds: what was begun goes on in its place, what stands in line is dropped."""

    async def unless_late() -> Answer | None:
        with anyio.move_on_after(seconds):
            # this ends the wait for a place; a thread that works already is not left before it is through
            return await asking_chorus(work)
        return None

    return await _waited(unless_late(), seconds)


async def _waited(asked: Coroutine[Any, Any, Answer], seconds: float) -> Answer | None:
    """The answer, or None after so many seconds: then nobody waits for it any more."""
    task = asyncio.create_task(asked)
    _going_on.add(task)
    task.add_done_callback(_ended)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return task.result() if done else None


def _ended(task: asyncio.Task[Any]) -> None:
    _going_on.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.info("Work for a page ended with an error: %s", error)
