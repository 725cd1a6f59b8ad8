"""Which errors are the fault of one item and which of the surroundings: the one rule of every loop over items.

An error that nobody foresaw costs the item that it happened at; the others go on. What is wrong with database, disk,
network or configuration is wrong for all of them, and ends the loop.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, get_args

from include.domain.errors import (
    AlreadySentError,
    ConnectorError,
    ContentMissingError,
    DocumentError,
    MoveForbiddenError,
    StaleError,
)

CODE = "internal_error"
"""The reason of an item that met such an error, and the alert that tells of it."""

Stage = Literal[
    "collect", "correct", "link", "map", "match", "notify", "read", "reconcile", "retrieve", "submit", "write_back"
]
STAGES: frozenset[str] = frozenset(get_args(Stage))
"""Where it can happen; people read the words of `stage`."""

ItemKind = Literal[
    "body", "chorus_invoice", "correction", "document", "event", "history", "invoice", "mail", "provider"
]
ITEM_KINDS: frozenset[str] = frozenset(get_args(ItemKind))
"""What a loop goes over; people read the words of `item`."""

Key = TypeVar("Key")
Thing = TypeVar("Thing")

_OF_ONE_ITEM = (DocumentError, MoveForbiddenError, AlreadySentError, ContentMissingError, StaleError)
_OF_ONE_FILE = frozenset(
    {
        errno.EACCES,
        errno.EINVAL,
        errno.EILSEQ,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EPERM,
    }
)


@dataclass(frozen=True)
class Item:
    """One thing that a loop works on: `name` is its number, what a person knows it by, or both.

    A correction and a history are named by the number of their invoice.
    """

    kind: ItemKind
    name: str | int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def concerns_one_item(error: Exception) -> bool:
    """Whether the next item may well succeed; what the operating system says is as a rule of the surroundings."""
    if isinstance(error, ConnectorError):
        return isinstance(error, _OF_ONE_ITEM)
    if isinstance(error, OSError):
        return error.errno in _OF_ONE_FILE
    return True


class setting_aside(contextlib.AbstractContextManager[None, bool], Generic[Key]):
    """Runs the work on one item; its error is kept under `key`, one of the surroundings goes on its way.

    Without `errors` nobody asks for them, and each goes on its way.
    """

    def __init__(self, errors: MutableMapping[Key, Exception] | None, key: Key) -> None:
        self._errors = errors
        self._key = key

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """True, and the error is kept, where the next item may well succeed."""
        if self._errors is None or not isinstance(error, Exception) or not concerns_one_item(error):
            return False
        self._errors[self._key] = error
        return True


def apply_in_parts(items: Sequence[Thing], work: Callable[[Sequence[Thing]], object]) -> list[tuple[Thing, Exception]]:
    """Does work that takes many items at once, each part whole or not at all; those that it fails for, alone.

    As long as nothing fails it is called once; a part that fails is cut in two until the item stands alone.
    """
    failed: list[tuple[Thing, Exception]] = []
    waiting = [items] if items else []
    while waiting:
        part = waiting.pop()
        errors: dict[int, Exception] = {}
        with setting_aside(errors, 0):
            work(part)
        if not errors:
            continue
        if len(part) == 1:
            failed.append((part[0], errors[0]))
        else:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return failed


def reference_of(stage: str, error: BaseException) -> str:
    """Eight signs that stand in log, reason and alert; the same as long as the same error comes from the same place."""
    told = [stage, type(error).__qualname__, *places(error)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]


def places(error: BaseException) -> list[str]:
    """`module:line` of every frame that the error went through, innermost last, without any value."""
    found = []
    frame = error.__traceback__
    while frame is not None:
        found.append(f"{frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}")
        frame = frame.tb_next
    return found
