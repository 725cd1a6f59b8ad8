"""Invoices as the rules of transitions look at them, each named for its situation."""

from __future__ import annotations

import datetime as dt

from include.domain.lifecycle import RowVersion, State
from include.domain.submission import AttemptState, Taken
from include.domain.transitions.sent_invoice import Attempt, SentInvoice
from tests.factories import PROVIDER_KEY, a_submission, complete_draft
from tests.fakes.clock import START

OWNER = "worker"
DELAY = 1800
NOW = START
LATER = START + dt.timedelta(seconds=DELAY)
TAKEN = Taken(chorus_id=7001, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")


def held(state: State = State.SUBMITTING, version: int = 5) -> RowVersion:
    return RowVersion(invoice_id=1, state=state, version=version)


def attempt(number: int = 1, state: AttemptState = AttemptState.OPEN, **values: object) -> Attempt:
    given: dict[str, object] = {"submission": a_submission(), "owner": OWNER, **values}
    return Attempt(id=number, state=state, **given)  # type: ignore[arg-type]


def sent(state: State = State.SUBMITTING, *attempts: Attempt, **values: object) -> SentInvoice:
    """In `submitting` it is owned by the sender of its newest attempt."""
    given: dict[str, object] = {"owner": OWNER if state is State.SUBMITTING else None, **values}
    return SentInvoice(
        row_version=held(state),
        document="f.pdf",
        draft=complete_draft(),
        provider_key=PROVIDER_KEY,
        environment="simulator",
        attempts=attempts or (attempt(),),
        **given,  # type: ignore[arg-type]
    )
