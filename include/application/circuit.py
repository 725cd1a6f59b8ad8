"""The circuit of a provider whose login was refused: no calls but one probe an hour (exactly-once 6)."""

from __future__ import annotations

import datetime as dt
import logging

from include.application.ports import Chorus, ChorusGateway, Clock
from include.application.storage_ports import Providers
from include.domain.configuration import Provider
from include.domain.errors import LoginRefusedError
from include.domain.notification import PARIS
from include.domain.wordings.notification import HALVES

logger = logging.getLogger(__name__)

PROBE_AFTER = dt.timedelta(hours=1)
"""A refused login is tried again once an hour, so that a wrong password does not lock the account."""


def logged_in(provider: Provider, providers: Providers, chorus: Chorus, clock: Clock) -> ChorusGateway | None:
    """A gateway whose login works now; None while the circuit is open and its probe not due."""
    if stopped(provider, providers, clock) is not None:
        logger.info("Provider %s is stopped: its login was refused", provider.key)
        return None
    gateway = chorus.gateway(provider)
    gateway.check()
    providers.close_circuit(provider.key, now=clock.now())
    return gateway


def stopped(provider: Provider, providers: Providers, clock: Clock) -> LoginRefusedError | None:
    """For whoever runs something by hand: why nothing is called for this provider now; None while it is not stopped."""
    health = providers.health(provider.key)
    if health.open_since is None or health.next_probe_at is None or clock.now() >= health.next_probe_at:
        return None
    half = f" ({HALVES[health.half][1]})" if health.half in HALVES else ""
    since, again = (
        f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}" for moment in (health.open_since, health.next_probe_at)
    )
    return LoginRefusedError(
        f"{provider.title} is stopped since {since}: its login was refused{half}.",
        why=f"It is tried again by itself after {again} (Paris).",
        todo=f"Correct the connection {provider.connection}, then run `chorus doctor`, which starts it again.",
        half=health.half or "account",
    )


def open_circuit(provider: Provider, providers: Providers, clock: Clock, error: LoginRefusedError) -> None:
    """Stops the provider until a probe, `chorus doctor` or `config apply` logs in."""
    providers.open_circuit(provider.key, half=error.half, reason=error.what, probe_after=PROBE_AFTER, now=clock.now())
