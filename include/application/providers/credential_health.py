"""How long each provider's login still holds: asked once a day, stored, and told before it ends.

The technical password lives 424 days and only its owner can renew it; an expired one is the classic stop of production
(docs/reference/chorus-pro-api.md 1.2 and 6.8). The end of a client certificate stands in its file.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.providers import ProviderHealth, Providers
from include.application.providers.circuit_breaker import open_circuit
from include.domain.configuration import Provider
from include.domain.errors import ConfigurationError, LoginRefusedError, RemoteError
from include.domain.notification import EventKind, NewEvent

logger = logging.getLogger(__name__)

PARIS = ZoneInfo("Europe/Paris")
ASK_EVERY = dt.timedelta(days=1)
ASK_AGAIN_AFTER = dt.timedelta(hours=1)
"""Time until the next question after a call that failed: an outage is not met with more calls."""

LATER_WARNINGS = (15, 7, 1)
"""Days before the end at which it is told again; the first time is `watchdog.password_days`."""


@dataclass(frozen=True, kw_only=True)
class CredentialHealth:
    """The use case. A provider whose platform or connection fails is passed over: the others are looked at."""

    chorus: Chorus
    providers: Providers
    clock: Clock
    first_warning_days: int

    def check(self, providers: Iterable[Provider]) -> None:
        """Costs a read of our database for each provider, and one call a day."""
        for provider in providers:
            before = self.providers.health(provider.key)
            after = self._with_certificate(provider, self._with_password(provider, before))
            alerts = list(self._alerts(provider, after))
            if alerts or after != before:
                self.providers.keep_credentials(after, alerts)

    def _with_password(self, provider: Provider, known: ProviderHealth) -> ProviderHealth:
        """Asks the platform if it is time; a provider that is stopped is left to its hourly probe."""
        now = self.clock.now()
        if known.open_since is not None or (known.password_ask_at is not None and now < known.password_ask_at):
            return known
        try:
            expires_at = self.chorus.gateway(provider).password_expires_at()
        except LoginRefusedError as error:
            open_circuit(provider, self.providers, self.clock, error)
            return known
        except (RemoteError, ConfigurationError) as error:
            logger.warning("%s does not tell when its password ends: %s", provider.title, error)
            return dataclasses.replace(known, password_ask_at=now + ASK_AGAIN_AFTER)
        self.providers.close_circuit(provider.key, now=now)
        return dataclasses.replace(known, password_expires_at=expires_at, password_ask_at=now + ASK_EVERY)

    def _with_certificate(self, provider: Provider, known: ProviderHealth) -> ProviderHealth:
        try:
            return dataclasses.replace(known, certificate_expires_at=self.chorus.certificate_expires_at(provider))
        except ConfigurationError as error:
            logger.warning("%s: %s", provider.title, error)
            return known

    def _alerts(self, provider: Provider, health: ProviderHealth) -> Iterator[NewEvent]:
        ends = {"password_expires": health.password_expires_at, "certificate_expires": health.certificate_expires_at}
        for code, expires_at in ends.items():
            days = days_left(expires_at, self.clock.now())
            threshold = self._threshold(days)
            if expires_at is None or threshold is None:
                continue
            day = expires_at.astimezone(PARIS).date().isoformat()
            yield NewEvent(
                kind=EventKind.ALERT,
                at=self.clock.now(),
                provider_key=provider.key,
                facts={"code": code, "provider": provider.name, "day": day, "days": str(days)},
                once=f"{code}:{provider.key}:{day}:{threshold}",
            )

    def _threshold(self, days: int | None) -> int | None:
        """The nearest of the warnings that are due; what has ended is told by the login that is refused then."""
        if days is None or days < 0:
            return None
        due = [at for at in (self.first_warning_days, *LATER_WARNINGS) if days <= at <= self.first_warning_days]
        return min(due, default=None)


def days_left(expires_at: dt.datetime | None, now: dt.datetime) -> int | None:
    """Whole days of the calendar in Paris until then; negative when it is past."""
    if expires_at is None:
        return None
    return (expires_at.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days
