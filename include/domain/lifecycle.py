"""States of an invoice inside the connector and the moves between them: one table (docs/adr/0009-state-table.md).

The store checks this table in the same UPDATE that makes the move; each move is logged with its cause and actor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an invoice stands."""

    DETECTED = "detected"
    MATCHED = "matched"
    IGNORED = "ignored"
    READ = "read"
    UNREADABLE = "unreadable"
    TO_COMPLETE = "to_complete"
    READY = "ready"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    TO_PROCESS = "to_process"
    CORRECTING = "correcting"
    CORRECTION_UNKNOWN = "correction_unknown"
    CLOSED = "closed"
    HELD = "held"
    DISCARDED = "discarded"


S = State


@dataclass(frozen=True, kw_only=True)
class RowVersion:
    """The right to write about one invoice: its id with the state and version that were read."""

    invoice_id: int
    state: State
    version: int


SHELVABLE = frozenset({S.DETECTED, S.IGNORED, S.MATCHED, S.READ, S.TO_COMPLETE, S.READY, S.REFUSED, S.UNREADABLE})
"""States from which a person may hold or discard an invoice, with a reason; it comes back to the state before."""

UNSENT = frozenset({S.DETECTED, S.IGNORED, S.MATCHED, S.READ, S.TO_COMPLETE, S.READY, S.UNREADABLE})
"""States of invoices of which the platform, as far as we know, never took anything."""

TO_BE_SENT = frozenset({S.TO_COMPLETE, S.READY})
"""States of invoices that were assessed and go out next, or once a person has completed them."""

ASSESSED_ONCE = frozenset(S) - {S.DETECTED, S.IGNORED, S.MATCHED, S.READ, S.HELD, S.DISCARDED}
"""States that an invoice reaches only after it was read and assessed; a person may shelve one that never was."""

FROZEN = frozenset({S.SUBMITTING, S.UNKNOWN})
"""States that count as sent: the invoice is not assessed, mapped or edited (docs/reference/exactly-once.md 4)."""

CONFIRMABLE = UNSENT | FROZEN | {S.REFUSED, S.HELD, S.DISCARDED}
"""States from which an invoice becomes `submitted` once the platform is known to hold it, whatever we made of it
meanwhile."""

UNMATCHED = frozenset({S.DETECTED, S.IGNORED})
"""States of documents that no criterion has taken."""

ASSESSABLE = frozenset({S.READ, S.TO_COMPLETE, S.READY, S.REFUSED})
"""States in which an invoice is mapped and validated; and `unreadable`, once a person typed something."""

EDITABLE = ASSESSABLE | {S.UNREADABLE}
"""States in which a person fills in the form; of an unreadable document all of it."""

ON_THE_PLATFORM = frozenset({S.SUBMITTED, S.TO_PROCESS, S.CORRECTING, S.CORRECTION_UNKNOWN, S.CLOSED})
"""States of invoices that the platform is known to hold."""

GREEN = frozenset({S.READY})
RED = frozenset({S.TO_COMPLETE, S.REFUSED, S.UNREADABLE})

_MOVES: dict[State, frozenset[State]] = {
    S.DETECTED: frozenset({S.MATCHED, S.IGNORED}),
    S.IGNORED: frozenset({S.MATCHED}),
    S.MATCHED: frozenset({S.READ, S.UNREADABLE, S.IGNORED}),
    S.UNREADABLE: frozenset({S.MATCHED, S.TO_COMPLETE}),
    S.READ: frozenset({S.TO_COMPLETE, S.READY, S.MATCHED, S.IGNORED}),
    S.TO_COMPLETE: frozenset({S.READY, S.MATCHED, S.IGNORED}),
    S.READY: frozenset({S.TO_COMPLETE, S.SUBMITTING, S.MATCHED, S.IGNORED, S.SUBMITTED}),
    S.SUBMITTING: frozenset({S.SUBMITTED, S.REFUSED, S.UNKNOWN, S.READY}),
    S.UNKNOWN: frozenset({S.SUBMITTED, S.READY, S.REFUSED}),
    S.REFUSED: frozenset({S.TO_COMPLETE, S.MATCHED, S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.TO_PROCESS}),
    S.TO_PROCESS: frozenset({S.SUBMITTED, S.CORRECTING, S.CLOSED}),
    S.CORRECTING: frozenset({S.SUBMITTED, S.TO_PROCESS, S.CORRECTION_UNKNOWN}),
    S.CORRECTION_UNKNOWN: frozenset({S.SUBMITTED, S.TO_PROCESS}),
    S.CLOSED: frozenset({S.TO_PROCESS}),
    S.HELD: frozenset(),
    S.DISCARDED: frozenset(),
}


def allowed(
    before: State, after: State, *, shelved_from: State | None = None, confirmed_by_platform: bool = False
) -> bool:
    """Whether the move is in the table; a shelved invoice goes back only to the state it was taken from.

    `confirmed_by_platform`: the platform is known to hold it (a late answer, a search, a retrieval). Then whatever we
    made of it meanwhile, it is submitted: what the platform holds can always become `submitted`.
    """
    if confirmed_by_platform and after is S.SUBMITTED:
        return before in CONFIRMABLE
    if after in (S.HELD, S.DISCARDED):
        return before in SHELVABLE
    if before in (S.HELD, S.DISCARDED):
        return after == shelved_from
    return after in _MOVES[before]


def ways_out(state: State) -> frozenset[State]:
    """Every state that can follow, shelving and coming back included."""
    if state in (S.HELD, S.DISCARDED):
        return SHELVABLE
    return _MOVES[state] | (frozenset({S.HELD, S.DISCARDED}) if state in SHELVABLE else frozenset())
