"""Invoices of ours on the platform, as the ports themselves put them there."""

from __future__ import annotations

import dataclasses
import datetime as dt

from include.domain.correction import Correction, CorrectionKind, Routing
from include.domain.submission import RemoteInvoice, Taken
from include.domain.tracking import Account
from tests.contracts.store.worlds import World, ready
from tests.factories import PROVIDER_KEY, SUPPLIER, a_submission, found_as_sent
from tests.fakes.clock import START

ACCOUNT = Account(provider_key=PROVIDER_KEY, environment="simulator", siret=SUPPLIER)
OTHER_BODY = "21750001600019"
MINUTE = dt.timedelta(minutes=1)


def row(number: str = "F-1", status: str = "DEPOSEE", *, at: int = 0, **changes: object) -> RemoteInvoice:
    """What the platform's list shows, `at` minutes after the start; its id is that of `submitted`."""
    status_at = START + at * MINUTE
    return found_as_sent(number, changes.pop("chorus_id", 7), status=status, status_at=status_at, **changes)  # type: ignore[arg-type]


def submitted(world: World, number: str = "F-1", chorus_id: int = 7) -> int:
    """An invoice of ours that the platform took; its id."""
    work = ready(world, number)
    submission = a_submission(number, main_sha256=work.content_sha256)
    attempt = world.ledger.claim(work, submission, "{}", owner="w", lease_seconds=900, revision=1, now=START)
    taken = Taken(chorus_id=chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
    assert world.ledger.taken(attempt, taken, now=START)
    return work.row_version.invoice_id


def returned(world: World, status: str = "A_RECYCLER", number: str = "F-1", chorus_id: int = 7) -> int:
    """One that came back, and a retrieval that has seen it."""
    invoice_id = submitted(world, number, chorus_id)
    shown = row(number, status, at=1, chorus_id=chorus_id, status_comment="Service inconnu")
    world.tracking.store_rows(ACCOUNT, [shown], old_before=None, now=START)
    return invoice_id


def correction(kind: CorrectionKind = CorrectionKind.RECYCLE, **changes: object) -> Correction:
    """To another body."""
    values: dict[str, object] = {
        "kind": kind,
        "chorus_id": 7,
        "actor": "anna",
        "before": Routing(recipient_siret="12345678200051"),
        "routing": Routing(recipient_siret=OTHER_BODY),
    }
    return Correction(**{**values, **changes})  # type: ignore[arg-type]


def recycled(shown: RemoteInvoice) -> RemoteInvoice:
    """The same once the platform took the correction."""
    return dataclasses.replace(shown, status="DEPOSEE", recipient_siret=OTHER_BODY, status_comment=None)
