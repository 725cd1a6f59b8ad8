"""An invoice and its attempts as the rules of sending look at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import Draft, sent_digest
from include.domain.notification import EventKind, NewEvent
from include.domain.submission import AttemptState, Submission
from include.domain.transitions.change import invoice_event


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One sending as the rules look at it."""

    id: int
    state: AttemptState
    submission: Submission
    owner: str
    chorus_id: int | None = None
    refusal_number: int | None = None
    refusal_label: str | None = None


@dataclass(frozen=True, kw_only=True)
class SentInvoice:
    """An invoice as the rules of sending look at it, with all its attempts, the oldest first."""

    row_version: RowVersion
    document: str | None
    draft: Draft
    provider_key: str | None
    environment: str | None
    owner: str | None = None
    attachments: Sequence[str] = ()
    attachment_types: Mapping[str, str] = field(default_factory=dict)
    empty_searches: int = 0
    search_after: dt.datetime | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def facts(self) -> list[tuple[AttemptState, Submission]]:
        """State and content of all attempts, as the rules of searching want them."""
        return [(attempt.state, attempt.submission) for attempt in self.attempts]

    def owned_by(self, attempt_id: int, owner: str) -> bool:
        """Whether this attempt's sender still owns it: no newer attempt, no lapsed lease that somebody acted on."""
        newest = self.attempts[-1].id if self.attempts else None
        return self.row_version.state is State.SUBMITTING and self.owner == owner and newest == attempt_id

    def with_attempt(self, attempt_id: int, state: AttemptState, **values: Any) -> SentInvoice:
        """The same after this became of one attempt; a taken one stays so."""
        changed = tuple(
            replace(attempt, state=state, **values)
            if attempt.id == attempt_id and attempt.state is not AttemptState.TAKEN
            else attempt
            for attempt in self.attempts
        )
        return replace(self, attempts=changed)

    @property
    def digest(self) -> str:
        """Of all that it would send (docs/reference/exactly-once.md 7)."""
        return sent_digest(self.draft, self.provider_key, self.attachments, self.attachment_types)


def told(invoice: SentInvoice, kind: EventKind, now: dt.datetime, **rest: Any) -> NewEvent:
    """An event about it; `rest` are facts of the event."""
    return invoice_event(
        kind,
        invoice.row_version,
        document=invoice.document,
        provider_key=invoice.provider_key,
        draft=invoice.draft,
        now=now,
        **rest,
    )
