"""The circuit of a provider whose login was refused: no calls but one probe an hour (exactly-once 6)."""

from __future__ import annotations

import datetime as dt
import logging

from include.application.ports import Chorus, ChorusGateway, Clock
from include.application.storage_ports import Providers
from include.domain.configuration import Provider
from include.domain.errors import LoginRefusedError

logger = logging.getLogger(__name__)

PROBE_AFTER = dt.timedelta(hours=1)
"""A refused login is tried again once an hour, so that a wrong password does not lock the account."""


def logged_in(provider: Provider, providers: Providers, chorus: Chorus, clock: Clock) -> ChorusGateway | None:
    """A gateway whose login works now; None while the circuit is open and its probe not due."""
    health = providers.health(provider.key)
    if health.open_since is not None and health.next_probe_at is not None and clock.now() < health.next_probe_at:
        logger.warning("Provider %s is stopped: its login was refused (%s)", provider.key, health.half)
        return None
    gateway = chorus.gateway(provider)
    gateway.check()
    providers.close_circuit(provider.key, now=clock.now())
    return gateway


def open_circuit(provider: Provider, providers: Providers, clock: Clock, error: LoginRefusedError) -> None:
    """Stops the provider until a probe, `chorus doctor` or `config apply` logs in."""
    providers.open_circuit(provider.key, half=error.half, reason=error.what, probe_after=PROBE_AFTER, now=clock.now())
