"""What people were told, as they see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from include.application.ports.paging import Page, PageRequest
from include.domain.notification import Event, EventKind

SORTS = ("at",)
"""In the order in which events were stored."""


@dataclass(frozen=True, kw_only=True)
class NotificationRow:
    """An event that somebody was told of; `document_id` is that of its invoice, `read_at` None while it is unread."""

    event: Event
    document_id: int | None
    read_at: dt.datetime | None


class NotificationViews(Protocol):
    """What people were told."""

    def page(
        self, user: str | None, request: PageRequest, *, unread: bool = False, kind: EventKind | None = None
    ) -> Page[NotificationRow]:
        """One page of what this person was told, with `unread` only what is not read yet; None: of every event.

        Nobody's marks stand beside every event. InputError for a torn cursor.
        """

    def unread(self, user: str) -> int:
        """How much this person has not read yet."""
