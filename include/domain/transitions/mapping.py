"""What an assessment or a person makes of an invoice before it is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.domain.attachments import AttachmentEdits
from include.domain.causes import CauseCode, cause, free_text
from include.domain.errors import MoveForbiddenError
from include.domain.lifecycle import EDITABLE, SHELVABLE, RowVersion, State, allowed
from include.domain.mapping import Draft, sent_digest
from include.domain.notification import EventKind
from include.domain.reasons import Reason
from include.domain.submission import number_key
from include.domain.transitions.change import (
    ASSESS_AGAIN,
    MATCH_AGAIN,
    NOT_SHELVED,
    Change,
    Move,
    invoice_event,
)
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A value typed by a person."""

    value: Any
    actor: str
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What mapping and completeness found: no reasons means ready.

    `environment` is the effective one of the provider; `attachments` are the portal ids of the documents to send along,
    `attachment_types` the type codes of those that have one; `announce` says that a ready invoice waits for a person,
    because its provider does not send by itself; `again` that it is assessed once more in the next pass.
    """

    draft: Draft
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...] = ()
    provider_key: str | None = None
    environment: str | None = None
    attachments: tuple[str, ...] = ()
    attachment_types: Mapping[str, str] = field(default_factory=dict)
    announce: bool = False
    again: bool = False


def assessed(
    row_version: RowVersion,
    assessment: Assessment,
    *,
    document: str,
    refused_values: str | None,
    revision: int,
    now: dt.datetime,
) -> Change:
    """`ready` or `to_complete`; a refused one stays where it is while it would send the same values again."""
    before = row_version.state
    if before is State.REFUSED and _digest(assessment) == refused_values:
        # it waits for a person, its refusal stays in sight
        return Change(row_version=row_version, values={"judged_revision": revision})
    after = State.TO_COMPLETE if assessment.reasons else State.READY
    values = _values(assessment, revision)
    if before is after:
        return Change(row_version=row_version, values=values)
    why = cause(CauseCode.INCOMPLETE, assessment.reasons) if assessment.reasons else cause(CauseCode.COMPLETE)
    moves = [Move(after=after, cause=why)]
    if before in (State.REFUSED, State.UNREADABLE) and after is State.READY:
        moves.insert(0, Move(after=State.TO_COMPLETE, cause=cause(CauseCode.VALUES_CHANGED)))
    event = invoice_event(
        EventKind.AWAITING_SUBMISSION,
        row_version,
        document=document,
        provider_key=assessment.provider_key,
        draft=assessment.draft,
        now=now,
        state=after,
        reasons=assessment.reasons,
    )
    told = after is State.TO_COMPLETE or assessment.announce
    return Change(row_version=row_version, moves=tuple(moves), values=values, events=(event,) if told else ())


def edited(
    row_version: RowVersion, edits: Mapping[str, Edit], values: Mapping[str, Any], *, actor: str, now: dt.datetime
) -> Change:
    """Values typed by a person beside those typed before; None takes one back. MoveForbiddenError once it is frozen."""
    if row_version.state not in EDITABLE:
        raise MoveForbiddenError("values_frozen", invoice_id=row_version.invoice_id, state=row_version.state)
    kept = {name: edit for name, edit in edits.items() if name not in values}
    typed = {name: Edit(value=value, actor=actor, at=now) for name, value in values.items() if value is not None}
    return Change(row_version=row_version, values={"edits": {**kept, **typed}, **ASSESS_AGAIN}, actor=actor)


def attachments_edited(row_version: RowVersion, edits: AttachmentEdits, *, actor: str) -> Change:
    """What a person made of the files that go along. MoveForbiddenError once they are on their way, or shelved."""
    if row_version.state not in EDITABLE:
        raise MoveForbiddenError("attachments_frozen", invoice_id=row_version.invoice_id, state=row_version.state)
    return Change(row_version=row_version, values={"attachment_edits": edits, **ASSESS_AGAIN}, actor=actor)


def shelved(row_version: RowVersion, state: State, *, reason: str, actor: str) -> Change:
    """`held` or `discarded` by a person."""
    if not allowed(row_version.state, state):
        raise MoveForbiddenError(
            "shelving_forbidden", invoice_id=row_version.invoice_id, state=row_version.state, wanted=state
        )
    values = {"shelved_from": row_version.state, "shelved_reason": reason, "shelved_by": "person"}
    return Change(
        row_version=row_version, moves=(Move(after=state, cause=free_text(reason)),), values=values, actor=actor
    )


def unshelved(row_version: RowVersion, shelved_from: State | None, *, reason: str | None, actor: str) -> Change:
    """Back to the state before, where everything about it is assessed again."""
    if row_version.state not in (State.HELD, State.DISCARDED):
        raise MoveForbiddenError("nothing_to_release", invoice_id=row_version.invoice_id, state=row_version.state)
    code = CauseCode.RELEASED if row_version.state is State.HELD else CauseCode.RESTORED
    why = cause(code) if reason is None else free_text(reason)
    assert shelved_from is not None, "what is shelved keeps where it was taken from"
    return Change(
        row_version=row_version,
        moves=(Move(after=shelved_from, cause=why),),
        values={**NOT_SHELVED, **MATCH_AGAIN},
        actor=actor,
        shelved_from=shelved_from,
    )


def reopened(row_version: RowVersion, *, actor: str) -> Change:
    """A refused one that a person opens is sent again even with the same values."""
    return Change(
        row_version=row_version,
        moves=(Move(after=State.TO_COMPLETE, cause=cause(CauseCode.REOPENED)),),
        values={**ASSESS_AGAIN, "refused_values": None},
        actor=actor,
    )


def reread(row_version: RowVersion, *, reason: str | None, actor: str, copy_again: bool = False) -> Change:
    """Its content is to be read again; `copy_again`: our copy is lost, the next match takes one from the portal."""
    before = row_version.state
    if before not in SHELVABLE or not allowed(before, State.MATCHED):
        raise MoveForbiddenError("reread_forbidden", invoice_id=row_version.invoice_id, state=before)
    why = cause(CauseCode.REREAD) if reason is None else free_text(reason)
    return Change(
        row_version=row_version,
        moves=(Move(after=State.MATCHED, cause=why),),
        values={**MATCH_AGAIN, "content_sha256": None} if copy_again else ASSESS_AGAIN,
        actor=actor,
    )


def assessed_again(row_version: RowVersion) -> Change:
    """Something that it was assessed by changed: it is assessed again in the next pass."""
    return Change(row_version=row_version, values=ASSESS_AGAIN)


def layout_forgotten(row_version: RowVersion, *, actor: str) -> Change:
    """It holds a value that memory proposed: it is read as if that memory had never been."""
    return Change(
        row_version=row_version,
        moves=(Move(after=State.MATCHED, cause=cause(CauseCode.LAYOUT_FORGOTTEN)),),
        values=ASSESS_AGAIN,
        actor=actor,
    )


def _digest(assessment: Assessment) -> str:
    return sent_digest(assessment.draft, assessment.provider_key, assessment.attachments, assessment.attachment_types)


def _values(assessment: Assessment, revision: int) -> dict[str, Any]:
    draft = assessment.draft
    labels = [fold(label) for label in (draft.text("user_label") or "").split(";") if label.strip()]
    return {
        "judged_revision": None if assessment.again else revision,
        "draft": draft,
        "reasons": assessment.reasons,
        "warnings": assessment.warnings,
        "attachments": list(assessment.attachments),
        "attachment_types": dict(assessment.attachment_types),
        "provider_key": assessment.provider_key,
        "environment": assessment.environment,
        "invoice_number": draft.text("invoice_number"),
        "number_key": number_key(draft.text("invoice_number") or "") or None,
        "supplier_siret": draft.text("supplier_siret"),
        "recipient_siret": draft.text("recipient_siret"),
        "total_incl_tax": draft.shown("total_incl_tax"),
        # between bars, so that one label is found whole by LIKE
        "labels": "|" + "|".join(labels) + "|" if labels else None,
    }
