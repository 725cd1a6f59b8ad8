"""*Test connection* on Airflow's connection page: what `chorus doctor` looks at, for one connection; stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.secrets import ConnectionSecrets, Secrets
from include.application.providers.check_login import login_checks, look_at_login
from include.domain.codes import Environment
from include.domain.configuration import Provider
from include.domain.errors import ConnectorError

_NO_SIRET = "0" * 14


@dataclass(frozen=True, kw_only=True)
class TryConnection:
    """A login that may not be saved yet: Airflow tries it under an id of its own."""

    secrets: Secrets
    chorus: Chorus
    clock: Clock
    providers: Sequence[Provider]

    def __call__(self, connection_id: str) -> tuple[bool, str]:
        """Whether it lets in, and every check in a sentence. ConnectorError when it cannot be tried at all."""
        connection = self.secrets.get(connection_id)
        known = self._provider(connection)
        provider = _bare_provider(connection) if known is None else known
        provider = provider.model_copy(update={"connection": connection_id})
        login = look_at_login(provider, self.chorus, knows_siret=known is not None)
        checks = list(login_checks(provider, login, self.clock.now()))
        lines = [f"{check.full_name}: {check.seen}" + (f" {check.todo}" if check.todo else "") for check in checks]
        return login.error is None, ". ".join(line.rstrip(".") for line in lines) + "."

    def _provider(self, connection: ConnectionSecrets) -> Provider | None:
        """Who uses it: by its id, or by its login, since what is tried on the page has an id of Airflow's own."""
        for provider in self.providers:
            if provider.connection == connection.connection_id:
                return provider
        return next((one for one in self.providers if connection.login and self._login(one) == connection.login), None)

    def _login(self, provider: Provider) -> str | None:
        try:
            return self.secrets.get(provider.connection).login
        except ConnectorError:
            return None


def _bare_provider(connection: ConnectionSecrets) -> Provider:
    """What the connection says of itself, while no provider uses it: a host is a simulator, none is qualification."""
    extra = connection.extra
    by_host = Environment.SIMULATOR if connection.host else Environment.QUALIFICATION
    return Provider(
        name=extra.get("environment") or by_host,
        siret=_NO_SIRET,
        environment=extra.get("environment") or by_host,
        connection=connection.connection_id,
        authentication="certificate" if extra.get("certificate") or extra.get("certificate_base64") else "oauth_piste",
    )
