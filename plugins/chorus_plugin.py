"""The screens in Airflow's web server: the application under `/chorus`, the entry of the menu, tabs of runs and tasks.

Everything is made when the web server asks for it: scheduler and DAG processor load this file too, and need none of it.
"""

from __future__ import annotations

import functools
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from chorus_airflow.links import InvoicesLink


class ChorusPlugin(AirflowPlugin):
    """What Airflow's web server asks of us."""

    name = "chorus"

    @functools.cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The screens, once for each process of the web server."""
        from chorus_airflow.screens import screens

        return [{"app": screens(), "url_prefix": "/chorus", "name": "Chorus"}]

    operator_extra_links = [InvoicesLink()]  # noqa: RUF012 - as Airflow has it

    @functools.cached_property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The entry of the menu, and the tabs; without leading slash an address stays behind the server's prefix."""
        from include.web.rendering.static_files import static_digest

        return [
            {
                "name": "Chorus",
                "href": "chorus/",
                "destination": "nav",
                "url_route": "chorus",
                "nav_top_level": True,
                "icon": f"chorus/static/{static_digest()}/menu.svg",
            },
            {
                "name": "Chorus",
                "href": "chorus/runs?dag_id={DAG_ID}&run_id={RUN_ID}",
                "destination": "dag_run",
                "url_route": "chorus-run",
            },
            {
                "name": "Chorus",
                "href": "chorus/runs?dag_id={DAG_ID}&run_id={RUN_ID}&task_id={TASK_ID}&map_index={MAP_INDEX}",
                "destination": "task_instance",
                "url_route": "chorus-task",
            },
        ]
