"""Which providers have something to send or to search, chosen by state in the store."""

from __future__ import annotations

import logging

from include.application.ports.clock import Clock
from include.application.ports.ledger import Ledger
from include.application.ports.providers import Providers
from include.application.providers.circuit_breaker import stopped
from include.domain.configuration import Configuration
from include.domain.internal_errors import Item

logger = logging.getLogger(__name__)


def plan_submission(
    ledger: Ledger, providers: Providers, configuration: Configuration, revision: int, clock: Clock
) -> list[str]:
    """Keys of the providers to be visited in this pass; a stopped one is left out until its probe is due."""
    now = clock.now()
    delay = configuration.submission.search_again_after_seconds
    errors: dict[Item, Exception] = {}  # told by the visit of its provider, which tries it again
    lapsed = ledger.expire_leases(search_after_seconds=delay, now=now, errors=errors)
    if lapsed:
        logger.warning("%s invoices were left in the middle of a sending: their outcome will be searched", lapsed)
    automatic = [provider.key for provider in configuration.providers if provider.automatic_submission]
    planned = []
    for key in ledger.providers_with_work(revision, automatic=automatic, now=now):
        provider = configuration.provider_by_key(key)
        if provider is None:
            logger.warning("Provider %s is not in the configuration any more: its invoices wait", key)
        elif (error := stopped(provider, providers, clock)) is not None:
            logger.info("%s", error)
        else:
            planned.append(key)
    return planned
