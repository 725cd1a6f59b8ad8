"""The port Chorus: turns a provider and its connection into a way to Chorus Pro."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from include.adapters.chorus.addresses import Addresses, addresses_for, require_allowed
from include.adapters.chorus.auth import Login, Tokens
from include.adapters.chorus.directory import RestDirectory
from include.adapters.chorus.gateway import RestChorusGateway
from include.adapters.chorus.line import Line
from include.adapters.chorus.transport import SAFE_SECONDS, Pace, Transport
from include.adapters.chorus.wire import Sign
from include.application.ports import Clock, ConnectionSecrets, Secrets
from include.domain.configuration import Provider
from include.domain.errors import ConfigurationError

CONNECT_SECONDS = 10.0
USER_AGENT = "chorus-pro-connector"


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What was made for a provider, and from what, so that a changed connection makes a new one."""

    made_from: tuple[Addresses, Login, float | None]
    transport: Transport


class RestChorus:
    """Keeps connections, tokens and pace per provider for the life of this process. Safe for threads.

    `mask_secret` is told each secret that is derived here (token, encoded account), so that a log can hide it.
    `calls_per_second` is asked when a gateway is made: the setting may change while the process lives.
    """

    def __init__(
        self,
        *,
        secrets: Secrets,
        clock: Clock,
        allow_production: bool = False,
        user_agent: str = USER_AGENT,
        mask_secret: Callable[[str], None] = lambda _secret: None,
        sleep: Callable[[float], None] = time.sleep,
        calls_per_second: Callable[[], float | None] = lambda: None,
        credit_note_sign: Sign = 1,
        connect_seconds: float = CONNECT_SECONDS,
        safe_seconds: float = SAFE_SECONDS,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._allow_production = allow_production
        self._user_agent = user_agent
        self._mask_secret = mask_secret
        self._sleep = sleep
        self._calls_per_second = calls_per_second
        self._credit_note_sign: Sign = credit_note_sign
        self._connect_seconds = connect_seconds
        self._safe_seconds = safe_seconds
        self._tokens = Tokens(clock=clock, sleep=sleep, mask_secret=mask_secret)
        self._ways: dict[str, _Way] = {}
        self._lock = threading.Lock()

    def gateway(self, provider: Provider) -> RestChorusGateway:
        """A gateway; everything that is wrong with connection or environment is raised here, before any connection."""
        return RestChorusGateway(
            self._transport(provider), siret=provider.siret, credit_note_sign=self._credit_note_sign
        )

    def directory(self, provider: Provider) -> RestDirectory:
        """The directory as this provider sees it, on the same connections."""
        return RestDirectory(self._transport(provider), self._clock)

    def effective_environment(self, provider: Provider) -> str:
        """Where its addresses lead, whatever the provider says of itself."""
        return str(addresses_for(provider, self._secrets.get(provider.connection)).environment)

    def _transport(self, provider: Provider) -> Transport:
        secrets = self._secrets.get(provider.connection)
        addresses = addresses_for(provider, secrets)
        require_allowed(addresses, provider, allow_production=self._allow_production)
        login = self._login(provider, secrets)
        made_from = (addresses, login, self._calls_per_second())
        with self._lock:
            way = self._ways.get(provider.key)
            if way is None or way.made_from != made_from:
                way = _Way(made_from=made_from, transport=self._make(provider, *made_from))
                self._ways[provider.key] = way
            return way.transport

    def _login(self, provider: Provider, secrets: ConnectionSecrets) -> Login:
        if provider.authentication == "certificate":
            raise ConfigurationError(
                f"Provider {provider.name!r} asks for certificate mode, which is not yet supported.",
                why="Chorus Pro takes no new certificate connections; PISTE is its present way.",
                todo="Set authentication: oauth_piste.",
                provider=provider.key,
            )
        return Login.from_secrets(secrets)

    def _make(self, provider: Provider, addresses: Addresses, login: Login, pace: float | None) -> Transport:
        self._mask_secret(login.account)
        return Transport(
            addresses=addresses,
            login=login,
            line=Line(
                user_agent=self._user_agent,
                connect_seconds=self._connect_seconds,
                use_environment=not addresses.loopback,
            ),
            tokens=self._tokens,
            clock=self._clock,
            sleep=self._sleep,
            pace=Pace(pace, self._clock, self._sleep),
            provider=provider.key,
            safe_seconds=self._safe_seconds,
        )
