"""Copying a content store to another address (`chorus files move`): each content verified on both sides, none deleted.

It may be stopped and repeated at any time: what is already there is verified and left. Whoever changes
CHORUS_FILES_URL afterwards repeats it once more, for what came meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import StrEnum

from include.application.ports.files import ContentStore
from include.domain.errors import ContentMissingError, InputError, StoreError

AT_ONCE = 8


class Outcome(StrEnum):
    """What became of one content."""

    COPIED = "copied"
    PRESENT = "present"
    DAMAGED = "damaged"
    GONE = "gone"


@dataclass(kw_only=True)
class MoveReport:
    """Contents by outcome, their bytes that were copied, and the keys of those that could not be."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    bytes_copied: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether everything is in the new place, with its digest."""
        return not self.failed


def move_contents(
    source: ContentStore, target: ContentStore, *, on_progress: Callable[[int, int], None] = lambda _done, _all: None
) -> MoveReport:
    """Copies what the target lacks; StoreError when one of the two fails, after which it can be repeated.

    `on_progress` hears how many contents are done, and of how many.
    """
    if source.address.rstrip("/") == target.address.rstrip("/"):
        raise InputError("files_same_place", url=target.address)
    sizes, there = source.sizes(), target.sizes()
    report = MoveReport()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="move") as pool:
        for done, (key, outcome) in enumerate(
            _side_by_side(pool, sizes, lambda key: _move(source, target, key, there.get(key))), start=1
        ):
            report.counts[outcome] += 1
            if outcome is Outcome.COPIED:
                report.bytes_copied += sizes[key]
            if outcome in (Outcome.DAMAGED, Outcome.GONE):
                report.failed.append(key)
            on_progress(done, len(sizes))
    report.failed.sort()
    return report


def _side_by_side(
    pool: ThreadPoolExecutor, keys: Iterable[str], move: Callable[[str], Outcome]
) -> Iterator[tuple[str, Outcome]]:
    """A few at a time, so that neither memory nor what a failure leaves behind grows with the store."""
    running: dict[Future[Outcome], str] = {}
    for key in keys:
        running[pool.submit(move, key)] = key
        if len(running) >= AT_ONCE:
            yield from _ended(running)
    while running:
        yield from _ended(running)


def _ended(running: dict[Future[Outcome], str]) -> Iterator[tuple[str, Outcome]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


def _move(source: ContentStore, target: ContentStore, key: str, size: int | None) -> Outcome:
    """One content: verified where it is, written, and read back from its new place."""
    if size is not None and _holds(target, key):
        return Outcome.PRESENT
    try:
        content = source.fetch(key)
    except ContentMissingError:
        return Outcome.GONE
    if not _is_whole(key, content):
        return Outcome.DAMAGED
    target.store(key, content)
    if not _holds(target, key):
        raise StoreError("files_not_kept", url=target.address, key=key)
    return Outcome.COPIED


def _holds(store: ContentStore, key: str) -> bool:
    try:
        return _is_whole(key, store.fetch(key))
    except ContentMissingError:
        return False


def _is_whole(key: str, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == key.rpartition("/")[2]
