"""States of an invoice inside the connector and the moves between them: one table (design section 6).

The store checks this table in the same UPDATE that makes the move; each move is logged with its cause and actor.
"""

from __future__ import annotations

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

SHELVABLE = frozenset({S.DETECTED, S.IGNORED, S.MATCHED, S.READ, S.TO_COMPLETE, S.READY, S.REFUSED, S.UNREADABLE})
"""From these a person may hold or discard an invoice, with a reason; it comes back to the state before."""

UNSENT = frozenset({S.DETECTED, S.IGNORED, S.MATCHED, S.READ, S.TO_COMPLETE, S.READY, S.UNREADABLE})
"""Nothing of it was ever taken by the platform as far as we know."""

FROZEN = frozenset({S.SUBMITTING, S.UNKNOWN})
"""Counts as sent: not judged, mapped or edited (exactly-once 4)."""

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


def allowed(before: State, after: State, *, shelved_from: State | None = None, proof: bool = False) -> bool:
    """Whether the move is in the table; a shelved invoice goes back only to the state it was taken from.

    `proof`: the platform is known to hold it (a late answer, a search, a retrieval). Then whatever we made of it
    meanwhile, it is submitted: what the platform holds can always become `submitted`.
    """
    if proof and after is S.SUBMITTED:
        return before in UNSENT | FROZEN | {S.REFUSED, S.HELD, S.DISCARDED}
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
