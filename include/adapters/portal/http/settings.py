"""What the Airflow connection of the portal says: address, login, and in its extra how the portal is to be read.

Extra, each key optional: `authentication` (basic or apikey), `api_key` (one that exists already), `root_folder` (id of
the folder to walk) or `search` (parameters of the search that lists the documents), `fields` (names under which this
portal tells a fact), `rules` (rule id -> name), `page_parameter`, `trust_dates`, `recheck`, `time_zone`, `ca_file`,
`write_back` (method and path of the call that changes metadata).
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from include.application.ports import ConnectionSecrets
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
    page_parameter: str = "page"
    trust_dates: bool = True
    recheck: int = Field(default=200, ge=0)
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
        raise _missing(name, "has no host", "Write the portal's address, with schema and port, into the connection.")
    if not (secrets.login and secrets.password) and not secrets.extra.get("api_key"):
        raise _missing(name, "has no login or no password", "Write the portal's technical account into it.")
    try:
        extra = Extra.model_validate(dict(secrets.extra))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ConfigurationError(
            f"The extra of connection {name!r} cannot be used: {faults}.",
            why="The portal cannot be read without knowing how.",
            todo="Correct it: docs/portal.md lists what the extra may hold.",
            connection=name,
        ) from None
    if (extra.root_folder is None) == (extra.search is None):
        raise ConfigurationError(
            f"The extra of connection {name!r} must hold exactly one of root_folder and search.",
            why="Without it nobody knows which documents to look at.",
            todo='Write the id of the folder to walk into it, for example {"root_folder": "12"}.',
            connection=name,
        )
    address = _address(secrets)
    return PortalSettings(
        **extra.model_dump(),
        connection_id=name,
        address=address,
        login=secrets.login or "",
        password=secrets.password or "",
        loopback=_is_loopback(urlsplit(address).hostname or ""),
    )


def _address(secrets: ConnectionSecrets) -> str:
    """Schema, host, port and path as one address, read as Airflow reads an HTTP connection; https unless said."""
    host = (secrets.host or "").strip()
    if "://" not in host:
        bare = urlsplit(f"//{host}").hostname or ""
        host = f"{secrets.schema or ('http' if _is_loopback(bare) else 'https')}://{host}"
    try:
        parts = urlsplit(host)
        port = parts.port or secrets.port
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise ConfigurationError(
            f"The host of connection {secrets.connection_id!r} is no web address.",
            todo="Write schema, host, port and nothing else, such as https://portal.example.org:8443.",
            connection=secrets.connection_id,
        )
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "") + parts.path.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _missing(connection_id: str, what: str, todo: str) -> SecretMissingError:
    return SecretMissingError(
        f"Connection {connection_id!r} of the portal {what}.",
        why="Without it the portal cannot be reached.",
        todo=todo,
        connection=connection_id,
    )
