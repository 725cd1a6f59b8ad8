"""The query of an address: the whole state of a list, kept in every link of its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode

from fastapi import Request

from include.application.ports.paging import MOST_ROWS, PageRequest
from include.domain.errors import InputError
from include.domain.values import parse_amount, parse_date

PLACES = ("after", "before")
"""Where in the list; every other link than the one to the next page leaves them out."""


def row_id(text: str | None) -> int | None:
    """An id in an address; None for what cannot be one, however large."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


class Query:
    """What the address of a list asks for; blank values count as not given, unknown keys are passed over."""

    def __init__(self, request: Request, *, keys: tuple[str, ...], sort: str) -> None:
        self._set(request.url.path, {key: request.query_params.getlist(key) for key in keys}, sort)

    @classmethod
    def of(cls, path: str, values: Mapping[str, Sequence[str]], *, sort: str) -> Query:
        """The same, from values that stand somewhere else than in the address."""
        made = cls.__new__(cls)
        made._set(path, values, sort)
        return made

    def _set(self, path: str, values: Mapping[str, Sequence[str]], sort: str) -> None:
        self._path = path
        given = {key: [one for one in some if one.strip()] for key, some in values.items()}
        self._values = {key: some for key, some in given.items() if some}
        self.sort = self.one("sort") or sort

    def one(self, key: str) -> str | None:
        """The value of a key that may stand once."""
        found = self._values.get(key)
        return found[0] if found else None

    def all(self, key: str) -> list[str]:
        """The values of a key that may stand several times."""
        return self._values.get(key, [])

    def day(self, key: str) -> dt.date | None:
        """A day of Paris, `2026-11-26` or `26/11/2026`; InputError for anything else."""
        text = self.one(key)
        if text is None:
            return None
        found = parse_date(text)
        if found is None:
            raise InputError("no_date", text=text)
        return found

    def amount(self, key: str) -> Decimal | None:
        """Euros, with point or comma; InputError for anything else."""
        text = self.one(key)
        if text is None:
            return None
        found = parse_amount(text)
        if found is None:
            raise InputError("no_amount", text=text)
        return found

    def page(self) -> PageRequest:
        """Which page of the list."""
        return PageRequest(sort=self.sort, after=self.one("after"), before=self.one("before"), limit=self._limit())

    def _limit(self) -> int:
        text = self.one("limit")
        if text is not None and not (text.isascii() and text.isdecimal() and len(text) < 6):
            raise InputError("page_limit", most=MOST_ROWS, limit=text)
        return PageRequest.limit if text is None else int(text)

    def link(self, **changed: str | list[str] | None) -> str:
        """The address with some keys changed (None: left out), at the beginning of its list."""
        values = {**{key: value for key, value in self._values.items() if key not in PLACES}, **changed}
        query = urlencode([(key, value) for key, value in values.items() if value is not None], doseq=True)
        return f"{self._path}?{query}" if query else self._path

    @property
    def text(self) -> str:
        """The query itself, with its place, for the links of rows: a page behind them knows the list it came from."""
        return urlencode(self._values, doseq=True)
