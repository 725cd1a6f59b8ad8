"""What a supplier may do about a returned invoice, and how it is proved.

`recycle`: A_RECYCLER, only recipient, service and engagement change. `complete`: SUSPENDUE, attachments and a comment.
`reject_handled`: REJETEE, which a corrected document with a new number follows. A correction is proved by what the
platform shows of the invoice by its id, which it knows at once.

Source: docs/reference/chorus-pro-api.md 3.9, docs/reference/exactly-once.md 5.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from include.domain.configuration.base import PARIS
from include.domain.lifecycle import ON_THE_PLATFORM, State
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, SentAttachment
from include.domain.tracking import REJECTED, RemoteDetail, state_of

MAX_COMMENT = 2000
"""Characters of a comment (docs/reference/chorus-pro-api.md 3.9)."""

ACKNOWLEDGE_DAYS = 7
"""Days after which Chorus Pro's portal lets nobody go on who has not acknowledged a rejection or a suspension."""

WARNED_AFTER_DAYS = (5, 7)

SUSPENDED = "SUSPENDUE"
TO_RECYCLE = "A_RECYCLER"

ACKNOWLEDGED = frozenset({SUSPENDED, REJECTED})
_STALE_AFTER = dt.timedelta(days=7)


class CorrectionKind(StrEnum):
    """What is done about a returned invoice; kept with the attempt."""

    RECYCLE = "recycle"
    COMPLETE = "complete"
    REJECT_HANDLED = "reject_handled"


ANSWERS = {
    CorrectionKind.RECYCLE: TO_RECYCLE,
    CorrectionKind.COMPLETE: SUSPENDED,
    CorrectionKind.REJECT_HANDLED: REJECTED,
}
"""The status that each of them answers; the platform refuses it in any other."""

_COMMANDS = {
    TO_RECYCLE: "chorus invoices recycle",
    SUSPENDED: "chorus invoices complete",
    REJECTED: "chorus invoices reject-handled",
}


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Where an invoice goes: all that a recycling may change."""

    recipient_siret: str | None = None
    service_code: str | None = None
    engagement_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Everything that one correction sends, and who asked for it.

    `before` is the routing as the platform had it, `routing` the one to be; the latter counts for a recycling only.
    `successor_id` is our id of the corrected invoice that replaces a rejected one; the platform does not hear of it.
    """

    kind: CorrectionKind
    chorus_id: int
    actor: str
    before: Routing
    routing: Routing
    comment: str | None = None
    attachments: tuple[SentAttachment, ...] = ()
    successor_id: int | None = None

    @property
    def reroutes(self) -> bool:
        """Whether it changes body or service: then what led to the old ones was wrong."""
        old, new = self.before, self.routing
        return (old.recipient_siret, old.service_code) != (new.recipient_siret, new.service_code)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a returned invoice stands, as far as it decides what may be done."""

    state: State
    status: str | None
    chorus_id: int | None


def not_allowed(kind: CorrectionKind, standing: Standing) -> Reason | None:
    """Why this may not be done to this invoice now; None where it may."""
    if standing.state in (State.CORRECTING, State.CORRECTION_UNKNOWN):
        return Reason(code="correction_under_way")
    if standing.chorus_id is None or standing.state is not State.TO_PROCESS:
        return Reason(code="correction_not_returned", params={"status": standing.status or "-"})
    if standing.status != ANSWERS[kind]:
        status = standing.status or "-"
        return Reason(code="correction_other_way", params={"status": status, "command": _COMMANDS.get(status, "-")})
    return None


def rerouted(before: Routing, *, recipient: str | None, service: str | None, engagement: str | None) -> Routing:
    """The routing to be, prefilled with the present one; a service does not follow an invoice to another body."""
    body = recipient or before.recipient_siret
    kept = before.service_code if body == before.recipient_siret else None
    return Routing(
        recipient_siret=body,
        service_code=service or kept,
        engagement_number=engagement or before.engagement_number,
    )


def content_reasons(correction: Correction, *, attached: bool = False) -> list[Reason]:
    """What is wrong with the correction itself; `attached` says that files will go along."""
    found = []
    comment = correction.comment or ""
    if len(comment) > MAX_COMMENT:
        params = {"length": str(len(comment)), "limit": str(MAX_COMMENT)}
        found.append(Reason(code="correction_comment_too_long", params=params))
    if correction.kind is CorrectionKind.COMPLETE and not (comment or attached):
        found.append(Reason(code="correction_says_nothing"))
    if correction.kind is CorrectionKind.RECYCLE and not comment and correction.before == correction.routing:
        found.append(Reason(code="correction_changes_nothing"))
    return found


class Proof(StrEnum):
    """What the platform shows of a correction."""

    TAKEN = "taken"
    MOVED_ON = "moved_on"
    NOT_TAKEN = "not_taken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found, and where the invoice stands after it."""

    proof: Proof
    state: State

    def moves_from(self, before: State) -> tuple[State, ...]:
        """The moves of the table from a correction under way; closing is a move from `to_process`."""
        if before is self.state:
            return ()
        return (State.TO_PROCESS, State.CLOSED) if self.state is State.CLOSED else (self.state,)


