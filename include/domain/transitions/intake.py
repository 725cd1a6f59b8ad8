"""What the portal, the criteria and the reading make of an invoice: from detection to `read`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from include.domain.causes import CauseCode, cause
from include.domain.lifecycle import FROZEN, SHELVABLE, UNSENT, RowVersion, State
from include.domain.notification import EventKind, NewEvent
from include.domain.reading import Reading
from include.domain.reasons import PASSING, Reason
from include.domain.transitions.change import (
    ASSESS_AGAIN,
    MATCH_AGAIN,
    NOT_SHELVED,
    SYSTEM,
    Change,
    Move,
    invoice_event,
)

MATCHABLE = SHELVABLE
"""States in which the criteria may decide anew."""

FIRST = Move(after=State.DETECTED, cause=cause(CauseCode.FOUND))
"""The first move of every document of the portal."""

RECALLED = UNSENT | {State.REFUSED}
"""States of invoices that are looked at again when an attachment comes or goes."""


@dataclass(frozen=True, kw_only=True)
class MatchResult:
    """What the criteria said of a document; `stored_sha256` is the content that was copied, for a matched one.

    `criteria` took it, `backfilled` of them by an explicit back-fill; `provider_scope` are the providers they allow.
    """

    matched: bool
    stored_sha256: str | None
    criteria: tuple[str, ...]
    provider_scope: tuple[str, ...]
    reasons: tuple[Reason, ...]
    backfilled: tuple[str, ...] = ()


def matched(row_version: RowVersion, result: MatchResult, *, stored_before: str | None, revision: int) -> Change:
    """`matched` or `ignored`; new bytes are read anew wherever the invoice stands, new metadata only assessed anew."""
    before = row_version.state
    values: dict[str, Any] = {
        "criteria_revision": revision,
        "criteria": list(result.criteria),
        "backfilled": list(result.backfilled) or None,
        "provider_scope": list(result.provider_scope),
    }
    if not result.matched:
        values["reasons"] = result.reasons
        # what a person or the platform has seen stays in sight
        stays = before in (State.IGNORED, State.UNREADABLE, State.REFUSED)
        ignored = (Move(after=State.IGNORED, cause=cause(CauseCode.NO_CRITERION)),)
        return Change(row_version=row_version, moves=() if stays else ignored, values=values)
    values |= {"content_sha256": result.stored_sha256, **ASSESS_AGAIN}
    fresh = before in (State.DETECTED, State.IGNORED)
    why = cause(CauseCode.NEW_CONTENT)
    if fresh:
        why = cause(CauseCode.CRITERIA_MATCHED, criteria=", ".join(result.criteria))
    moves = before is not State.MATCHED and (fresh or result.stored_sha256 != stored_before)
    return Change(
        row_version=row_version, moves=(Move(after=State.MATCHED, cause=why),) if moves else (), values=values
    )


def read(row_version: RowVersion, result: Reading | Reason, *, document: str | None, now: dt.datetime) -> Change:
    """`read`, or `unreadable` with the reason why."""
    if isinstance(result, Reading):
        why = cause(CauseCode.READ, kind=result.kind)
        values = {"reasons": (), **ASSESS_AGAIN}
        return Change(row_version=row_version, moves=(Move(after=State.READ, cause=why),), values=values)
    event = invoice_event(
        EventKind.AWAITING_SUBMISSION,
        row_version,
        document=document,
        provider_key=None,
        draft=None,
        now=now,
        state=State.UNREADABLE,
        reasons=(result,),
    )
    return Change(
        row_version=row_version,
        moves=(Move(after=State.UNREADABLE, cause=cause(CauseCode.UNREADABLE, [result])),),
        values={"reasons": (result,), "draft": None},
        events=(event,),
    )


# -- what the portal shows ---------------------------------------------------------------------------------------------


class DocumentRow(StrEnum):
    """What becomes of the stored row of a document that changed in the portal."""

    REWRITTEN = "rewritten"
    SUPERSEDED = "superseded"
    KEPT = "kept"


def changed(row_version: RowVersion | None, *, same_content: bool) -> tuple[DocumentRow, Change | None]:
    """New content or metadata: assessed anew before submission, flagged after it, or a new version of the document.

    Kept: the row of the document holds what was sent, and only its signature moves on, so that it is flagged once.
    """
    if row_version is None:
        return DocumentRow.REWRITTEN, None
    state = row_version.state
    if state in SHELVABLE or state in (State.HELD, State.DISCARDED):
        return DocumentRow.REWRITTEN, Change(row_version=row_version, values=MATCH_AGAIN)
    flag = "metadata_changed" if same_content else "content_changed"
    flagged = Change(row_version=row_version, values={"flag": flag})
    superseded = not same_content and state not in FROZEN
    return DocumentRow.SUPERSEDED if superseded else DocumentRow.KEPT, flagged


def recalled(row_version: RowVersion) -> Change | None:
    """Criteria and assessment are made anew where it is not sent yet; None where it is."""
    return Change(row_version=row_version, values=MATCH_AGAIN) if row_version.state in UNSENT else None


def vanished(row_version: RowVersion) -> Change:
    """Gone from the portal: held by the system before submission, remembered after it."""
    if row_version.state not in SHELVABLE:
        remembered = (Move(after=row_version.state, cause=cause(CauseCode.VANISHED)),)
        return Change(row_version=row_version, moves=remembered)
    return Change(
        row_version=row_version,
        moves=(Move(after=State.HELD, cause=cause(CauseCode.VANISHED_HELD)),),
        values={"shelved_from": row_version.state, "shelved_reason": CauseCode.VANISHED, "shelved_by": SYSTEM},
    )


def returned(row_version: RowVersion, *, shelved_from: State | None, shelved_by: str | None) -> Change | None:
    """Back in the portal: what the system held is released; None for all else."""
    if row_version.state is not State.HELD or shelved_by != SYSTEM:
        return None
    assert shelved_from is not None, "what is shelved keeps where it was taken from"
    return Change(
        row_version=row_version,
        moves=(Move(after=shelved_from, cause=cause(CauseCode.RETURNED)),),
        values={**MATCH_AGAIN, **NOT_SHELVED},
        shelved_from=shelved_from,
    )


def document_waits(portal_id: str, code: str, now: dt.datetime) -> NewEvent | None:
    """A document that no later pass takes by itself is told once per cause; None for what passes."""
    if code in PASSING:
        return None
    facts = {"code": "document_waits", "document": portal_id, "cause": code}
    return NewEvent(kind=EventKind.ALERT, at=now, facts=facts, once=f"document_waits:{portal_id}:{code}")


# -- older documents and later attachments -----------------------------------------------------------------------------


def backfilled(row_version: RowVersion, known: Sequence[str], criterion: str, *, actor: str) -> Change:
    """A person has a criterion take this one although it is older than the criterion's `since`."""
    why = cause(CauseCode.BACKFILLED, criterion=criterion)
    return Change(
        row_version=row_version,
        moves=(Move(after=row_version.state, cause=why),),
        values={"backfilled": [*known, criterion], "criteria_revision": None},
        actor=actor,
    )


def links_backfilled(row_version: RowVersion, documents: Sequence[str], *, actor: str) -> Change | None:
    """A person has these documents linked to it; None once it is sent: whoever claimed it first sends without them."""
    if row_version.state not in RECALLED | {State.HELD, State.DISCARDED}:
        return None
    why = cause(CauseCode.LINKS_BACKFILLED, documents=", ".join(documents))
    moves = (Move(after=row_version.state, cause=why),)
    return Change(row_version=row_version, moves=moves, values=MATCH_AGAIN, actor=actor)


def linked_later(row_version: RowVersion) -> Change:
    """What appears beside it after submission is never added silently."""
    return Change(row_version=row_version, values={"flag": "attachment_linked_later"})
