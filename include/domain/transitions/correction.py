"""What an answer, a lapsed lease or a look at the platform means for a correction under way.

Source: docs/reference/exactly-once.md 5.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from include.domain.causes import Cause, CauseCode, cause
from include.domain.codes import remote_status
from include.domain.correction import Correction, CorrectionKind, Finding, Proof, consulted
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import Draft
from include.domain.notification import EventKind, NewEvent, invoice_facts
from include.domain.reasons import Reason
from include.domain.refusal_catalog import correction_refusal
from include.domain.submission import AttemptState
from include.domain.tracking import RemoteDetail, amount_text
from include.domain.transitions.change import NO_OWNER, SYSTEM, AttemptChange, Change, Move

_UNDER_WAY = (State.CORRECTING, State.CORRECTION_UNKNOWN)

_CLOSED = {
    Proof.TAKEN: (AttemptState.TAKEN, CauseCode.CORRECTION_TAKEN),
    Proof.MOVED_ON: (AttemptState.NOT_SENT, CauseCode.CORRECTION_MOVED_ON),
    Proof.NOT_TAKEN: (AttemptState.NOT_SENT, CauseCode.CORRECTION_NOT_TAKEN),
}


@dataclass(frozen=True, kw_only=True)
class CorrectedInvoice:
    """A returned invoice with one attempt to correct it, as the rules look at both.

    `newest` says that no later attempt was made. `chorus_id` to `status` are what we know of it.
    """

    row_version: RowVersion
    document: str | None
    draft: Draft
    provider_key: str | None
    number: str | None
    recipient_siret: str | None
    recipient_name: str | None
    total_incl_tax: Decimal | None
    chorus_id: int | None
    status: str | None
    search_after: dt.datetime | None
    empty_searches: int
    attempt_id: int
    attempt_state: AttemptState
    correction: Correction
    answered: bool
    refusal_number: int | None
    refusal_label: str | None
    newest: bool

    @property
    def waits_for_attempt(self) -> bool:
        """No newer attempt, and nothing decided meanwhile."""
        return self.newest and self.row_version.state in _UNDER_WAY

    @property
    def owned(self) -> bool:
        """Whether this attempt's sender still holds the row."""
        return self.newest and self.row_version.state is State.CORRECTING

    @property
    def refused(self) -> bool:
        """Whether the platform's refusal is stored."""
        return self.attempt_state is AttemptState.REFUSED


# -- the claim and the answers -----------------------------------------------------------------------------------------


def claimed(row_version: RowVersion, correction: Correction, *, owner: str) -> Change:
    """`to_process` -> `correcting`; the lease is the database's affair."""
    why = cause(CauseCode.CORRECTION, correction=correction.kind)
    return Change(
        row_version=row_version,
        moves=(Move(after=State.CORRECTING, cause=why),),
        values={"owner": owner, "reasons": None},
        actor=correction.actor,
    )


def not_sent(invoice: CorrectedInvoice, why: Cause) -> Change:
    """Surely not taken: `to_process` again if the row is still owned."""
    closed = AttemptChange(attempt_id=invoice.attempt_id, state=AttemptState.NOT_SENT, values={"note": why})
    change = Change(row_version=invoice.row_version, attempts=(closed,))
    if not invoice.owned:
        return change
    return replace(change, moves=(Move(after=State.TO_PROCESS, cause=why),), values=NO_OWNER)


def answered(attempt_id: int) -> AttemptChange:
    """The platform said yes: that is believed once it shows it."""
    note = cause(CauseCode.CORRECTION_ANSWERED)
    return AttemptChange(attempt_id=attempt_id, state=AttemptState.UNRESOLVED, values={"note": note})


def refused(attempt_id: int, number: int, label: str, raw: str) -> AttemptChange:
    """A business refusal is stored before anything else; what the platform shows decides."""
    said = {"answer": raw, "refusal_number": number, "refusal_label": label}
    return AttemptChange(attempt_id=attempt_id, state=AttemptState.REFUSED, values=said)


def unresolved(invoice: CorrectedInvoice, why: Cause, *, check_after_seconds: int, now: dt.datetime) -> Change:
    """Nobody knows: `correction_unknown` if the row is still owned, else nothing."""
    if not invoice.owned:
        return Change(row_version=invoice.row_version)
    open_one = invoice.attempt_id if invoice.attempt_state is AttemptState.OPEN else None
    return _unknown(invoice.row_version, open_one, why, check_after_seconds, now)


def lease_ran_out(
    row_version: RowVersion, open_attempt: int | None, *, check_after_seconds: int, now: dt.datetime
) -> Change:
    """The sender died or stands still: `correction_unknown`; what is stored of the attempt stays."""
    return _unknown(row_version, open_attempt, cause(CauseCode.CORRECTION_LEASE_RAN_OUT), check_after_seconds, now)


def _unknown(
    row_version: RowVersion, open_attempt: int | None, why: Cause, check_after_seconds: int, now: dt.datetime
) -> Change:
    """The outcome is looked for on the platform, the first time after the delay."""
    after = now + dt.timedelta(seconds=check_after_seconds)
    closed: tuple[AttemptChange, ...] = ()
    if open_attempt is not None:
        closed = (AttemptChange(attempt_id=open_attempt, state=AttemptState.UNRESOLVED, values={"note": why}),)
    return Change(
        row_version=row_version,
        moves=(Move(after=State.CORRECTION_UNKNOWN, cause=why),),
        values={**NO_OWNER, "empty_searches": 0, "search_after": after},
        attempts=closed,
    )


