"""What the Airflow connection of the portal says: address, login, and in its extra how the portal is to be read.

Extra, each key optional: `authentication` (basic or apikey), `api_key` (one that exists already), `root_folder` (id of
the folder to walk) or `search` (parameters of the search that lists the documents), `fields` (names under which this
portal tells a fact), `rules` (rule id -> name), `metadata` (metadata name -> how an upload names it), `page_parameter`,
`trust_dates`, `recheck`, `time_zone`, `ca_file`, `write_back` (method and path of the call that changes metadata).
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from include.adapters.http.connection_address import address_of, is_loopback
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError, SecretMissingError

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An id of the portal: it becomes part of an address, so nothing else is let in."""

Texts = dict[str, str]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no such time zone")
    return name


class Extra(BaseModel):
    """The extra of the connection; what it says besides is left to others."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, extra="ignore", hide_input_in_errors=True)

    authentication: Literal["basic", "apikey"] = "basic"
    api_key: str | None = Field(default=None, repr=False)
    root_folder: Id | None = None
    search: Texts | None = None
    fields: Texts = {}
    rules: Texts = {}
    metadata: Texts = {}
    page_parameter: str = "page"
    trust_dates: bool = True
    recheck: int = Field(default=200, ge=0, le=100_000)
    time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    ca_file: str | None = None
    write_back: Annotated[str, StringConstraints(pattern=r"^(PUT|POST|PATCH) /[^?#\s]*\{id\}[^?#\s]*$")] = (
        "PUT /ws/v2/document/{id}"
    )


class PortalSettings(Extra):
    """Everything about one portal; `repr` shows no secret."""

    connection_id: str
    address: str
    login: str = Field(default="", repr=False)
    password: str = Field(default="", repr=False)
    loopback: bool = False


def settings_of(secrets: ConnectionSecrets) -> PortalSettings:
    """The settings, or an error that names what the connection lacks and shows no value of it."""
    name = secrets.connection_id
    if not secrets.host:
        raise SecretMissingError("portal_without_host", connection=name)
    if not (secrets.login and secrets.password) and not secrets.extra.get("api_key"):
        raise SecretMissingError("portal_without_login", connection=name)
    try:
        extra = Extra.model_validate(dict(secrets.extra))
    except ValidationError as error:
        keys = ", ".join(dict.fromkeys(".".join(map(str, fault["loc"])) for fault in error.errors()))
        raise ConfigurationError("portal_extra_unusable", connection=name, keys=keys) from None
    if (extra.root_folder is None) == (extra.search is None):
        raise ConfigurationError("portal_root_or_search", connection=name)
    address = address_of(secrets)
    return PortalSettings(
        **extra.model_dump(),
        connection_id=name,
        address=address,
        login=secrets.login or "",
        password=secrets.password or "",
        loopback=is_loopback(urlsplit(address).hostname or ""),
    )
