"""The portal server as a process of its own, as a demonstration starts it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.adapters.secrets.environment import EnvironmentSecrets
from include.demo.portal_server.server import RunningPortal
from tests.fakes.clock import FakeClock


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "include.demo.portal_server", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


def test_the_line_it_prints_is_the_connection_that_reaches_it(tmp_path: Path) -> None:
    (tmp_path / "f1.pdf").write_bytes(b"one")
    with started("--folder", str(tmp_path), "--port", "0", "--metadata", "etat") as process:
        assert process.stdout is not None
        variables = {"AIRFLOW_CONN_CHORUS_PORTAL": process.stdout.readline()}
        portal = HttpPortal(settings_of(EnvironmentSecrets(variables).get("chorus_portal")), clock=FakeClock())
        (document,) = portal.scan({}).changed
        portal.write_back(document.portal_id, {"etat": "Déposée"})
    assert process.returncode == 0
    assert json.loads((tmp_path / "f1.pdf.json").read_text()) == {"metadata": {"etat": "Déposée"}}


def test_what_it_cannot_serve_is_said_in_one_line(tmp_path: Path) -> None:
    with RunningPortal(tmp_path) as taken:
        port = taken.url.rpartition(":")[2]
        for arguments, code, word in (
            (("--folder", str(tmp_path / "none")), 2, "does not exist"),
            (("--folder", str(tmp_path), "--port", port), 3, "already in use"),
        ):
            command = [sys.executable, "-m", "include.demo.portal_server", *arguments]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert (done.returncode, len(done.stderr.splitlines())) == (code, 1)
            assert word in done.stderr


def test_ids_survive_a_restart(tmp_path: Path) -> None:
    def ids() -> dict[str, Any]:
        with RunningPortal(tmp_path) as portal:
            portal.shelf.file_document("A/f1.pdf", b"one")
            return {item.path: item.id for item in portal.shelf.everything()}

    first = ids()
    (tmp_path / "A" / "a-newer-one.pdf").write_bytes(b"two")
    second = ids()
    assert {path: second[path] for path in first} == first


def test_an_upload_is_refused_where_its_checksum_or_its_place_is_wrong(tmp_path: Path) -> None:
    with RunningPortal(tmp_path) as portal:

        def upload(headers: dict[str, str] | None = None, **form: str) -> int:
            return requests.post(
                f"{portal.url}/ws/v2/document",
                files={"file": ("f1.pdf", b"one")},
                data=form,
                headers=headers,
                auth=(portal.login, portal.password),
                timeout=5,
            ).status_code

        assert upload({"OB-CHECKSUM": "0" * 64}) == 400
        assert upload(path="../elsewhere") == 400
        assert upload(name=".hidden") == 400
        assert upload() == 201
        assert upload() == 409
        assert upload(overwrite="true") == 201


def test_a_folder_is_made_and_a_document_deleted(tmp_path: Path) -> None:
    with RunningPortal(tmp_path) as portal:
        account = (portal.login, portal.password)
        made = requests.post(f"{portal.url}/ws/v2/folder", files={"name": (None, "Factures")}, auth=account, timeout=5)
        assert made.status_code == 201
        number = portal.shelf.file_document("Factures/f1.pdf", b"one", {})
        for status in (204, 404):
            answer = requests.delete(f"{portal.url}/ws/v2/document/{number}", auth=account, timeout=5)
            assert answer.status_code == status
        assert list((tmp_path / "Factures").iterdir()) == []


def test_nobody_is_let_in_without_the_login(tmp_path: Path) -> None:
    with RunningPortal(tmp_path) as portal:
        for auth in (None, (portal.login, "no"), ("no", portal.password)):
            for path in ("/ws/v2/folder/1", "/ws/v2/search"):
                assert requests.get(portal.url + path, auth=auth, timeout=5).status_code == 401
            assert requests.post(f"{portal.url}/auth/ws/apikey", auth=auth, timeout=5).status_code == 401
