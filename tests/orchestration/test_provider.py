"""Our package as a provider of Airflow: its connection types, their forms, *Test connection*, and their hooks."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.demo.portal_server.server import RunningPortal
from tests.conftest import ROOT
from tests.factories import PROVIDER_KEY
from tests.orchestration.world import AIRFLOW, World
from tests.services.distribution import distribution

pytestmark = AIRFLOW


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distribution(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def airflow(installed: Path, airflow_database: None, world: World) -> Any:
    """Runs a command of Airflow where our package is installed; its text, whatever its exit code."""

    def run(*arguments: str) -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": f"{installed}:{ROOT}:{ROOT / 'plugins'}",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        }
        command = [str(Path(sys.executable).with_name("airflow")), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    return run


def new_connection(world: World, **changes: Any) -> str:
    """A connection of our own type that no provider uses yet, with the right login unless changed."""
    simulator = world.simulator
    extra = {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret}
    value = {"conn_type": "chorus_pro", "host": simulator.url, "login": "NEW", "password": "x", "extra": extra}
    world.monkeypatch.setenv("AIRFLOW_CONN_CHORUS_NEW", json.dumps({**value, **changes}))
    return "chorus_new"


def right(world: World) -> dict[str, str]:
    return {"login": world.simulator.login, "password": world.simulator.password}


def tried(connection_id: str) -> tuple[bool, str]:
    from chorus_airflow.hooks.chorus_pro import ChorusProHook

    return ChorusProHook(connection_id).test_connection()


def test_airflow_shows_the_provider_and_tests_a_connection_of_its_type(world: World, airflow: Any) -> None:
    assert "chorus-pro-connector" in airflow("providers", "list")
    connection = new_connection(world, **right(world))
    said = airflow("connections", "test", connection)
    assert "Connection success" in said
    for secret in (world.simulator.password, world.simulator.client_secret):
        assert secret not in said


FORMS = """
import json
from airflow.providers_manager import ProvidersManager
manager = ProvidersManager()
widgets = manager.connection_form_widgets
print(json.dumps({kind: {
    "hook": manager.hooks[kind].hook_name,
    "labels": manager.field_behaviours[kind]["relabeling"],
    "fields": {w.field_name: [w.field["schema"]["title"], w.is_sensitive]
               for name, w in widgets.items() if name.startswith(f"extra__{kind}__")},
} for kind in ("chorus_pro", "chorus_portal")}))
"""


def test_the_forms_label_every_field_and_mask_every_secret(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{installed}:{ROOT}:{ROOT / 'plugins'}"}
    done = subprocess.run([sys.executable, "-c", FORMS], env=environment, capture_output=True, text=True, check=True)
    forms = json.loads(done.stdout.splitlines()[-1])
    chorus, portal = forms["chorus_pro"], forms["chorus_portal"]
    assert (chorus["hook"], portal["hook"]) == ("Chorus Pro", "Chorus document portal")
    assert chorus["labels"]["login"] == "Technical account"
    assert all(title for form in forms.values() for title, _ in form["fields"].values())
    secret = {name for form in forms.values() for name, (_, sensitive) in form["fields"].items() if sensitive}
    assert secret == {"piste_client_secret", "certificate_base64", "certificate_password", "api_key"}


def test_a_login_that_works_says_what_the_doctor_says(world: World) -> None:
    ok, said = tried("chorus_first")
    assert ok
    assert "PISTE: token given" in said and "technical account" in said and "Compte courant" in said


def test_a_wrong_half_is_named_and_nothing_of_it_is_stored(world: World) -> None:
    new_connection(world, login=world.simulator.login, password=secrets.token_urlsafe(9))
    ok, said = tried("chorus_new")
    assert not ok and "technical account" in said and "PISTE: token given" in said
    health = world.services.store.providers.health(PROVIDER_KEY)
    assert health.open_since is None, "the provider goes on with the login that is stored"


def test_before_any_provider_uses_it_both_halves_are_tried_all_the_same(world: World) -> None:
    world.configure(providers=[])
    ok, said = tried(new_connection(world, **right(world)))
    assert ok and "PISTE: token given" in said and "technical account: let in" in said


def test_what_is_missing_or_forbidden_is_said_in_one_line(world: World) -> None:
    ok, said = tried(new_connection(world, password=""))
    assert not ok and "lacks password" in said
    ok, said = tried(new_connection(world, **right(world), host="", extra={"environment": "production"}))
    assert not ok
    ok, said = tried("chorus_nowhere")
    assert not ok and "not defined" in said


def test_the_hook_gives_chorus_pro_as_the_provider_sees_it(world: World) -> None:
    from chorus_airflow.hooks.chorus_pro import ChorusProHook
    from include.domain.errors import InputError

    assert ChorusProHook("chorus_first").get_conn().supplier().siret == PROVIDER_KEY.partition(":")[2]
    with pytest.raises(InputError, match="chorus_other"):
        ChorusProHook("chorus_other").get_conn()


@pytest.fixture
def portal(world: World) -> Iterator[RunningPortal]:
    world.file("FA-1")
    with RunningPortal(world.portal) as server:
        define(world, server)
        yield server


def define(world: World, server: RunningPortal, **changes: Any) -> None:
    value = {**server.connection, "conn_type": "chorus_portal", **changes}
    world.monkeypatch.setenv("AIRFLOW_CONN_CHORUS_PORTAL", json.dumps(value))


def test_a_portal_is_listed_and_a_wrong_password_is_said(world: World, portal: RunningPortal) -> None:
    from chorus_airflow.hooks.chorus_portal import ChorusPortalHook

    assert ChorusPortalHook("chorus_portal").test_connection() == (True, "1 documents")
    define(world, portal, password=secrets.token_urlsafe(9))
    ok, said = ChorusPortalHook("chorus_portal").test_connection()
    assert not ok and said


def test_a_session_of_the_portal_sends_nothing_of_the_extra_as_a_header(world: World, portal: RunningPortal) -> None:
    from chorus_airflow.hooks.chorus_portal import ChorusPortalHook

    key = secrets.token_urlsafe(9)
    define(world, portal, extra={**portal.connection["extra"], "api_key": key, "verify": False, "max_redirects": 3})
    session = ChorusPortalHook("chorus_portal").get_conn()
    assert (session.verify, session.max_redirects) == (False, 3), "what HttpHook takes for a session holds"
    assert key not in str(session.headers) and "root_folder" not in session.headers
