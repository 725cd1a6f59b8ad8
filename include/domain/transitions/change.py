"""A decision about one invoice as a value: what storage applies in one UPDATE.

`row_version` stands in the WHERE, so that whoever decided by an older version changes nothing.
Source: docs/adr/0016-pure-decisions.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.domain.causes import Cause, CauseCode, cause, free_text
from include.domain.errors import MoveForbiddenError
from include.domain.lifecycle import RowVersion, State, allowed
from include.domain.mapping import Draft
from include.domain.notification import EventKind, NewEvent, invoice_facts
from include.domain.submission import AttemptState

SYSTEM = "system"

NO_OWNER: dict[str, Any] = {"owner": None, "lease_until": None}
"""Values that end the claim of a sender on the row."""

ASSESS_AGAIN: dict[str, Any] = {"judged_revision": None}
MATCH_AGAIN: dict[str, Any] = {"criteria_revision": None, "judged_revision": None}
"""Values that make the next pass assess the invoice anew; MATCH_AGAIN: hold it against the criteria anew, too."""

NOT_SHELVED: dict[str, Any] = {"shelved_from": None, "shelved_reason": None, "shelved_by": None}


def why_shelved(reason: str | None, by: str | None) -> Cause | None:
    """What `shelved_reason` says: a code of ours where the connector itself put it aside, else a person's words."""
    if reason is None:
        return None
    return cause(CauseCode(reason)) if by == SYSTEM else free_text(reason)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One line in the log of moves; one into the state where the invoice is already is logged and moves nothing."""

    after: State
    cause: Cause


@dataclass(frozen=True, kw_only=True)
class AttemptChange:
    """What became of one attempt: its state, and values of its columns. A taken one never becomes anything else."""

    attempt_id: int
    state: AttemptState
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one invoice.

    `moves` are made one after the other; `values` are typed values by the names of their columns. Without either the
    row is not touched, only `attempts` are: an answer that comes too late for the row is kept all the same. `events`
    are announced only if the row changed. `confirmed_by_platform`: it is known to hold the invoice.
    """

    row_version: RowVersion
    moves: tuple[Move, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    actor: str = SYSTEM
    attempts: tuple[AttemptChange, ...] = ()
    events: tuple[NewEvent, ...] = ()
    shelved_from: State | None = None
    confirmed_by_platform: bool = False

    @property
    def after(self) -> State:
        """Where the invoice stands once this is applied."""
        return self.moves[-1].after if self.moves else self.row_version.state

    @property
    def touches_row(self) -> bool:
        """Whether there is anything to write into the row, and not only into the log."""
        return bool(self.values) or self.after is not self.row_version.state

    def check(self) -> None:
        """MoveForbiddenError when the table of moves has no such move."""
        before = self.row_version.state
        for move in self.moves:
            remembered = move.after is before
            if not remembered and not allowed(
                before,
                move.after,
                shelved_from=self.shelved_from,
                confirmed_by_platform=self.confirmed_by_platform,
            ):
                raise MoveForbiddenError(
                    "move_forbidden", invoice_id=self.row_version.invoice_id, state=before, after=move.after
                )
            before = move.after


def invoice_event(
    kind: EventKind,
    row_version: RowVersion,
    *,
    document: str | None,
    provider_key: str | None,
    draft: Draft | None,
    now: dt.datetime,
    once: str | None = None,
    **rest: Any,
) -> NewEvent:
    """An event about an invoice, with what a reader needs to recognise it; `rest` goes to `invoice_facts`."""
    values = draft or Draft()
    facts = invoice_facts(
        document=document,
        number=values.text("invoice_number"),
        recipient_name=values.text("recipient_name"),
        recipient_siret=values.text("recipient_siret"),
        total_incl_tax=values.shown("total_incl_tax"),
        user_label=values.text("user_label"),
        **rest,
    )
    return NewEvent(
        kind=kind, at=now, provider_key=provider_key, invoice_id=row_version.invoice_id, facts=facts, once=once
    )
