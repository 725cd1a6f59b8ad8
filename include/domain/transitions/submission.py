"""What an answer, a lapsed lease or a search means for an invoice and its attempts.

Source: docs/reference/exactly-once.md 2 to 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from include.domain.causes import Cause, CauseCode, cause
from include.domain.lifecycle import CONFIRMABLE, RowVersion, State
from include.domain.mapping import Draft
from include.domain.notification import EventKind
from include.domain.reasons import NUMBER_USED_TWICE, Reason
from include.domain.refusal_catalog import refusal
from include.domain.submission import (
    UNRESOLVED,
    AttemptState,
    RemoteInvoice,
    SearchOutcome,
    Taken,
    Verdict,
    after_refusal,
    after_search,
    already_taken,
)
from include.domain.transitions import adoption
from include.domain.transitions.adoption import adopted, other_values
from include.domain.transitions.change import ASSESS_AGAIN, NO_OWNER, NOT_SHELVED, AttemptChange, Change, Move
from include.domain.transitions.sent_invoice import SentInvoice, told

FIRST_STATUS = "DEPOSEE"

NOWHERE: Mapping[int, Reason] = MappingProxyType({})


# -- the claim and the answers -----------------------------------------------------------------------------------------


def claimed(row_version: RowVersion, *, environment: str, owner: str) -> Change:
    """`ready` -> `submitting`; the lease, the revision and the keys are the database's affair."""
    return Change(
        row_version=row_version,
        moves=(Move(after=State.SUBMITTING, cause=cause(CauseCode.CLAIMED)),),
        values={"owner": owner, "environment": environment, "reasons": ()},
        actor=owner,
    )


def taken(invoice: SentInvoice, attempt_id: int, owner: str, answer: Taken, *, now: dt.datetime) -> Change:
    """The platform took it, perhaps known late: submitted, unless a newer claim is under way or it is already there."""
    proof = {"answer": answer.raw, "chorus_id": answer.chorus_id}
    closed = AttemptChange(attempt_id=attempt_id, state=AttemptState.TAKEN, values=proof)
    mine = invoice.row_version.state is not State.SUBMITTING or invoice.owner == owner
    if invoice.row_version.state not in CONFIRMABLE or not mine:
        return Change(row_version=invoice.row_version, attempts=(closed,))
    return _submitted(invoice, answer.chorus_id, answer.status, cause(CauseCode.TAKEN), (closed,), now)


def not_sent(invoice: SentInvoice, attempt_id: int, owner: str, why: Cause, *, now: dt.datetime) -> Change:
    """Surely not taken: `ready` again if the row is still owned, or submitted if an earlier attempt was taken."""
    closed = AttemptChange(attempt_id=attempt_id, state=AttemptState.NOT_SENT, values={"note": why})
    if not invoice.owned_by(attempt_id, owner):
        return Change(row_version=invoice.row_version, attempts=(closed,))
    known = already_taken(invoice.with_attempt(attempt_id, AttemptState.NOT_SENT).facts)
    if known is not None:
        after = decided(invoice, known, search_after_seconds=0, now=now)
        return replace(after, attempts=(closed, *after.attempts))
    moves = (Move(after=State.READY, cause=why),)
    return Change(row_version=invoice.row_version, moves=moves, values=NO_OWNER, attempts=(closed,))


def unresolved(
    invoice: SentInvoice, attempt_id: int, owner: str, why: Cause, *, search_after_seconds: int, now: dt.datetime
) -> Change:
    """Nobody knows: `unknown` if the row is still owned, else nothing."""
    if not invoice.owned_by(attempt_id, owner):
        return Change(row_version=invoice.row_version)
    closed = AttemptChange(attempt_id=attempt_id, state=AttemptState.UNRESOLVED, values={"note": why})
    return _unknown(invoice.row_version, why, (closed,), search_after_seconds, now)


def lease_ran_out(invoice: SentInvoice, *, search_after_seconds: int, now: dt.datetime) -> Change:
    """The sender died or stands still: `unknown`; what is stored of an attempt stays."""
    why = cause(CauseCode.LEASE_RAN_OUT)
    closed = tuple(
        AttemptChange(attempt_id=attempt.id, state=AttemptState.UNRESOLVED, values={"note": why})
        for attempt in invoice.attempts
        if attempt.state is AttemptState.OPEN
    )
    return _unknown(invoice.row_version, why, closed, search_after_seconds, now)


def refused(invoice: SentInvoice, attempt_id: int, number: int, label: str, raw: str) -> Change:
    """A business refusal is stored on the attempt before anything else; the row waits for the search."""
    said = {"answer": raw, "refusal_number": number, "refusal_label": label}
    closed = AttemptChange(attempt_id=attempt_id, state=AttemptState.REFUSED, values=said)
    return Change(row_version=invoice.row_version, attempts=(closed,))


