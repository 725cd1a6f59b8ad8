"""Public bodies by name, town or SIRET, for whoever types a recipient: first what we know ourselves, then the platform.

What we know are the bodies of our cache and of the list of recipients, by the wordings that mean them. A platform that
does not answer leaves these, and how old they are.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from include.application.mapping.look_up_recipient import RecipientLookup
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.providers import Providers
from include.application.ports.recipients import LearnedRecipients
from include.application.providers.circuit_breaker import open_circuit, stopped
from include.domain.configuration import Configuration, Provider
from include.domain.directory import DirectoryEntry, FoundBody
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    InputError,
    LoginRefusedError,
    NotThereError,
    RemoteError,
)
from include.domain.rights import Viewer
from include.domain.values import fold, normalise_siret

logger = logging.getLogger(__name__)

MOST_BODIES = 20
SHORTEST = 2
"""Signs of a text that is looked for."""

LONGEST = 100


@dataclass(frozen=True, kw_only=True)
class FoundBodies:
    """What was found; `failure`: why the platform was not asked or did not answer.

    `age`: of the oldest answer of the directory among them, None where none of them came from it.
    """

    bodies: tuple[FoundBody, ...]
    failure: ConnectorError | None = None
    age: dt.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class FoundEntry:
    """One body; `old`: the platform could not be asked now, and `entry` is what it said `age` ago, if it ever did."""

    entry: DirectoryEntry | None
    old: bool = False
    failure: ConnectorError | None = None
    age: dt.timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class DirectorySearch:
    """The directory as one person may ask it: with the logins of the providers that this person uses or administers."""

    cache: DirectoryCache
    recipients: LearnedRecipients
    providers: Providers
    chorus: Chorus
    configuration: Configuration
    clock: Clock
    viewer: Viewer

    def search(self, text: str, *, provider: str | None = None) -> FoundBodies:
        """At most MOST_BODIES; InputError for a text that is too short or too long.

        `provider`: name or SIRET of the one whose invoice asks, so that its environment is asked.
        """
        wanted = " ".join(text.split())
        if not SHORTEST <= len(wanted) <= LONGEST:
            raise InputError("directory_search_length", shortest=SHORTEST, longest=LONGEST)
        asking = self._asking(provider)
        if not asking:
            raise InputError("directory_without_provider")
        environment = self._environment(asking[0])
        known = {body.siret: body for body in self._known(environment, wanted)}
        if len(known) >= MOST_BODIES:
            return self._found(known.values())
        try:
            for body in self._remote(asking, wanted):
                known.setdefault(body.siret, body)
        except (RemoteError, ConfigurationError) as error:
            logger.info("The directory cannot be asked: %s", error)
            return self._found(known.values(), error)
        return self._found(known.values())

    def body(self, siret: str, *, provider: str | None = None) -> FoundEntry:
        """One body with services and demands. InputError for what is no SIRET, NotThereError for an unknown one."""
        digits = normalise_siret(siret)
        if digits is None:
            raise InputError("no_siret", text=siret)
        asking = self._asking(provider)
        if not asking:
            raise InputError("directory_without_provider")
        lookup = RecipientLookup(
            cache=self.cache,
            providers=self.providers,
            chorus=self.chorus,
            clock=self.clock,
            refresh_hours=self.configuration.directory.refresh_hours,
        )
        found = lookup.find(asking[0], digits)
        if found.refusal is not None:
            raise InputError("directory_refused", reason=found.refusal)
        failure = next(iter(lookup.failures), None) or stopped(asking[0], self.providers, self.clock)
        if found.entry is None:
            return FoundEntry(entry=None, old=True, failure=failure)
        if not found.entry.structure_id:
            raise NotThereError("no_such_body", siret=digits)
        age = self.clock.now() - found.entry.fetched_at if found.old else None
        return FoundEntry(entry=found.entry, old=found.old, failure=failure if found.old else None, age=age)

    def _asking(self, named: str | None) -> list[Provider]:
        """Whose logins may be used: those of the person's providers, the named one before all others."""
        mine = [
            provider
            for provider in self.configuration.providers
            if self.viewer.everything or self.viewer.administers or provider.key in self.viewer.provider_keys
        ]
        if named is None:
            return mine
        chosen = [provider for provider in mine if named in (provider.name, provider.siret, provider.key)]
        if not chosen:
            raise NotThereError("no_such_provider_here", provider=named)
        same = [one for one in mine if one.environment == chosen[0].environment and one not in chosen]
        return [*chosen, *same]

    def _environment(self, provider: Provider) -> str:
        """Where its addresses lead; while its connection cannot be read, where the configuration says."""
        try:
            return self.chorus.effective_environment(provider)
        except ConfigurationError:
            return str(provider.environment)

    def _known(self, environment: str, wanted: str) -> Iterator[FoundBody]:
        """What our own tables say, the bodies whose names begin so first."""
        cached = {body.siret: body for body in self.cache.bodies(environment)}
        wordings: dict[str, list[str]] = {}
        for recipient in self.configuration.recipients:
            wordings.setdefault(recipient.siret, []).extend(recipient.wordings)
        for siret, learned in self.recipients.learned(environment).wordings:
            wordings.setdefault(siret, []).extend(learned)
        text, digits = fold(wanted), "".join(wanted.split())
        found = []
        for siret in cached.keys() | wordings.keys():
            words = wordings.get(siret, [])
            body = cached.get(siret) or FoundBody(siret=siret, name=words[0] if words else siret)
            texts = [fold(one) for one in (body.name, body.town or "", *words)]
            if siret.startswith(digits) or any(text in one for one in texts):
                begins = siret.startswith(digits) or any(one.startswith(text) for one in texts)
                found.append((not body.active, not begins, fold(body.name), siret, body))
        yield from (body for *_, body in sorted(found, key=lambda one: one[:4])[:MOST_BODIES])

    def _remote(self, asking: list[Provider], wanted: str) -> Iterable[FoundBody]:
        """The platform's answer to the first provider whose login it takes."""
        failure: ConnectorError | None = None
        for provider in asking:
            refused = stopped(provider, self.providers, self.clock)
            if refused is None:
                try:
                    return self.chorus.directory(provider).search(wanted, limit=MOST_BODIES)
                except LoginRefusedError as error:
                    open_circuit(provider, self.providers, self.clock, error)
                    refused = error
            failure = failure or refused
        assert failure is not None
        raise failure

    def _found(self, bodies: Iterable[FoundBody], failure: ConnectorError | None = None) -> FoundBodies:
        chosen = tuple(bodies)[:MOST_BODIES]
        asked = [body.fetched_at for body in chosen if body.fetched_at is not None]
        return FoundBodies(bodies=chosen, failure=failure, age=self.clock.now() - min(asked) if asked else None)