def consulted(correction: Correction, shown: RemoteDetail | None, *, final: bool) -> Finding:
    """What the platform shows after a correction; None: it does not show the invoice at all.

    Not seen is no proof while the request may still be on its way: only a `final` look says that it was not taken.
    """
    proof = Proof.UNKNOWN
    if shown is not None:
        if _as_sent(correction, shown):
            proof = Proof.TAKEN
        elif _left(correction.kind, shown.invoice):
            proof = Proof.MOVED_ON
    if proof is Proof.UNKNOWN:
        if not final:
            return Finding(proof=proof, state=State.CORRECTION_UNKNOWN)
        proof = Proof.NOT_TAKEN
    return Finding(proof=proof, state=_state_shown(shown))


def _state_shown(shown: RemoteDetail | None) -> State:
    if shown is None:
        return State.TO_PROCESS
    invoice = shown.invoice
    return state_of(invoice.status, rejection_handled=invoice.rejection_handled) or State.SUBMITTED


def _left(kind: CorrectionKind, invoice: RemoteInvoice) -> bool:
    return invoice.status != ANSWERS[kind]


def _as_sent(correction: Correction, shown: RemoteDetail) -> bool:
    left = _left(correction.kind, shown.invoice)
    match correction.kind:
        case CorrectionKind.RECYCLE:
            # it may have come back from its new recipient already
            return _routed(correction.routing, shown.invoice) and (left or correction.before != correction.routing)
        case CorrectionKind.COMPLETE:
            there = {file.attachment_id for file in shown.attachments}
            sent = {file.upload_id for file in correction.attachments}
            return sent <= there and (left or bool(sent))
        case CorrectionKind.REJECT_HANDLED:
            return shown.invoice.rejection_handled


def _routed(wanted: Routing, invoice: RemoteInvoice) -> bool:
    """What was not sent is not compared: the platform keeps what it had."""
    pairs = (
        (wanted.recipient_siret, invoice.recipient_siret),
        (wanted.service_code, invoice.service_code),
        (wanted.engagement_number, invoice.engagement_number),
    )
    return all(sent is None or sent == found for sent, found in pairs)


def days_left(state: State, status: str | None, status_at: dt.datetime | None, now: dt.datetime) -> int | None:
    """Days until a rejection or suspension must be acknowledged, 7 to 0; None where nothing is due."""
    if state is not State.TO_PROCESS or status not in ACKNOWLEDGED or status_at is None:
        return None
    passed = max(0, (now - status_at).days)  # the platform's clock may be ahead of ours
    return max(0, ACKNOWLEDGE_DAYS - passed)


def acknowledge_by(status: str | None, status_at: dt.datetime | None) -> dt.datetime | None:
    """Until when a rejection or suspension must be acknowledged; None for other statuses."""
    if status not in ACKNOWLEDGED or status_at is None:
        return None
    return status_at + dt.timedelta(days=ACKNOWLEDGE_DAYS)


def calendar_days_left(status: str | None, status_at: dt.datetime | None, now: dt.datetime) -> int | None:
    """Days of the calendar in Paris until then, 0 on its last day, negative when it is past; None as above."""
    until = acknowledge_by(status, status_at)
    return None if until is None else (until.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days


def overdue_days(status: str | None, status_at: dt.datetime | None, now: dt.datetime) -> int | None:
    """After how many days a warning is due now; None: not yet, or so long ago that a first load would cry wolf."""
    if status not in ACKNOWLEDGED or status_at is None:
        return None
    passed = [days for days in WARNED_AFTER_DAYS if dt.timedelta(days=days) <= now - status_at]
    if not passed or now - status_at >= dt.timedelta(days=passed[-1]) + _STALE_AFTER:
        return None
    return passed[-1]


def successor_reason(number: str, successor: str | None, state: State) -> Reason | None:
    """Why a document cannot follow a rejected invoice: the same number again, or not sent yet."""
    if successor is None or successor == number:
        return Reason(code="successor_same_number", params={"number": number})
    return None if state in ON_THE_PLATFORM else Reason(code="successor_not_sent", params={"number": successor})
