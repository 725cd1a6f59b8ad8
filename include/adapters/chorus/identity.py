"""How a provider proves who it is, at each of the two doors (docs/reference/chorus-pro-api.md 1.2 and 1.5)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from requests import PreparedRequest
from requests.auth import AuthBase

from include.adapters.chorus.auth import ChorusAuth, Login, Tokens
from include.adapters.chorus.certificate import CertificateFile
from include.adapters.chorus.failures import Door, is_account_refusal
from include.adapters.http.exchange import Answer, Exchange
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import SecretMissingError


class Identity(Protocol):
    """A provider's login as a transport uses it."""

    @property
    def connection_id(self) -> str:
        """The connection it was read from, for messages."""

    @property
    def client(self) -> str:
        """A name for who calls in the eyes of the platform (PISTE application, certificate), without its secrets."""

    @property
    def door(self) -> Door:
        """Which door its messages speak of."""

    def credentials(self) -> AuthBase:
        """What goes along with the next call. PISTE may have to be asked for it: see `Tokens.get`."""

    def invalidate(self, credentials: AuthBase) -> None:
        """Called when the platform refused these credentials."""

    def account_refused(self, answer: Answer) -> bool:
        """Whether a 401 that came twice speaks of the technical account."""


@dataclass(frozen=True, kw_only=True)
class PisteIdentity:
    """A bearer of PISTE, and the technical account."""

    login: Login
    tokens: Tokens
    token_url: str
    http: Exchange
    door: Door = Door.PISTE

    @property
    def connection_id(self) -> str:
        """See `Identity`."""
        return self.login.connection_id

    @property
    def client(self) -> str:
        """See `Identity`."""
        return hashlib.sha256(f"{self.token_url} {self.login.client_id}".encode()).hexdigest()

    def credentials(self) -> AuthBase:
        """See `Identity`."""
        return ChorusAuth(self.tokens.get(self.http, self.token_url, self.login), self.login.account)

    def invalidate(self, credentials: AuthBase) -> None:
        """See `Identity`: the next credentials have a fresh token."""
        if isinstance(credentials, ChorusAuth):
            self.tokens.drop(self.token_url, self.login, credentials.token)

    def account_refused(self, answer: Answer) -> bool:
        """See `Identity`; the other 401 speaks of the token."""
        return is_account_refusal(answer)


@dataclass(frozen=True, kw_only=True)
class CertificateLogin:
    """Both halves of a login in certificate mode; `repr` shows no secret."""

    certificate: CertificateFile
    account: str = field(repr=False)

    @classmethod
    def from_secrets(cls, secrets: ConnectionSecrets) -> CertificateLogin:
        """The login of a connection; SecretMissingError names what is missing."""
        missing = [name for name in ("login", "password") if not getattr(secrets, name)]
        if missing:
            raise SecretMissingError("account_incomplete", connection=secrets.connection_id, missing=", ".join(missing))
        account = base64.b64encode(f"{secrets.login}:{secrets.password}".encode()).decode("ascii")
        return cls(certificate=CertificateFile.from_secrets(secrets), account=account)


class BasicAuth(AuthBase):
    """The technical account as HTTP Basic; the certificate goes with the connection."""

    def __init__(self, account: str) -> None:
        self._account = account

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Sets the header."""
        r.headers["Authorization"] = f"Basic {self._account}"
        return r


@dataclass(frozen=True, kw_only=True)
class CertificateIdentity:
    """The technical account behind a client certificate that the TLS layer shows."""

    login: CertificateLogin
    door: Door = Door.CERTIFICATE

    @property
    def connection_id(self) -> str:
        """See `Identity`."""
        return self.login.certificate.connection_id

    @property
    def client(self) -> str:
        """See `Identity`."""
        return hashlib.sha256(self.login.certificate.content).hexdigest()

    def credentials(self) -> AuthBase:
        """See `Identity`: always the same."""
        return BasicAuth(self.login.account)

    def invalidate(self, credentials: AuthBase) -> None:
        """See `Identity`: there is nothing to renew."""

    def account_refused(self, answer: Answer) -> bool:
        """See `Identity`: the certificate was let in before, so it can only be the account."""
        return True
