"""An invoice on the platform that has the number of ours: taken for ours if all values agree, else shown to a person.

That happens after our database was set back to an older backup, and where a person typed an invoice on the portal that
lies in the document portal too. Source: docs/reference/exactly-once.md 4.1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from include.domain.causes import CauseCode, cause
from include.domain.codes import remote_status
from include.domain.lifecycle import State
from include.domain.notification import EventKind, old_news
from include.domain.reasons import Reason
from include.domain.submission import UNRESOLVED, InvoiceValues, RemoteInvoice, adoptable, deposited, same_invoice
from include.domain.transitions.change import NO_OWNER, NOT_SHELVED, SYSTEM, Change, Move
from include.domain.transitions.sent_invoice import SentInvoice, told

ADOPTABLE = (State.READY, State.REFUSED, State.TO_COMPLETE, State.UNKNOWN)
"""States in which an invoice of ours may turn out to stand on the platform, the likeliest first.

Not those before an assessment, whose values are not settled; nor what a person put aside, which nobody sends.
"""

UNDER_CORRECTION = frozenset({State.CORRECTING, State.CORRECTION_UNKNOWN})
"""An invoice that counted as foreign is left to whoever corrects it, until that is known."""


class Fate(StrEnum):
    """What becomes of an invoice of the platform's list that we do not know as ours."""

    ADOPT = "adopt"
    WAITS = "waits"
    FOREIGN = "foreign"


def adopted(invoice: SentInvoice, row: RemoteInvoice, *, actor: str = SYSTEM, now: dt.datetime) -> Change:
    """It is ours and on the platform; what its status asks for follows as for every row of the list.

    Dashboards show it, nobody is mailed: whoever waited for it was told when it went.
    """
    status = remote_status(row.status)
    event = told(invoice, EventKind.SUBMITTED, now, chorus_id=row.chorus_id, status=status)
    return Change(
        row_version=invoice.row_version,
        moves=(Move(after=State.SUBMITTED, cause=cause(CauseCode.ADOPTED, chorus_id=row.chorus_id)),),
        values={
            **NO_OWNER,
            **NOT_SHELVED,
            "environment": invoice.environment,
            "chorus_id": row.chorus_id,
            "status": status,
            "status_at": row.status_at or now,
            "reasons": None,
        },
        actor=actor,
        events=(old_news(event),),
        confirmed_by_platform=True,
    )


def met_before_claim(invoice: SentInvoice, found: Sequence[RemoteInvoice], *, now: dt.datetime) -> Change | None:
    """Right before the claim our copy of the platform's list has its number, with no invoice of ours behind it.

    None: nothing there keeps it from going.
    """
    taken = deposited(found)
    if not taken:
        return None
    ours = adoptable(taken, values_of(invoice))
    return _waits(invoice, taken[0], now) if ours is None else adopted(invoice, ours, now=now)


def met_by_retrieval(invoice: SentInvoice, row: RemoteInvoice, *, now: dt.datetime) -> Change | None:
    """The platform's list shows its number: ours with equal values; else a `ready` one waits for a person.

    None: it stays as it is.
    """
    if invoice.row_version.state not in ADOPTABLE or not deposited([row]):
        return None
    if adoptable([row], values_of(invoice)) is not None:
        return adopted(invoice, row, now=now)
    return _waits(invoice, row, now) if invoice.row_version.state is State.READY else None


def fate_of(invoice: SentInvoice, row: RemoteInvoice) -> Fate | None:
    """What a retrieval would make of a row that may be this invoice of ours; None: nothing, it is being sent."""
    if invoice.row_version.state not in ADOPTABLE or not deposited([row]):
        return None
    same = adoptable([row], values_of(invoice)) or any(
        attempt.state in UNRESOLVED and same_invoice(row, attempt.submission) for attempt in invoice.attempts
    )
    return Fate.ADOPT if same else Fate.WAITS


def confirmed_by_person(invoice: SentInvoice, row: RemoteInvoice, *, actor: str, now: dt.datetime) -> Change | None:
    """A person looked at both and says that it is ours, whatever values differ; None where the state forbids it."""
    if invoice.row_version.state not in ADOPTABLE or not deposited([row]):
        return None
    return adopted(invoice, row, actor=actor, now=now)


def values_of(invoice: SentInvoice) -> list[InvoiceValues]:
    """All values that it has, or went out with."""
    sent = [InvoiceValues.of(attempt.submission) for attempt in invoice.attempts]
    return [InvoiceValues.of_draft(invoice.draft), *sent]


def other_values(invoice: SentInvoice, row: RemoteInvoice) -> Reason:
    """The number is taken on the platform by an invoice with other values: both are shown."""
    ours, theirs = InvoiceValues.of_draft(invoice.draft), InvoiceValues.of(row)
    params = {"chorus_id": str(row.chorus_id), "status": row.status or "?"}
    return Reason(
        code="found_with_other_values",
        field="invoice_number",
        params={**params, **_shown(ours, "our"), **_shown(theirs, "their")},
    )


def _shown(values: InvoiceValues, whose: str) -> dict[str, str]:
    """As texts; the total of a credit note with a minus."""
    total = values.total_incl_tax
    if total is not None and values.credit_note:
        total = -total
    return {
        f"{whose}_recipient": values.recipient_siret or "?",
        f"{whose}_total": "?" if total is None else f"{total:.2f}",
        f"{whose}_date": "?" if values.issue_date is None else values.issue_date.isoformat(),
    }


def _waits(invoice: SentInvoice, row: RemoteInvoice, now: dt.datetime) -> Change:
    """`to_complete`; told once for the same values, since each new configuration assesses it and meets it again."""
    reason = other_values(invoice, row)
    once = f"other_values:{invoice.row_version.invoice_id}:{row.chorus_id}:{invoice.digest}"
    event = told(invoice, EventKind.AWAITING_SUBMISSION, now, once=once, state=State.TO_COMPLETE, reasons=(reason,))
    return Change(
        row_version=invoice.row_version,
        moves=(Move(after=State.TO_COMPLETE, cause=cause(CauseCode.FOUND_WITH_OTHER_VALUES)),),
        values={"reasons": (reason,)},
        events=(event,),
    )