def linked(row_version: RowVersion, successor_id: int, *, actor: str) -> Change:
    """The corrected invoice that follows a rejected one, named after the rejection was dealt with."""
    why = cause(CauseCode.FOLLOWED_BY, invoice=successor_id)
    return Change(
        row_version=row_version,
        moves=(Move(after=row_version.state, cause=why),),
        values={"successor_id": successor_id},
        actor=actor,
    )


# -- what the platform shows -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a look at the platform decided; `change` None: nothing to be seen, still unknown.

    `shows` says that the platform's own row of it is to be brought up to date.
    """

    change: Change | None
    state: State
    shows: bool = False


def looked(invoice: CorrectedInvoice, shown: RemoteDetail | None, *, now: dt.datetime) -> Looked | None:
    """What the platform shows of a correction, as a change; None when the invoice does not wait for it any more."""
    if not invoice.waits_for_attempt:
        return None
    waited = invoice.search_after is not None and invoice.search_after <= now
    final = invoice.refused or (invoice.row_version.state is State.CORRECTION_UNKNOWN and waited)
    found = consulted(invoice.correction, shown, final=final)
    if found.proof is Proof.UNKNOWN:
        return Looked(change=None, state=invoice.row_version.state)
    return _decided(invoice, found, shown, now)


def _decided(invoice: CorrectedInvoice, found: Finding, shown: RemoteDetail | None, now: dt.datetime) -> Looked:
    proof = found.proof
    if proof is Proof.MOVED_ON and invoice.answered and not invoice.refused:
        proof = Proof.TAKEN  # the platform said so, and shows other values than we sent
    state, code = _CLOSED[proof]
    why = cause(CauseCode.CORRECTION_REFUSED if invoice.refused else code, correction=invoice.correction.kind)
    closed: tuple[AttemptChange, ...] = ()
    if not invoice.refused:
        closed = (AttemptChange(attempt_id=invoice.attempt_id, state=state, values={"note": why}),)
    shows = shown is not None and proof in (Proof.TAKEN, Proof.MOVED_ON)
    event = _told(invoice, shown, found.state, now) if shows and shown is not None else None
    change = Change(
        row_version=invoice.row_version,
        moves=tuple(Move(after=after, cause=why) for after in found.moves_from(invoice.row_version.state)),
        values={**NO_OWNER, **_values_after(invoice, proof, shown, now)},
        actor=invoice.correction.actor if invoice.row_version.state is State.CORRECTING else SYSTEM,
        attempts=closed,
        events=() if event is None else (event,),
    )
    return Looked(change=change, state=found.state, shows=shows)


def _values_after(
    invoice: CorrectedInvoice, proof: Proof, shown: RemoteDetail | None, now: dt.datetime
) -> dict[str, Any]:
    correction = invoice.correction
    if proof is Proof.NOT_TAKEN:
        reason = Reason(code="correction_not_taken")
        if invoice.refused:
            reason = correction_refusal(invoice.refusal_number or 0, invoice.refusal_label or "")
        return {"reasons": (reason,)}
    assert shown is not None, "only what was seen proves anything"
    values: dict[str, Any] = {"reasons": None, "status": remote_status(shown.invoice.status), "status_at": now}
    if proof is not Proof.TAKEN:
        return values
    if correction.kind is CorrectionKind.RECYCLE:
        values |= {"recipient_siret": correction.routing.recipient_siret}
        values |= {"rerouted": True} if correction.reroutes else {}
    if correction.kind is CorrectionKind.REJECT_HANDLED:
        del values["status"], values["status_at"]  # dealing with a rejection changes neither
        values |= {"successor_id": correction.successor_id} if correction.successor_id else {}
    return values


def _told(invoice: CorrectedInvoice, shown: RemoteDetail, state: State, now: dt.datetime) -> NewEvent | None:
    """The status changed by what we did; the retrieval, which finds it known, does not tell it again."""
    status = remote_status(shown.invoice.status)
    if status == invoice.status and state is not State.CLOSED:
        return None
    facts = invoice_facts(
        document=invoice.document,
        number=invoice.draft.text("invoice_number") or invoice.number,
        recipient_name=shown.invoice.recipient_name or invoice.recipient_name or invoice.draft.text("recipient_name"),
        recipient_siret=shown.invoice.recipient_siret or invoice.recipient_siret,
        total_incl_tax=amount_text(invoice.total_incl_tax),
        user_label=invoice.draft.text("user_label"),
        state=state,
        chorus_id=invoice.chorus_id,
        status=status,
        status_before=None if status == invoice.status else invoice.status,
    )
    invoice_id = invoice.row_version.invoice_id
    return NewEvent(
        kind=EventKind.STATUS_CHANGED,
        at=now,
        provider_key=invoice.provider_key,
        invoice_id=invoice_id,
        facts=facts,
        once=f"status_changed:{invoice_id}:correction:{invoice.attempt_id}",
    )
