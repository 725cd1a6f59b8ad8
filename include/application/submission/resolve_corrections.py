"""Corrections whose outcome nobody knows: looked at on the platform, by the invoice's id, until it is known.

Every pass of sending and every retrieval does that; nothing is ever sent again from here
(docs/reference/exactly-once.md 5).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from include.application.isolation import Isolation
from include.application.ports.chorus import ChorusGateway
from include.application.ports.clock import Clock
from include.application.ports.corrections import CorrectionAttempt, Corrections
from include.domain.errors import RemoteRefusedError, RemoteUnavailableError
from include.domain.internal_errors import Item
from include.domain.lifecycle import State

logger = logging.getLogger(__name__)

BATCH = 500


def resolve_corrections(
    provider_key: str,
    gateway: ChorusGateway,
    corrections: Corrections,
    clock: Clock,
    isolation: Isolation,
    *,
    check_after_seconds: int,
    invoice_ids: Sequence[int] | None = None,
) -> int:
    """How many are known now. An outage ends it: they stay as they are, and the next pass looks again."""
    lapsed: dict[Item, Exception] = {}
    corrections.expire_leases(check_after_seconds=check_after_seconds, now=clock.now(), errors=lapsed)
    isolation.caught_all(lapsed)
    resolved = 0
    for attempt in corrections.due(provider_key, now=clock.now(), limit=BATCH, invoice_ids=invoice_ids):
        with isolation.confined(Item("correction", attempt.invoice_id), provider_key=provider_key):
            try:
                after = verify(attempt, gateway, corrections, clock)
            except RemoteUnavailableError as error:
                logger.warning("Correction of invoice %s is not verified: %s", attempt.invoice_id, error)
                break
            resolved += after not in (None, State.CORRECTION_UNKNOWN)
    return resolved


def verify(attempt: CorrectionAttempt, gateway: ChorusGateway, corrections: Corrections, clock: Clock) -> State | None:
    """What the platform shows of it now; the state after, None when it is not ours to decide.

    The time is taken before the call: a look that began before the delay was over is not the last one.
    """
    begun_at = clock.now()
    try:
        shown = gateway.consult(attempt.correction.chorus_id)
    except RemoteRefusedError as error:
        logger.warning("Chorus Pro does not show invoice %s: %s", attempt.invoice_id, error.number)
        shown = None
    after = corrections.apply_outcome(attempt, shown, now=begun_at)
    logger.info("Correction of invoice %s (%s): %s", attempt.invoice_id, attempt.correction.kind, after)
    return after
