"""Events and the digests that tell them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.notification import Digest, Event, EventKind, NewEvent


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A digest that has to be mailed; `tries` counts how often it was postponed."""

    id: int
    user: str
    kind: EventKind
    message_id: str
    count: int
    tries: int = 0


class Outbox(Protocol):
    """Events and the digests that tell them. Each method is one transaction.

    An event is written by the store in the transaction that caused it, never through this port; the alerts given below
    are written with what they tell of. An event whose `once` is already stored is dropped.
    """

    def undistributed(self, *, after: int, limit: int) -> Sequence[Event]:
        """Events that nobody was told of yet, with ids above `after`, in the order of their ids."""

    def told(self, kind: EventKind, *, since: dt.datetime) -> Sequence[Event]:
        """Events of this kind that happened since then and were distributed already, in the order of their ids."""

    def distribute(self, digests: Sequence[Digest], event_ids: Sequence[int], *, now: dt.datetime) -> None:
        """Marks the events distributed and stores one delivery per digest: due at once if mailed, else dashboard only.

        StaleError, and nothing is stored, when one of the events was already distributed by somebody else.
        """

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """Mails neither accepted nor failed, whose next try has come and that nobody holds; longest waiting first."""

    def events_of(self, delivery_id: int, *, limit: int) -> Sequence[Event]:
        """The first events of a digest, in the order of their ids."""

    def claim(self, delivery_id: int, *, owner: str, until: dt.datetime, now: dt.datetime) -> bool:
        """Takes the lease of a due mail: True for exactly one caller until the lease ends."""

    def mailed(self, delivery_id: int, *, now: dt.datetime) -> None:
        """The server accepted it. Holds whoever owns the lease by now."""

    def failed(
        self, delivery_id: int, *, owner: str, reason: str, now: dt.datetime, alert: NewEvent | None = None
    ) -> None:
        """Given up for good, with the alert in the same transaction; nothing happens unless `owner` holds the lease."""

    def postponed(
        self, delivery_id: int, *, owner: str, next_try: dt.datetime, reason: str, alert: NewEvent | None = None
    ) -> None:
        """To be tried again, with one more try counted and the lease given back; only if `owner` holds it."""

    def mark_read(self, user: str, event_ids: Sequence[int] | None, *, now: dt.datetime) -> None:
        """This person has read these, or with None all; what was never told to that person is passed over.

        What was read before keeps its time.
        """
