"""What an error that nobody foresaw leaves with the invoice that it happened at, and who hears of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from include.domain.causes import CauseCode, cause
from include.domain.internal_errors import CODE, Item, Stage
from include.domain.lifecycle import SHELVABLE, RowVersion, State
from include.domain.notification import EventKind, NewEvent, one_line
from include.domain.reasons import Reason
from include.domain.transitions.change import ASSESS_AGAIN, Change, Move

_LONGEST_NAME = 200
_UNJUDGED = (State.READ, State.READY)
_SHOWN_IN = SHELVABLE - {State.REFUSED, State.UNREADABLE}
"""There the reasons are made anew by the next stage that succeeds; a refusal must stay in sight."""


@dataclass(frozen=True, kw_only=True)
class InternalFault:
    """One item of one stage, and the reference under which the log tells what happened.

    `item` names it in the log and in the alert; without `row_version` no invoice of ours is concerned.
    """

    stage: Stage
    reference: str
    item: Item
    row_version: RowVersion | None = None
    provider_key: str | None = None

    @property
    def reason(self) -> Reason:
        """The reason that a person sees."""
        return Reason(code=CODE, params={"stage": self.stage, "reference": self.reference})


def internal_error(fault: InternalFault, row_version: RowVersion, before: Sequence[Reason]) -> Change | None:
    """The reason beside those that stand there; None where it stands there already, or nothing may touch the row.

    What nobody could assess is shown as incomplete, and assessed again in each pass. What is being sent or was sent
    keeps its row: a sender may hold this very version.
    """
    if row_version.state not in _SHOWN_IN:
        return None
    reasons = (*(one for one in before if one.code != CODE), fault.reason)
    if reasons == tuple(before):
        return None
    if fault.stage == "map" and row_version.state in _UNJUDGED:
        move = Move(after=State.TO_COMPLETE, cause=cause(CauseCode.INCOMPLETE, [fault.reason]))
        values = {"reasons": (fault.reason,), **ASSESS_AGAIN}
        return Change(row_version=row_version, moves=(move,), values=values)
    return Change(row_version=row_version, values={"reasons": reasons})


def internal_error_told(fault: InternalFault, now: dt.datetime) -> NewEvent:
    """Told once for each item, stage and error, however many passes meet it."""
    name = hashlib.sha256(str(fault.item).encode(errors="backslashreplace")).hexdigest()[:16]
    return NewEvent(
        kind=EventKind.ALERT,
        at=now,
        provider_key=fault.provider_key,
        invoice_id=None if fault.row_version is None else fault.row_version.invoice_id,
        facts={
            "code": CODE,
            "stage": fault.stage,
            "reference": fault.reference,
            "kind": fault.item.kind,
            "item": one_line(str(fault.item.name).encode(errors="backslashreplace").decode(), _LONGEST_NAME),
        },
        once=f"{CODE}:{fault.stage}:{name}:{fault.reference}",
    )
