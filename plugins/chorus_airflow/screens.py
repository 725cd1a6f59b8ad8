"""The screens with Airflow around them: who is signed in by Airflow's own means, connections through Airflow."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from airflow.configuration import conf
from fastapi import HTTPException, Request

from chorus_airflow.connections import airflow_services
from chorus_airflow.dag_runs import AirflowDagRuns
from chorus_airflow.kept_connections import AirflowConnections
from chorus_airflow.known_users import known_users
from chorus_airflow.sending_flow import AirflowSendingFlow
from include.web.app import create_app
from include.web.host import Host, SignedIn

if TYPE_CHECKING:
    from fastapi import FastAPI


def screens() -> FastAPI:
    """The application; its services open nothing before the first request.

    Only the process that draws pages starts at once, aside: it takes seconds, and the first clerk should not wait.
    """
    services = airflow_services()
    threading.Thread(target=lambda: services.reader.prepare(), name="chorus-reader", daemon=True).start()
    return create_app(
        Host(
            services=services,
            authenticate=authenticate,
            login_address=lambda: get_auth_manager().get_url_login(),
            signing_key=conf.get("api", "secret_key"),
            flow=AirflowSendingFlow(),
            dag_runs=AirflowDagRuns(),
            connections=AirflowConnections(),
            known_users=known_users,
        )
    )


async def authenticate(request: Request) -> SignedIn | None:
    """Who Airflow says is signed in; an expired, torn or foreign token is nobody."""
    bearer = await bearer_scheme(request)
    try:
        user = await get_user(request, None, bearer)
    except HTTPException:
        return None
    return SignedIn(
        name=user.get_name(),
        greeting=getattr(user, "first_name", None) or user.get_name(),
        administers_airflow=_administers(user),
        by_token=bearer is not None,
    )


def _administers(user: Any) -> bool:
    """Whether this is Airflow's administrator: by the role's name where there are roles, else by what it may change."""
    if (role := getattr(user, "role", None)) is not None:
        return str(role).lower() == "admin"
    if (roles := getattr(user, "roles", None)) is not None:
        return any(one.name == "Admin" for one in roles)
    return get_auth_manager().is_authorized_configuration(method="PUT", user=user)
