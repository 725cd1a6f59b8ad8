"""The users that Airflow knows, to be offered where people are named.

Only Airflow's own two auth managers tell them; with another one a name is typed.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from airflow.api_fastapi.app import get_auth_manager

from include.web.host import KnownUser

logger = logging.getLogger(__name__)


def known_users() -> Sequence[KnownUser]:
    """By name; nobody where the auth manager keeps no list, or its list cannot be read: a page never fails for it."""
    try:
        return sorted(_of(get_auth_manager()), key=lambda one: one.name)
    except Exception:  # each auth manager has its own errors
        logger.warning("Airflow's users cannot be listed", exc_info=True)
        return []


def _of(manager: object) -> Sequence[KnownUser]:
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

    if isinstance(manager, SimpleAuthManager):
        return [KnownUser(name=user.get_name()) for user in manager.get_users()]
    fab = sys.modules.get("airflow.providers.fab.auth_manager.fab_auth_manager")  # where it rules it was imported
    return _of_fab() if fab is not None and isinstance(manager, fab.FabAuthManager) else []


def _of_fab() -> Sequence[KnownUser]:
    """Active ones; those of a directory (LDAP, OAuth) as soon as they signed in once."""
    from airflow.providers.fab.auth_manager.models import User
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        rows = session.execute(select(User.username, User.email).where(User.active.is_(True))).all()
    return [KnownUser(name=row.username, mail=row.email or None) for row in rows]
