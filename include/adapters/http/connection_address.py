"""The web address that an Airflow connection names, read as Airflow reads its own HTTP connections."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError


def address_of(secrets: ConnectionSecrets, *, schema: str | None = None) -> str:
    """Schema, host, port and path of a connection, without a slash at the end; ConfigurationError where it has none.

    Without a schema: the one given, else https, except on this machine.
    """
    host = (secrets.host or "").strip()
    try:
        if "://" not in host:
            bare = urlsplit(f"//{host}").hostname or ""
            host = f"{secrets.schema or schema or ('http' if is_loopback(bare) else 'https')}://{host}"
        parts = urlsplit(host)
        port = parts.port or secrets.port
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise ConfigurationError("host_no_web_address", connection=secrets.connection_id)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "") + parts.path.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, where no proxy is wanted."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
