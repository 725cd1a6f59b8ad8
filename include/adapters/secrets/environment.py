"""Connections from variables AIRFLOW_CONN_<ID>, read as Airflow reads them, without Airflow.

Both of its forms: a JSON object, or a URI `type://login:password@host:port/schema?extra`, each part percent-encoded
(Airflow documentation, "Managing Connections").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import SecretMissingError

PREFIX = "AIRFLOW_CONN_"
EXTRA_KEY = "__extra__"


class EnvironmentSecrets:
    """Implements Secrets on a mapping of variables."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection; SecretMissingError when its variable is not set or cannot be read."""
        name = PREFIX + connection_id.upper()
        value = self._variables.get(name, "").strip()
        if not value:
            raise SecretMissingError("connection_variable_missing", connection=connection_id, variable=name)
        try:
            return from_json(connection_id, value) if value.startswith("{") else from_uri(connection_id, value)
        except ValueError:
            # No cause: its text would show a part of the value.
            raise SecretMissingError(
                "connection_variable_unreadable", variable=name, connection=connection_id
            ) from None


def from_json(connection_id: str, value: str) -> ConnectionSecrets:
    """A connection from its JSON form, whose extra may be an object or the text of one."""
    parts = json.loads(value)
    return from_parts(connection_id, parts, parts.get("extra"))


def from_parts(connection_id: str, parts: Mapping[str, Any], extra: object) -> ConnectionSecrets:
    """A connection from its named parts."""
    port = parts.get("port")
    return ConnectionSecrets(
        connection_id=connection_id,
        host=parts.get("host") or None,
        login=parts.get("login") or None,
        password=parts.get("password") or None,
        port=int(port) if port else None,
        schema=parts.get("schema") or None,
        extra=_read_extra(extra),
    )


def from_uri(connection_id: str, uri: str) -> ConnectionSecrets:
    """A connection from its URI form; `http://https://host` names the protocol of the host after that of the type."""
    schemes = uri.count("://")
    kind = urlsplit(uri).scheme
    if schemes not in (1, 2) or not kind:
        raise ValueError("no connection")
    rest = uri.replace(f"{kind}://", "" if schemes == 2 else "//")
    if schemes == 2 and any(mark in rest.split("://", 1)[0] for mark in "@:"):
        raise ValueError("no connection")
    parts = urlsplit(rest)
    host = _host(parts)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return ConnectionSecrets(
        connection_id=connection_id,
        host=(f"{parts.scheme}://{host}" if host and schemes == 2 else host) or None,
        login=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        port=parts.port,
        schema=unquote(parts.path[1:]) or None,
        extra=_read_extra(query.get(EXTRA_KEY, query)),
    )


def _host(parts: SplitResult) -> str:
    host = unquote(parts.hostname or "")
    if "/" not in host:
        return host
    # A percent-encoded path in the host keeps its case, which `hostname` loses.
    return unquote(parts.netloc.rpartition("@")[2].partition(":")[0])


def _read_extra(extra: object) -> Mapping[str, Any]:
    value = json.loads(extra) if isinstance(extra, str) and extra else extra or {}
    if not isinstance(value, Mapping):
        raise ValueError("extra is no object")
    return value
