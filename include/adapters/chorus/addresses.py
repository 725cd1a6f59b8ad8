"""Where a provider's calls go, and whether that is production (API pages 1.1 and 1.5).

Safety first: an address of the State that is not known to be a test one counts as production. There are two doors:
PISTE, and the older one for client certificates, whose resources are the same without `/cpro` and `/v1`.
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


CERTIFICATE_HOST = "https://chorus-pro.gouv.fr:5443"
SERVICE, SERVICE_QUALIF = "/service", "/service-qualif"


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The API base and token addresses of one provider, and the environment they belong to.

    `token` is None at the door for certificates, which knows no tokens.
    """

    api: str
    token: str | None
    environment: Environment

    def url(self, operation: str) -> str:
        """Where an operation stands, given by its path at PISTE: `factures/v1/soumettre`."""
        if self.token is None:
            return f"{self.api}/{operation.replace('/v1/', '/', 1)}"
        return f"{self.api}/cpro/{operation}"

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
    if provider.authentication == "certificate":
        return _certificate_addresses(provider, secrets)
    token_override = secrets.extra.get("token_url")
    if secrets.host:
        api = base_address(secrets)
        token = str(token_override or api + TOKEN_PATH)  # never the real one beside another host
    elif provider.environment in _OWN:
        api, token = _OWN[provider.environment]
        token = str(token_override or token)
    else:
        raise _no_host(provider, secrets)
    _require_encryption(api, token, secrets.connection_id)
    return Addresses(api=api, token=token, environment=_environment(provider, api, token))


def _certificate_addresses(provider: Provider, secrets: ConnectionSecrets) -> Addresses:
    if secrets.host:
        host = base_address(secrets, schema="https")
    elif provider.environment in _OWN:
        host = CERTIFICATE_HOST
    else:
        raise _no_host(provider, secrets)
    if not host.startswith("https://"):
        raise ConfigurationError(
            f"Connection {secrets.connection_id!r} leads to {_host(host)} without encryption.",
            why="A client certificate needs encryption, and the technical account would travel in clear.",
            todo="Use https.",
            connection=secrets.connection_id,
        )
    api = host + (SERVICE_QUALIF if provider.environment is Environment.QUALIFICATION else SERVICE)
    return Addresses(api=api, token=None, environment=_environment(provider, api))


def _no_host(provider: Provider, secrets: ConnectionSecrets) -> SecretMissingError:
    return SecretMissingError(
        f"Connection {secrets.connection_id!r} of provider {provider.name!r} has no host.",
        why="A simulator has no address of its own.",
        todo="Write its address, with schema and port, into the connection.",
        connection=secrets.connection_id,
    )


def require_allowed(addresses: Addresses, provider: Provider, *, allow_production: bool) -> None:
    """ProductionForbiddenError where production was not expressly allowed: called before any connection."""
    if addresses.environment is Environment.PRODUCTION and not allow_production:
        raise ProductionForbiddenError(
            f"Provider {provider.name!r} leads to production ({_host(addresses.api)}).",
            why="Invoices sent there are real ones.",
            todo="Set CHORUS_ALLOW_PRODUCTION=1 where that is wanted, else correct environment or host.",
            provider=provider.key,
        )


def base_address(secrets: ConnectionSecrets, *, schema: str | None = None) -> str:
    """Schema, host and port of a connection, read as Airflow's own HTTP connections are.

    Without a schema: the one given, else https, except on this machine.
    """
    host = (secrets.host or "").strip()
    if "://" not in host:
        schema = secrets.schema or schema or ("http" if _is_loopback(_bare(host)) else "https")
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


def _environment(provider: Provider, *urls: str) -> Environment:
    seen = {_belongs_to(url) for url in urls}
    if provider.environment is Environment.PRODUCTION or Environment.PRODUCTION in seen:
        return Environment.PRODUCTION
    if Environment.QUALIFICATION in seen:
        return Environment.QUALIFICATION
    return provider.environment


def _belongs_to(url: str) -> Environment | None:
    host = _host(url)
    if host != STATE_DOMAIN and not host.endswith("." + STATE_DOMAIN):
        return None
    is_test = any(mark in host for mark in TEST_MARKS) or urlsplit(url).path == SERVICE_QUALIF
    return Environment.QUALIFICATION if is_test else Environment.PRODUCTION


def _require_encryption(api: str, token: str, connection: str) -> None:
    for url in (api, token):
        if urlsplit(url).scheme != "https" and _belongs_to(url) is not None:
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
