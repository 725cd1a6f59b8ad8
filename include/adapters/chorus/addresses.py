"""Where a provider's calls go, and whether that is production (docs/reference/chorus-pro-api.md 1.1 and 1.5).

Safety first: an address of the State that is not known to be a test one counts as production. There are two doors:
PISTE, and the older one for client certificates, whose resources are the same without `/cpro` and `/v1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from include.adapters.http.connection_address import address_of, is_loopback
from include.adapters.http.prepared import prepared_host
from include.application.ports.secrets import ConnectionSecrets
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
        return is_loopback(_host(self.api))


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
        api = address_of(secrets)
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
        host = address_of(secrets, schema="https")
    elif provider.environment in _OWN:
        host = CERTIFICATE_HOST
    else:
        raise _no_host(provider, secrets)
    if not host.startswith("https://"):
        raise ConfigurationError("certificate_without_encryption", connection=secrets.connection_id, host=_host(host))
    api = host + (SERVICE_QUALIF if provider.environment is Environment.QUALIFICATION else SERVICE)
    return Addresses(api=api, token=None, environment=_environment(provider, api))


def _no_host(provider: Provider, secrets: ConnectionSecrets) -> SecretMissingError:
    return SecretMissingError("connection_without_host", connection=secrets.connection_id, provider=provider.name)


def require_allowed(addresses: Addresses, provider: Provider, *, allow_production: bool) -> None:
    """ProductionForbiddenError where production was not expressly allowed: called before any connection."""
    if addresses.environment is Environment.PRODUCTION and not allow_production:
        raise ProductionForbiddenError("production_forbidden", provider=provider.name, host=_host(addresses.api))


def _environment(provider: Provider, *urls: str) -> Environment:
    seen = {_belongs_to(url) for url in urls}
    if provider.environment is Environment.PRODUCTION or Environment.PRODUCTION in seen:
        return Environment.PRODUCTION
    if Environment.QUALIFICATION in seen:
        return Environment.QUALIFICATION
    return provider.environment


def require_prepared(url: str, provider: Provider, *, allow_production: bool) -> None:
    """The last look, at the address of the very request that is about to leave, with whatever it was made from."""
    if not allow_production and _belongs_to(url) is Environment.PRODUCTION:
        raise ProductionForbiddenError("production_forbidden", provider=provider.name, host=_host(url))


def _belongs_to(url: str) -> Environment | None:
    host = _host(url)
    if host != STATE_DOMAIN and not host.endswith("." + STATE_DOMAIN):
        return None
    is_test = any(mark in host for mark in TEST_MARKS) or (
        host == _host(CERTIFICATE_HOST) and _is_below_qualification(urlsplit(url).path)
    )
    return Environment.QUALIFICATION if is_test else Environment.PRODUCTION


def _is_below_qualification(path: str) -> bool:
    """Its root or an operation below it; production's own root behind it is a mistyped address, and no proof."""
    first, _, rest = path.removeprefix("/").partition("/")
    return f"/{first}" == SERVICE_QUALIF and f"/{rest.partition('/')[0]}" != SERVICE


def _require_encryption(api: str, token: str, connection: str) -> None:
    for url in (api, token):
        if urlsplit(url).scheme != "https" and _belongs_to(url) is not None:
            raise ConfigurationError("account_without_encryption", connection=connection, host=_host(url))


def _host(url: str) -> str:
    return prepared_host(url)
