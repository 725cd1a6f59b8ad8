"""The port Chorus: turns a provider and its connection into a way to Chorus Pro."""

from __future__ import annotations

import datetime as dt
import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from include.adapters.chorus.addresses import Addresses, addresses_for, require_allowed, require_prepared
from include.adapters.chorus.auth import Login, Tokens
from include.adapters.chorus.certificate import CertificateFile, ClientCertificate, open_certificate
from include.adapters.chorus.directory import RestDirectory
from include.adapters.chorus.failures import outcome_of
from include.adapters.chorus.gateway import RestChorusGateway
from include.adapters.chorus.identity import CertificateIdentity, CertificateLogin, Identity, PisteIdentity
from include.adapters.chorus.pace import Pace, ProcessTurns
from include.adapters.chorus.transport import SAFE_SECONDS, Transport
from include.adapters.chorus.wire import Sign
from include.adapters.http.exchange import Exchange, HttpExchange
from include.adapters.http.known_secrets import KnownSecrets
from include.adapters.http.metered_exchange import MeteredExchange
from include.application.ports.call_turns import CallTurns
from include.application.ports.clock import Clock
from include.application.ports.figures import Measure
from include.application.ports.secrets import Secrets
from include.domain.configuration import Provider

CONNECT_SECONDS = 10.0
USER_AGENT = "chorus-pro-connector"


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What was made for a provider, and from what, so that a changed connection makes a new one."""

    made_from: tuple[Addresses, Login | CertificateLogin, float | None]
    transport: Transport


class RestChorus:
    """Keeps connections and tokens for the life of this process. Safe for threads.

    `mask_secret` is told each secret that is derived here (token, encoded account), so that a log can hide it.
    Without `sending` the gateways read, and refuse to submit or correct, whoever asks.
    `calls_per_second` is asked when a gateway is made: the setting may change while the process lives. `call_turns`
    keep that pace with other processes; without them this process keeps it alone. `measure` hears of every exchange.
    """

    def __init__(
        self,
        *,
        secrets: Secrets,
        clock: Clock,
        allow_production: bool = False,
        sending: bool = True,
        user_agent: str = USER_AGENT,
        mask_secret: Callable[[str], None] = lambda _secret: None,
        sleep: Callable[[float], None] = time.sleep,  # tests wait on a clock of their own
        calls_per_second: Callable[[], float | None] = lambda: None,
        call_turns: CallTurns | None = None,
        measure: Measure | None = None,
        credit_note_sign: Sign = 1,
        connect_seconds: float = CONNECT_SECONDS,
        safe_seconds: float = SAFE_SECONDS,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._allow_production = allow_production
        self._sending = sending
        self._user_agent = user_agent
        self._mask_secret = mask_secret
        self._sleep = sleep
        self._calls_per_second = calls_per_second
        self._own_turns = ProcessTurns(clock)
        self._call_turns = call_turns or self._own_turns
        self._measure = measure
        self._credit_note_sign: Sign = credit_note_sign
        self._connect_seconds = connect_seconds
        self._safe_seconds = safe_seconds
        self._known = KnownSecrets()
        self._tokens = Tokens(clock=clock, sleep=sleep, mask_secret=mask_secret, known_secrets=self._known)
        self._ways: dict[str, _Way] = {}
        self._certificates: dict[tuple[str, str], ClientCertificate] = {}
        self._lock = threading.Lock()

    def gateway(self, provider: Provider) -> RestChorusGateway:
        """A gateway; everything that is wrong with connection or environment is raised here, before any connection."""
        return RestChorusGateway(
            self._transport(provider),
            siret=provider.siret,
            credit_note_sign=self._credit_note_sign,
            sending=self._sending,
        )

    def directory(self, provider: Provider) -> RestDirectory:
        """The directory as this provider sees it, on the same connections."""
        return RestDirectory(self._transport(provider), self._clock)

    def effective_environment(self, provider: Provider) -> str:
        """Where its addresses lead, whatever the provider says of itself."""
        return str(addresses_for(provider, self._secrets.get(provider.connection)).environment)

    def certificate_expires_at(self, provider: Provider) -> dt.datetime | None:
        """When the client certificate ends, as it says itself."""
        if provider.authentication != "certificate":
            return None
        return self._certificate(CertificateFile.from_secrets(self._secrets.get(provider.connection))).expires_at

    def _transport(self, provider: Provider) -> Transport:
        secrets = self._secrets.get(provider.connection)
        self._known.add_connection(secrets)
        addresses = addresses_for(provider, secrets)
        require_allowed(addresses, provider, allow_production=self._allow_production)
        by_certificate = provider.authentication == "certificate"
        login = CertificateLogin.from_secrets(secrets) if by_certificate else Login.from_secrets(secrets)
        certificate = self._certificate(login.certificate) if isinstance(login, CertificateLogin) else None
        if certificate is not None:
            certificate.require_valid(self._clock.now())
        made_from = (addresses, login, self._calls_per_second())
        with self._lock:
            way = self._ways.get(provider.key)
            if way is None or way.made_from != made_from:
                way = _Way(made_from=made_from, transport=self._make(provider, *made_from, certificate))
                self._ways[provider.key] = way
            return way.transport

    def _certificate(self, file: CertificateFile) -> ClientCertificate:
        """Opened once: the password of a p12 is made costly to try."""
        with self._lock:
            known = self._certificates.get((file.connection_id, file.place))
        if known is None or known.file != file:
            known = open_certificate(file)
            with self._lock:
                self._certificates[file.connection_id, file.place] = known
        return known

    def _make(
        self,
        provider: Provider,
        addresses: Addresses,
        login: Login | CertificateLogin,
        pace: float | None,
        certificate: ClientCertificate | None,
    ) -> Transport:
        self._mask_secret(login.account)
        self._known.add(login.account)
        http: Exchange = HttpExchange(
            user_agent=self._user_agent,
            connect_seconds=self._connect_seconds,
            use_proxies=not addresses.loopback,
            tls=certificate.tls_context() if certificate else None,
            known_secrets=self._known,
            guard=functools.partial(require_prepared, provider=provider, allow_production=self._allow_production),
        )
        if self._measure is not None:
            http = MeteredExchange(http, provider=provider.key, measure=self._measure, outcome_of=outcome_of)
        identity = self._identity(addresses, login, http)
        return Transport(
            addresses=addresses,
            identity=identity,
            http=http,
            clock=self._clock,
            sleep=self._sleep,
            pace=Pace(
                pace,
                client=identity.client,
                turns=self._call_turns,
                own_turns=self._own_turns,
                sleep=self._sleep,
            ),
            provider=provider.key,
            safe_seconds=self._safe_seconds,
        )

    def _identity(self, addresses: Addresses, login: Login | CertificateLogin, http: Exchange) -> Identity:
        if isinstance(login, CertificateLogin):
            return CertificateIdentity(login=login)
        return PisteIdentity(login=login, tokens=self._tokens, token_url=addresses.token or "", http=http)
