"""Our invoices held against the platform's list, as it was last retrieved: what differs, and what to do about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.domain.codes import remote_status
from include.domain.lifecycle import State
from include.domain.tracking import TRACKED, state_of

SHOWN_AFTER = dt.timedelta(days=1)
"""Time that the platform may take to show a new invoice: what was sent later than that before the last retrieval is not
missed yet."""


class FindingKind(StrEnum):
    """The four ways in which two lists differ."""

    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"
    STATUS_DIFFERS = "status_differs"
    AMOUNT_DIFFERS = "amount_differs"


@dataclass(frozen=True, kw_only=True)
class There:
    """An invoice as the platform's list has it."""

    status: str
    total: Decimal | None
    rejection_handled: bool = False
    deposited_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One invoice on both sides.

    `sent_at` and `total` are those of the sending that the platform took: None where we never sent it, as far as we
    know; `adopted` says that it is ours all the same. `there` is None where no retrieval ever showed it.
    """

    invoice_id: int
    state: State
    status: str | None
    sent_at: dt.datetime | None
    total: Decimal | None
    there: There | None
    adopted: bool = False


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One finding, in values that people can compare."""

    invoice_id: int
    kind: FindingKind
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """Since when this connector sends for the provider, and until when the platform's list is known to be complete."""

    first_sent_on: dt.date | None
    retrieved_at: dt.datetime | None


def differences(pair: Pair, horizon: Horizon) -> Iterator[Difference]:
    """What differs about one invoice; an account that was never retrieved to the end shows nothing missing."""
    there = pair.there
    if there is None:
        if _missed(pair, horizon):
            yield Difference(invoice_id=pair.invoice_id, kind=FindingKind.MISSING_THERE, ours=pair.state, theirs=None)
        return
    if pair.sent_at is None and not pair.adopted:
        if _sent_beside_us(there, horizon):
            kind = FindingKind.MISSING_HERE
            yield Difference(invoice_id=pair.invoice_id, kind=kind, ours=None, theirs=there.status)
        return
    if _status_differs(pair, there):
        ours = f"{pair.state}, {pair.status or '-'}"
        kind = FindingKind.STATUS_DIFFERS
        yield Difference(invoice_id=pair.invoice_id, kind=kind, ours=ours, theirs=there.status)
    if pair.total is not None and there.total is not None and abs(there.total) != abs(pair.total):
        kind = FindingKind.AMOUNT_DIFFERS
        yield Difference(
            invoice_id=pair.invoice_id, kind=kind, ours=f"{abs(pair.total):.2f}", theirs=f"{abs(there.total):.2f}"
        )


def _missed(pair: Pair, horizon: Horizon) -> bool:
    retrieved = horizon.retrieved_at
    return pair.sent_at is not None and retrieved is not None and pair.sent_at + SHOWN_AFTER < retrieved


def _sent_beside_us(there: There, horizon: Horizon) -> bool:
    """What was there before this connector sent anything is no difference, it is history."""
    first = horizon.first_sent_on
    return first is not None and there.deposited_on is not None and there.deposited_on >= first


def _status_differs(pair: Pair, there: There) -> bool:
    """A correction under way settles its own state, and shows by itself that it does."""
    if pair.state not in TRACKED:
        return pair.state not in (State.CORRECTING, State.CORRECTION_UNKNOWN)
    wanted = state_of(there.status, rejection_handled=there.rejection_handled)
    return pair.status != remote_status(there.status) or wanted not in (None, pair.state)
