"""The users that Airflow's own auth managers know."""

from __future__ import annotations

import pytest

from include.web.host import KnownUser
from tests.orchestration.world import AIRFLOW

pytestmark = AIRFLOW


def managed_by(monkeypatch: pytest.MonkeyPatch, manager: object) -> None:
    monkeypatch.setattr("chorus_airflow.known_users.get_auth_manager", lambda: manager)


def test_the_simple_manager_tells_its_configured_users(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

    from chorus_airflow.known_users import known_users

    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "zoe:admin,anna:viewer")
    managed_by(monkeypatch, SimpleAuthManager())
    assert known_users() == [KnownUser(name="anna"), KnownUser(name="zoe")]


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated")
def test_fab_tells_active_users_with_their_mail(monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> None:
    from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
    from airflow.providers.fab.auth_manager.models import User
    from airflow.utils.session import create_session

    from chorus_airflow.known_users import known_users

    managed_by(monkeypatch, object.__new__(FabAuthManager))
    with create_session() as session:
        User.metadata.create_all(session.get_bind(), tables=[User.__table__])
        for name, active in (("zoe", True), ("anna", True), ("left", False)):
            mail = f"{name}@example.org"
            row = {"username": name, "email": mail, "active": active, "first_name": name, "last_name": "x"}
            session.execute(User.__table__.insert().values(**row))
    assert known_users() == [
        KnownUser(name="anna", mail="anna@example.org"),
        KnownUser(name="zoe", mail="zoe@example.org"),
    ]


@pytest.mark.parametrize("manager", ["another", "broken"])
def test_another_manager_or_a_broken_list_tells_nobody_and_no_page_fails(
    monkeypatch: pytest.MonkeyPatch, manager: str
) -> None:
    from chorus_airflow.known_users import known_users

    if manager == "broken":
        from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

        monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "no role at all")
        managed_by(monkeypatch, SimpleAuthManager())
    else:
        managed_by(monkeypatch, object())
    assert known_users() == []