def not_sendable(invoice: SentInvoice, reasons: Sequence[Reason], *, now: dt.datetime) -> Change:
    """Found impossible right before the claim: `to_complete`.

    Told once for the same values: with each new configuration it is assessed and found again.
    """
    codes = ", ".join(reason.code for reason in reasons)
    once = f"not_sendable:{invoice.row_version.invoice_id}:{codes}:{invoice.digest}"
    event = told(
        invoice, EventKind.AWAITING_SUBMISSION, now, once=once, state=State.TO_COMPLETE, reasons=tuple(reasons)
    )
    return Change(
        row_version=invoice.row_version,
        moves=(Move(after=State.TO_COMPLETE, cause=cause(CauseCode.NOT_SENDABLE, reasons)),),
        values={"reasons": tuple(reasons)},
        events=(event,),
    )


def already_sent(holder_id: int, *, number: str | None, document: str | None) -> Reason:
    """Another invoice holds the number or the content (docs/reference/exactly-once.md 1)."""
    params = {"number": number or "?", "document": document or "?", "invoice": str(holder_id)}
    return Reason(code="already_sent", field="invoice_number", params=params)


def number_used_twice(draft: Draft, other_id: int, *, document: str, total: str) -> Reason:
    """Another unsent invoice has its number with another total (docs/reference/exactly-once.md 1.1)."""
    params = {
        "number": draft.text("invoice_number") or "?",
        "our_total": draft.shown("total_incl_tax") or "?",
        "document": document,
        "invoice": str(other_id),
        "their_total": total,
    }
    return Reason(code=NUMBER_USED_TWICE, field="invoice_number", params=params)


def number_lost(row_version: RowVersion, chorus_id: int, *, to: int | None) -> Change:
    """The platform gave its number to another invoice of ours, or to one that we do not know (`to` None)."""
    why = cause(CauseCode.NUMBER_GIVEN_AWAY, chorus_id=chorus_id)
    if to is not None:
        why = cause(CauseCode.NUMBER_GIVEN_TO, chorus_id=chorus_id, invoice=to)
    remembered = (Move(after=row_version.state, cause=why),)
    return Change(row_version=row_version, moves=remembered, values={"chorus_id": None})


# -- searches ----------------------------------------------------------------------------------------------------------


def after_refusal_searched(
    invoice: SentInvoice,
    found: Sequence[RemoteInvoice] | None,
    *,
    search_after_seconds: int,
    now: dt.datetime,
    elsewhere: Mapping[int, Reason] = NOWHERE,
) -> tuple[SearchOutcome, Change]:
    """After the search that follows a refusal (None: the search failed), and what becomes of the invoice.

    `elsewhere` are numbers of the platform that other invoices of ours bear, each with the reason that says which.
    """
    outcome = after_refusal(invoice.facts, found, elsewhere=elsewhere)
    return outcome, decided(invoice, outcome, search_after_seconds=search_after_seconds, now=now, elsewhere=elsewhere)


def searched(
    invoice: SentInvoice,
    found: Sequence[RemoteInvoice],
    *,
    search_after_seconds: int,
    now: dt.datetime,
    elsewhere: Mapping[int, Reason] = NOWHERE,
) -> tuple[SearchOutcome, Change]:
    """After a search for an `unknown` one, or before a resend of a `ready` one; `elsewhere` as above."""
    waited = invoice.search_after is not None and invoice.search_after <= now
    again = invoice.empty_searches > 0 and waited
    outcome = after_search(invoice.facts, found, again_allowed=again, elsewhere=elsewhere)
    if invoice.row_version.state is State.READY and not found and outcome.verdict is not Verdict.SUBMITTED:
        # looked before a resend, nothing there: the claim may go on
        return outcome, Change(row_version=invoice.row_version)
    return outcome, decided(invoice, outcome, search_after_seconds=search_after_seconds, now=now, elsewhere=elsewhere)


def recognised(invoice: SentInvoice, row: RemoteInvoice, *, now: dt.datetime) -> Change | None:
    """The platform's list shows a number of ours: submitted if an unresolved attempt explains it, else None."""
    outcome = after_search(invoice.facts, [row], again_allowed=False)
    if outcome.verdict is not Verdict.SUBMITTED or outcome.recognised is None:
        return None
    return decided(invoice, outcome, search_after_seconds=0, now=now)


def met_before_claim(invoice: SentInvoice, found: Sequence[RemoteInvoice], *, now: dt.datetime) -> Change | None:
    """Our copy of the platform's list has its number, right before the claim; None: nothing keeps it from going."""
    known = [change for row in found if (change := recognised(invoice, row, now=now)) is not None]
    return known[0] if known else adoption.met_before_claim(invoice, found, now=now)


