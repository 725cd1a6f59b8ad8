"""Where a provider's calls go, and whether that is production (API page 1.1, interfaces page 2).

Safety first: an address of the State that is not known to be a test one counts as production.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from include.application.ports import ConnectionSecrets
from include.domain.codes import Environment
from include.domain.configuration import Provider
from include.domain.errors import ConfigurationError, ProductionForbiddenError, SecretMissingError

TOKEN_PATH = "/api/oauth/token"
STATE_DOMAIN = "gouv.fr"
TEST_MARKS = ("sandbox", "qualif")


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The API base and token addresses of one provider, and the environment they belong to."""

    api: str
    token: str
    environment: Environment

    @property
    def loopback(self) -> bool:
        """Whether the platform is on this machine, where no proxy is wanted."""
        return _is_loopback(_host(self.api))


_OWN = {
    Environment.PRODUCTION: ("https://api.piste.gouv.fr", "https://oauth.piste.gouv.fr" + TOKEN_PATH),
    Environment.QUALIFICATION: (
        "https://sandbox-api.piste.gouv.fr",
        "https://sandbox-oauth.piste.gouv.fr" + TOKEN_PATH,
    ),
}


def addresses_for(provider: Provider, secrets: ConnectionSecrets) -> Addresses:
    """The addresses: those of the connection if it names a host, else the environment's own."""
    token_override = secrets.extra.get("token_url")
    if secrets.host:
        api = base_address(secrets)
        token = str(token_override or api + TOKEN_PATH)  # never the real one beside another host
    elif provider.environment in _OWN:
        api, token = _OWN[provider.environment]
        token = str(token_override or token)
    else:
        raise SecretMissingError(
            f"Connection {secrets.connection_id!r} of provider {provider.name!r} has no host.",
            why="A simulator has no address of its own.",
            todo="Write its address, with schema and port, into the connection.",
            connection=secrets.connection_id,
        )
    _require_encryption(api, token, secrets.connection_id)
    return Addresses(api=api, token=token, environment=_environment(provider, api, token))


def require_allowed(addresses: Addresses, provider: Provider, *, allow_production: bool) -> None:
    """ProductionForbiddenError where production was not expressly allowed: called before any connection."""
    if addresses.environment is Environment.PRODUCTION and not allow_production:
        raise ProductionForbiddenError(
            f"Provider {provider.name!r} leads to production ({_host(addresses.api)}).",
            why="Invoices sent there are real ones.",
            todo="Set CHORUS_ALLOW_PRODUCTION=1 where that is wanted, else correct environment or host.",
            provider=provider.key,
        )


def base_address(secrets: ConnectionSecrets) -> str:
    """Schema, host and port of a connection, read as Airflow's own HTTP connections are.

    Without a schema: https, except on this machine.
    """
    host = (secrets.host or "").strip()
    if "://" not in host:
        schema = secrets.schema or ("http" if _is_loopback(_bare(host)) else "https")
        host = f"{schema}://{host}"
    parts = urlsplit(host)
    try:
        named_port = parts.port
    except ValueError:
        named_port = None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"The host of connection {secrets.connection_id!r} is no web address: {parts.netloc.rpartition('@')[2]}",
            todo="Write host with schema and port, such as https://example.org:8443.",
            connection=secrets.connection_id,
        )
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = named_port or secrets.port
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "") + parts.path.rstrip("/")


def _environment(provider: Provider, api: str, token: str) -> Environment:
    seen = {_belongs_to(_host(url)) for url in (api, token)}
    if provider.environment is Environment.PRODUCTION or Environment.PRODUCTION in seen:
        return Environment.PRODUCTION
    if Environment.QUALIFICATION in seen:
        return Environment.QUALIFICATION
    return provider.environment


def _belongs_to(host: str) -> Environment | None:
    if host != STATE_DOMAIN and not host.endswith("." + STATE_DOMAIN):
        return None
    return Environment.QUALIFICATION if any(mark in host for mark in TEST_MARKS) else Environment.PRODUCTION


def _require_encryption(api: str, token: str, connection: str) -> None:
    for url in (api, token):
        if urlsplit(url).scheme != "https" and _belongs_to(_host(url)) is not None:
            raise ConfigurationError(
                f"Connection {connection!r} leads to {_host(url)} without encryption.",
                why="The technical account would travel in clear.",
                todo="Use https.",
                connection=connection,
            )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def _bare(host: str) -> str:
    return (urlsplit("//" + host).hostname or "").lower()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
