"""The circuit breaker of a provider whose login was refused: no calls but one probe an hour.

Source: docs/reference/exactly-once.md 6.
"""

from __future__ import annotations

import datetime as dt
import logging

from include.application.ports.chorus import Chorus, ChorusGateway
from include.application.ports.clock import Clock
from include.application.ports.providers import Providers
from include.domain.configuration import Provider
from include.domain.errors import LoginRefusedError
from include.texts import Text, store

logger = logging.getLogger(__name__)

PROBE_AFTER = dt.timedelta(hours=1)
"""A refused login is tried again once an hour, so that a wrong password does not lock the account."""


def logged_in(provider: Provider, providers: Providers, chorus: Chorus, clock: Clock) -> ChorusGateway | None:
    """A gateway whose login works now; None while the circuit breaker is open and its probe not due."""
    if stopped(provider, providers, clock) is not None:
        logger.info("Provider %s is stopped: its login was refused", provider.key)
        return None
    gateway = chorus.gateway(provider)
    gateway.check()
    providers.close_circuit(provider.key, now=clock.now())
    return gateway


def stopped(provider: Provider, providers: Providers, clock: Clock) -> LoginRefusedError | None:
    """Why nothing is called for this provider now, for who runs something by hand; None while it is not stopped."""
    health = providers.health(provider.key)
    if health.open_since is None or health.next_probe_at is None or clock.now() >= health.next_probe_at:
        return None
    return LoginRefusedError(
        "provider_stopped_until",
        provider=provider.title,
        since=health.open_since,
        again=health.next_probe_at,
        half_name=Text(f"alert.half.{health.half or 'account'}"),
        connection=provider.connection,
        half=health.half or "account",
    )


def open_circuit(provider: Provider, providers: Providers, clock: Clock, error: LoginRefusedError) -> None:
    """Stops the provider until a probe, `chorus doctor` or `config apply` logs in."""
    providers.open_circuit(
        provider.key, half=error.half, reason=store(error.headline), probe_after=PROBE_AFTER, now=clock.now()
    )
