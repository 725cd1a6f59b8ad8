"""What a person asked to be done with many documents at once, frozen when it was asked, and what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

RESEND = "resend"
"""The action of `chorus_resubmission` when its own form chose the invoices; each screen that acts on many rows names
its own."""

SUBMIT = "submit"
"""The action of a person who sends what is ready of many documents; `chorus_resubmission` carries it out too."""


@dataclass(frozen=True, kw_only=True)
class BulkResult:
    """What became of one document.

    `state` is that of its invoice afterwards; None: there is none, or the person who asked does not see it. `message`
    is what else is to be said, as `include.texts.store` writes a text; empty: the state says it all.
    """

    state: str | None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class BulkItem:
    """One document of a request, as it was when the request was made.

    `version`, `attempts` and `state` are those of its invoice; `result` is None until something was done about it, or
    it was plain from the beginning that nothing would be.
    """

    document_id: int
    invoice_id: int | None = None
    version: int | None = None
    attempts: int = 0
    state: str | None = None
    result: BulkResult | None = None


@dataclass(frozen=True, kw_only=True)
class BulkRequest:
    """A request with its items, ordered by document; nobody finds it after `keep_until`."""

    id: int
    action: str
    actor: str
    created_at: dt.datetime
    keep_until: dt.datetime
    params: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[BulkItem, ...] = ()

    @property
    def done(self) -> int:
        """How many items have a result."""
        return sum(item.result is not None for item in self.items)


class BulkRequests(Protocol):
    """Requests, each written once; only results are added. Each method is one transaction."""

    def create(
        self,
        action: str,
        items: Sequence[BulkItem],
        *,
        actor: str,
        now: dt.datetime,
        keep_until: dt.datetime,
        params: Mapping[str, Any] | None = None,
    ) -> int:
        """Stores the request, with the results that there are, and returns its id; those whose time is over go."""

    def get(self, request_id: int, *, now: dt.datetime) -> BulkRequest | None:
        """The request; None where there is none, or its time is over."""

    def left(self, *, now: dt.datetime) -> Sequence[tuple[int, str]]:
        """Requests that no flow carries out, that are not done to their end and no worker has: id and actor of each."""

    def record(self, request_id: int, results: Mapping[int, BulkResult], *, now: dt.datetime) -> None:
        """Results by document id; a later one takes the place of an earlier one, other documents are passed over."""

    def lease(self, request_id: int, worker: str, *, now: dt.datetime, until: dt.datetime) -> bool:
        """Gives the work on a request to one worker until then; again: for longer, or, with `now`, gives it back.

        False while another worker has it, and for a request that is not found any more.
        """
