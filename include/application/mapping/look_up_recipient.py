"""Recipients in the platform's directory, through our cache: each SIRET is asked at most once in a pass.

A provider whose platform does not answer is asked no more in this pass; a refused login opens its circuit breaker, as
it does in sending (docs/reference/exactly-once.md 6). An old entry is better than none: it is used, and said to be old.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from include.application.ports.chorus import Chorus, Directory
from include.application.ports.clock import Clock
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.providers import Providers
from include.application.providers.circuit_breaker import PROBE_AFTER, stopped
from include.domain.configuration import Provider
from include.domain.directory import DirectoryEntry
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    LoginRefusedError,
    RemoteError,
    RemoteRefusedError,
)
from include.domain.reasons import Reason
from include.texts import store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What the directory says: an entry (of a body that it does not know: id 0), or its refusal to look.

    `postponed`: nobody can tell now, and the invoice has to wait for the next pass.
    """

    entry: DirectoryEntry | None = None
    old: bool = False
    refusal: Reason | None = None
    postponed: bool = False


NOT_NOW = LookedUp(postponed=True)


class RecipientLookup:
    """The directory for one pass; `failures` are the faults of the surroundings that were met."""

    def __init__(
        self, *, cache: DirectoryCache, providers: Providers, chorus: Chorus, clock: Clock, refresh_hours: float
    ) -> None:
        self._cache = cache
        self._providers = providers
        self._chorus = chorus
        self._clock = clock
        self._refresh = dt.timedelta(hours=refresh_hours)
        self._environments: dict[str, str | None] = {}
        self._directories: dict[str, Directory] = {}
        self._down: set[str] = set()
        self._answers: dict[tuple[str, str], LookedUp] = {}
        self.failures: list[ConnectorError] = []

    def environment(self, provider: Provider) -> str | None:
        """Where the provider's addresses lead; None while its connection cannot be read."""
        if provider.key not in self._environments:
            try:
                self._environments[provider.key] = self._chorus.effective_environment(provider)
            except ConfigurationError as error:
                self._environments[provider.key] = None
                self._failure(provider, error)
        return self._environments[provider.key]

    def find(self, provider: Provider, siret: str) -> LookedUp:
        """The body with this SIRET, as this provider's environment knows it."""
        environment = self.environment(provider)
        if environment is None:
            return NOT_NOW
        answer = self._answers.get((environment, siret))
        if answer is None:
            answer = self._find(provider, environment, siret)
            if not answer.postponed and not answer.old:  # another provider of the environment may still reach it
                self._answers[environment, siret] = answer
        return answer

    def _find(self, provider: Provider, environment: str, siret: str) -> LookedUp:
        cached = self._cache.get(environment, siret)
        if cached is not None and self._clock.now() - cached.fetched_at < self._refresh:
            return LookedUp(entry=cached)
        answer = self._ask(provider, siret)
        if answer.entry is not None:
            self._cache.put(environment, answer.entry, now=self._clock.now())
            return answer
        return LookedUp(entry=cached, old=True) if answer.postponed and cached is not None else answer

    def _ask(self, provider: Provider, siret: str) -> LookedUp:
        if provider.key in self._down:
            return NOT_NOW
        try:
            directory = self._directory(provider)
            if directory is None:
                return NOT_NOW
            entry = directory.find(siret)
        except RemoteRefusedError as error:
            params = {"siret": siret, "number": str(error.number), "label": error.label}
            return LookedUp(refusal=Reason(code="recipient_lookup_refused", field="recipient_siret", params=params))
        except (RemoteError, ConfigurationError) as error:
            self._failure(provider, error)
            return NOT_NOW
        return LookedUp(entry=entry or self._unknown_body(siret))

    def _directory(self, provider: Provider) -> Directory | None:
        """The directory as this provider sees it; None while its circuit breaker is open and no probe is due.

        A due probe is made here too: while no recipient can be looked up nothing becomes ready, and sending, which
        would probe otherwise, has no work.
        """
        if provider.key not in self._directories:
            if stopped(provider, self._providers, self._clock) is not None:
                logger.info("Provider %s is stopped: its login was refused", provider.key)
                self._down.add(provider.key)
                return None
            if self._providers.health(provider.key).open_since is not None:
                self._chorus.gateway(provider).check()
                self._providers.close_circuit(provider.key, now=self._clock.now())
            self._directories[provider.key] = self._chorus.directory(provider)
        return self._directories[provider.key]

    def _unknown_body(self, siret: str) -> DirectoryEntry:
        """What the cache keeps of a body that the platform does not know."""
        return DirectoryEntry(siret=siret, structure_id=0, name="", active=False, fetched_at=self._clock.now())

    def _failure(self, provider: Provider, error: ConnectorError) -> None:
        self._down.add(provider.key)
        self.failures.append(error.about(provider.title))
        logger.info("Provider %s cannot ask the directory: %s", provider.key, error)
        if isinstance(error, LoginRefusedError):
            now = self._clock.now()
            self._providers.open_circuit(
                provider.key, half=error.half, reason=store(error.headline), probe_after=PROBE_AFTER, now=now
            )
