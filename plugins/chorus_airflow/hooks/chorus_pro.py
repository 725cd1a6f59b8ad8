"""A connection of the type `chorus_pro`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from chorus_airflow.connections import airflow_services, sentence
from include.domain.errors import ConnectorError

if TYPE_CHECKING:
    from include.application.ports.chorus import ChorusGateway


class ChorusProHook(BaseHook):
    """The technical account with its PISTE application or certificate.

    Never an HttpHook: its `get_conn` sends unknown keys of the extra, the client secret too, as request headers.
    Source: docs/reference/airflow.md 5.
    """

    conn_name_attr = "chorus_conn_id"
    default_conn_name = "chorus_pro"
    conn_type = "chorus_pro"
    hook_name = "Chorus Pro"

    def __init__(self, chorus_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.chorus_conn_id = chorus_conn_id

    def get_conn(self) -> ChorusGateway:
        """Chorus Pro as the provider sees it that uses this connection; InputError when none does."""
        from include.application.providers.find_provider import find_provider_by_connection

        services = airflow_services()
        configuration = services.store.configuration.current()[1]
        return services.chorus.gateway(find_provider_by_connection(configuration, self.chorus_conn_id))

    def test_connection(self) -> tuple[bool, str]:
        """Both halves of the login apart, as `chorus doctor` looks at them; nothing is stored."""
        services = airflow_services()
        try:
            return services.try_connection()(self.chorus_conn_id)
        except ConnectorError as error:
            return False, sentence(error)
        finally:
            services.close()
