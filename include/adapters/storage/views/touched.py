"""Which sent invoices a person had touched before the platform took them."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import attempts, invoices, moves
from include.domain.lifecycle import State
from include.domain.submission import AttemptState
from include.domain.transitions.change import SYSTEM

TAKEN = sa.and_(attempts.c.kind == "submission", attempts.c.state == AttemptState.TAKEN)
"""Attempts by which the platform took an invoice."""


def touched() -> sa.ColumnElement[bool]:
    """A typed value, or a move before the attempt closed that a person asked for.

    The claim carries the worker's name, so it is no person's move.
    """
    typed = sa.and_(invoices.c.edits.is_not(None), sa.cast(invoices.c.edits, sa.Text) != "{}")
    moved = (
        sa.select(moves.c.id)
        .where(
            moves.c.invoice_id == invoices.c.id,
            moves.c.actor != SYSTEM,
            moves.c.after != State.SUBMITTING,
            moves.c.at <= attempts.c.closed_at,
        )
        .exists()
    )
    return sa.or_(typed, moved)