def decided(
    invoice: SentInvoice,
    outcome: SearchOutcome,
    *,
    search_after_seconds: int,
    now: dt.datetime,
    elsewhere: Mapping[int, Reason] = NOWHERE,
) -> Change:
    """What a search decided, as a change."""
    held = invoice.row_version
    match outcome.verdict:
        case Verdict.SUBMITTED if outcome.found is not None and outcome.recognised is None:
            return adopted(invoice, outcome.found, now=now)
        case Verdict.SUBMITTED:
            chorus_id, status, closed = _found_as(invoice, outcome)
            return _submitted(invoice, chorus_id, status, outcome.cause, closed, now)
        case Verdict.UNKNOWN if held.state is State.UNKNOWN:
            return Change(row_version=held, values={"empty_searches": invoice.empty_searches + 1})
        case Verdict.UNKNOWN:
            return _unknown(held, outcome.cause, (), search_after_seconds, now)
        case Verdict.READY:
            # assessed again first: what was frozen meanwhile counts now
            return Change(row_version=held, moves=(Move(after=State.READY, cause=outcome.cause),), values=ASSESS_AGAIN)
        case Verdict.REFUSED:
            return _refused(invoice, outcome, elsewhere, now)


def _submitted(
    invoice: SentInvoice,
    chorus_id: int,
    status: str,
    why: Cause,
    attempts: tuple[AttemptChange, ...],
    now: dt.datetime,
) -> Change:
    values = {
        **NO_OWNER,
        **NOT_SHELVED,
        "chorus_id": chorus_id,
        "status": status,
        "status_at": now,
        "reasons": None,
    }
    return Change(
        row_version=invoice.row_version,
        moves=(Move(after=State.SUBMITTED, cause=why),),
        values=values,
        attempts=attempts,
        events=(told(invoice, EventKind.SUBMITTED, now, chorus_id=chorus_id, status=status),),
        confirmed_by_platform=True,
    )


def _unknown(
    row_version: RowVersion,
    why: Cause,
    attempts: tuple[AttemptChange, ...],
    search_after_seconds: int,
    now: dt.datetime,
) -> Change:
    """Nobody knows what became of the attempt: only the search may tell."""
    values = {
        **NO_OWNER,
        "ever_unknown": True,
        "empty_searches": 0,
        "search_after": now + dt.timedelta(seconds=search_after_seconds),
    }
    moves = (Move(after=State.UNKNOWN, cause=why),)
    return Change(row_version=row_version, moves=moves, values=values, attempts=attempts)


def _refused(invoice: SentInvoice, outcome: SearchOutcome, elsewhere: Mapping[int, Reason], now: dt.datetime) -> Change:
    """Refused, with the platform's own words, or naming the invoice that stands there in its place."""
    reason = _refusal_reason(invoice, outcome, elsewhere)
    values = {**NO_OWNER, "reasons": (reason,)}
    after = State.TO_COMPLETE  # looked before a resend of a `ready` one
    if invoice.row_version.state is not State.READY:
        after = State.REFUSED
        values["refused_values"] = invoice.digest
    return Change(
        row_version=invoice.row_version,
        moves=(Move(after=after, cause=outcome.cause),),
        values=values,
        events=(told(invoice, EventKind.AWAITING_SUBMISSION, now, state=after, reasons=(reason,)),),
    )


def _refusal_reason(invoice: SentInvoice, outcome: SearchOutcome, elsewhere: Mapping[int, Reason]) -> Reason:
    if outcome.found is not None:
        return elsewhere.get(outcome.found.chorus_id) or other_values(invoice, outcome.found)
    refusals = [attempt for attempt in invoice.attempts if attempt.state is AttemptState.REFUSED]
    if not refusals:
        return refusal(0, "?")
    return refusal(refusals[-1].refusal_number or 0, refusals[-1].refusal_label or "?")


def _found_as(invoice: SentInvoice, outcome: SearchOutcome) -> tuple[int, str, tuple[AttemptChange, ...]]:
    """Number and status on the platform; the attempt that the search recognised is closed as taken."""
    if outcome.found is None:  # an earlier attempt is known as taken
        known = next(attempt for attempt in invoice.attempts if attempt.state is AttemptState.TAKEN)
        assert known.chorus_id is not None, "what was taken has a number"
        return known.chorus_id, FIRST_STATUS, ()
    values = {"chorus_id": outcome.found.chorus_id, "note": cause(CauseCode.FOUND_BY_SEARCH)}
    mine = next(
        (one for one in invoice.attempts if one.state in UNRESOLVED and one.submission == outcome.recognised), None
    )
    closed = () if mine is None else (AttemptChange(attempt_id=mine.id, state=AttemptState.TAKEN, values=values),)
    return outcome.found.chorus_id, outcome.found.status or FIRST_STATUS, closed
