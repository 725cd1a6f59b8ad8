"""Pages of a list by keys instead of numbers: rows after, or before, the row that a cursor names."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from include.domain.errors import InputError

Row = TypeVar("Row")
Key = str | int | dt.date | dt.datetime

MOST_ROWS = 200
"""Most rows on one page."""

EXACT_TOTAL = 10_000
"""Rows up to which a list is counted exactly; beyond it says "at least"."""


_NO_NUMBER = 2**63
"""A number that no column holds."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a list: the sort, and the row's value in it with its id."""

    sort: str
    value: Key
    id: int

    def __str__(self) -> str:
        """Opaque, fit for an address."""
        value = self.value.isoformat() if isinstance(self.value, dt.date) else self.value
        text = json.dumps([self.sort, value, self.id], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor(text: str, sort: str, kind: type[Key]) -> Cursor:
    """The cursor of a list with this sort, whose values are of this kind; InputError when it is torn or of another."""
    try:
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        of, value, row_id = found
        if issubclass(kind, dt.date):
            value = kind.fromisoformat(value)
        made = Cursor(sort=of, value=_with_zone(value), id=row_id)
        known = of == sort and type(value) is kind and type(row_id) is int and str(made) == text
        if known and all(abs(number) < _NO_NUMBER for number in (row_id, value) if isinstance(number, int)):
            return made
    except (ValueError, TypeError, binascii.Error):
        pass
    raise InputError("torn_cursor")


def _with_zone(value: Key) -> Key:
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        raise ValueError("a time without zone")
    return value


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Which page: at most `limit` rows after or before a cursor, else the first ones; `-` before a sort: descending."""

    sort: str
    after: str | None = None
    before: str | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        """InputError for a limit out of bounds, or two directions at once."""
        if not 1 <= self.limit <= MOST_ROWS:
            raise InputError("page_limit", most=MOST_ROWS, limit=self.limit)
        if self.after is not None and self.before is not None:
            raise InputError("page_of_two_places")

    @property
    def column(self) -> str:
        """The sort without its direction."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.sort.startswith("-")


def check_sort(sort: str, allowed: Sequence[str]) -> None:
    """InputError for a sort that this list has not."""
    if sort.removeprefix("-") not in allowed:
        raise InputError("no_such_sort", sort=sort, allowed=", ".join(allowed))


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the pages beside it begin; None: there is no such page."""

    items: tuple[Row, ...]
    after: str | None = None
    before: str | None = None


def page_of(rows: Sequence[Row], request: PageRequest, sorts: Mapping[str, type[Key]]) -> Page[Row]:
    """One page of rows that stand in memory; a sort is an attribute of theirs, of this kind.

    Their places among the rows settle the order of those whose values are the same.
    """
    check_sort(request.sort, tuple(sorts))
    places = [(getattr(row, request.column), number) for number, row in enumerate(rows)]
    places.sort(reverse=request.descending)
    text = request.before if request.after is None else request.after
    backwards = request.before is not None
    if text is not None:
        found = cursor(text, request.sort, sorts[request.column])
        here = (found.value, found.id)
        places = [place for place in places if (place < here if request.descending != backwards else place > here)]
    more = len(places) > request.limit
    places = places[-request.limit :] if backwards else places[: request.limit]
    follows, precedes = (bool(places), more) if backwards else (more, text is not None and bool(places))
    ends = [str(Cursor(sort=request.sort, value=value, id=number)) for value, number in (*places[-1:], *places[:1])]
    return Page(
        items=tuple(rows[number] for _, number in places),
        after=ends[0] if follows else None,
        before=ends[1] if precedes else None,
    )


def every(page: Callable[[PageRequest], Page[Row]], *, sort: str) -> Iterator[Row]:
    """All rows of a list, page after page."""
    request: PageRequest | None = PageRequest(sort=sort, limit=MOST_ROWS)
    while request is not None:
        found = page(request)
        yield from found.items
        request = PageRequest(sort=sort, after=found.after, limit=MOST_ROWS) if found.after is not None else None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How much a filter takes.

    `total`: rows, no more than EXACT_TOTAL, and then `at_least`; `amount`: their total including tax in euros, credit
    notes subtracted. `counts`: rows by tab (or status), under the filter without its tab.
    """

    total: int
    amount: Decimal
    at_least: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
