"""Trying the logins of providers after something about them was saved: who is let in, and which half fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from include.application.ports.clock import Clock
from include.application.ports.providers import Providers
from include.application.providers.circuit_breaker import PROBE_AFTER
from include.domain.configuration import Provider
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    LoginRefusedError,
    SecretMissingError,
    SupplierForbiddenError,
)
from include.texts import Text, store

_LOGINS_AT_ONCE = 8

Half = Literal["client", "account", "address", "certificate"]
_HALVES: dict[str, Half] = {"piste": "client", "account": "account", "certificate": "certificate"}


@dataclass(frozen=True, kw_only=True)
class LoginTried:
    """What became of one login; `error` is None where the provider was let in."""

    provider: Provider
    error: ConnectorError | None = None

    @property
    def half(self) -> Half | None:
        """Which part has to be mended; None where it works, or where nothing was tried for want of a secret."""
        if isinstance(self.error, LoginRefusedError):
            return _HALVES[self.error.half]
        if isinstance(self.error, SupplierForbiddenError):
            return "account"
        return None if self.error is None or isinstance(self.error, ConfigurationError) else "address"

    @property
    def refused(self) -> bool:
        """Whether somebody looked at the login and said no; the provider is stopped until one is let in."""
        return isinstance(self.error, LoginRefusedError)

    @property
    def warning(self) -> Text | None:
        """What went wrong, and what to do; None where nothing did."""
        if self.error is None:
            return None
        if isinstance(self.error, LoginRefusedError):
            return _refused(self.provider, self.error)
        code = "login_not_tried" if isinstance(self.error, SecretMissingError) else "login_not_tried_now"
        return Text(f"warning.{code}", {"provider": self.provider.title, "error": self.error})


def try_logins(
    providers: Iterable[Provider], check_login: Callable[[Provider], None], circuits: Providers, clock: Clock
) -> list[LoginTried]:
    """Tries the login of each provider; one that is refused is stopped, one that is let in goes on.

    Side by side: a refused client costs five tries with pauses, a dead address its time-out.

    Source: docs/reference/exactly-once.md 6.
    """
    with ThreadPoolExecutor(max_workers=_LOGINS_AT_ONCE) as executor:
        asked = [(provider, executor.submit(check_login, provider)) for provider in providers]
    found: list[LoginTried] = []
    for provider, login in asked:
        try:
            login.result()
        except LoginRefusedError as error:
            circuits.open_circuit(
                provider.key, half=error.half, reason=store(error.headline), probe_after=PROBE_AFTER, now=clock.now()
            )
            found.append(LoginTried(provider=provider, error=error))
        except ConnectorError as error:
            found.append(LoginTried(provider=provider, error=error))
        else:
            circuits.close_circuit(provider.key, now=clock.now())
            found.append(LoginTried(provider=provider))
    return found


def _refused(provider: Provider, error: LoginRefusedError) -> Text:
    """Which half was refused, and what to do about it.

    Source: docs/reference/connector-functions.md 1.2: the advice on port 5443.
    """
    half = error.half
    if half == "account" and provider.authentication == "certificate":
        half = "account_behind_certificate"
    about = {"connection": provider.connection, "what": error.headline, "diagnosis": error.diagnosis}
    return Text(
        "warning.login_refused", {"provider": provider.title, "refused": Text(f"warning.refused.{half}", about)}
    )
