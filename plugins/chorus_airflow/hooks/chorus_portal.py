"""A connection of the type `chorus_portal`."""

from __future__ import annotations

import copy
from typing import Any

from airflow.providers.http.hooks.http import HttpHook

from chorus_airflow.connections import airflow_services, sentence
from include.domain.errors import ConnectorError

SESSION_OPTIONS = frozenset(
    {"stream", "cert", "proxies", "proxy", "timeout", "verify", "verify_ssl", "allow_redirects", "max_redirects"}
    | {"trust_env", "check_response", "srv_lookup"}
)
"""Keys of the extra that HttpHook takes for its session; it would send every other one as a request header."""


class ChorusPortalHook(HttpHook):
    """The document portal: sessions by the rules of Airflow's HttpHook."""

    conn_name_attr = "portal_conn_id"
    default_conn_name = "chorus_portal"
    conn_type = "chorus_portal"
    hook_name = "Chorus document portal"

    def __init__(self, portal_conn_id: str = default_conn_name, method: str = "GET", **kwargs: Any) -> None:
        super().__init__(method=method, http_conn_id=portal_conn_id, **kwargs)
        self.portal_conn_id = portal_conn_id

    @classmethod
    def get_connection(cls, conn_id: str) -> Any:
        """The connection with what concerns a session only: how the portal is read, and its key, is no header."""
        connection = copy.copy(super().get_connection(conn_id))
        extra = {name: value for name, value in connection.extra_dejson.items() if name in SESSION_OPTIONS}
        connection.extra = _json(extra)
        return connection

    def test_connection(self) -> tuple[bool, str]:
        """Logs in and lists the documents, as `chorus doctor` does; reads none of them."""
        services = airflow_services()
        try:
            return True, f"{services.try_portal(self.portal_conn_id)} documents"
        except ConnectorError as error:
            return False, sentence(error)
        finally:
            services.close()


def _json(extra: dict[str, Any]) -> str | None:
    import json

    return json.dumps(extra) if extra else None
