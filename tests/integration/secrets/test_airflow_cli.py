from __future__ import annotations

import json
import secrets
import shutil
import sys
from pathlib import Path

import pytest

from include.adapters.secrets.airflow_cli import AirflowCliSecrets
from include.domain.errors import SecretMissingError

SECRET = secrets.token_hex(8)
ROW = {
    "conn_id": "chorus_city",
    "host": "http://h",
    "schema": None,
    "login": "l",
    "password": SECRET,
    "port": 8090,
    "extra_dejson": {"piste_client_id": "a"},
    "get_uri": "http://...",
}


def make_program(folder: Path, code: str) -> Path:
    """An `airflow` that counts its calls and then does this."""
    program = folder / "airflow"
    counter = folder / "calls"
    program.write_text(
        f"#!{sys.executable}\nimport sys, time\n"
        f"with open({str(counter)!r}, 'a') as calls:\n    print(*sys.argv[1:], file=calls)\n{code}\n"
    )
    program.chmod(0o755)
    return program


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_airflow_is_asked_once_and_log_lines_before_the_answer_do_no_harm(tmp_path: Path) -> None:
    printed = f"[2026-11-20] a warning [x]\n{json.dumps([ROW])}\n"
    place = AirflowCliSecrets(make_program(tmp_path, f"print({printed!r})"))
    first, second = place.get("chorus_city"), place.get("chorus_city")
    assert first is second
    assert (first.host, first.port, first.login, first.password) == ("http://h", 8090, "l", SECRET)
    assert first.extra == {"piste_client_id": "a"}
    assert calls(tmp_path) == ["connections get chorus_city -o json"]


def test_a_missing_connection_is_asked_again_each_time(tmp_path: Path) -> None:
    place = AirflowCliSecrets(make_program(tmp_path, "sys.exit('Connection not found.')"))
    for _ in range(2):
        with pytest.raises(SecretMissingError, match="does not know it"):
            place.get("chorus_city")
    assert len(calls(tmp_path)) == 2


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (f"print('{SECRET}'); sys.exit(3)", "ended with code 3"),
        (f"print('{SECRET}')", "cannot be read"),
        (f'print(\'[{{"password": "{SECRET}"\')', "cannot be read"),
        (f'print(\'[{{"port": "{SECRET}"}}]\')', "cannot be read"),
        (f"print('{SECRET}', flush=True); time.sleep(60)", "did not answer in time"),
    ],
)
def test_a_failing_airflow_is_told_without_its_output(tmp_path: Path, code: str, told: str) -> None:
    timeout = 2.0 if "sleep" in code else 60.0
    place = AirflowCliSecrets(make_program(tmp_path, code), timeout_seconds=timeout)
    with pytest.raises(SecretMissingError, match=told) as caught:
        place.get("chorus_city")
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_without_an_airflow_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(SecretMissingError, match="does not exist"):
        AirflowCliSecrets(tmp_path / "airflow").get("chorus_city")


def test_a_file_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "airflow").write_text("")
    with pytest.raises(SecretMissingError, match="cannot be run"):
        AirflowCliSecrets(tmp_path / "airflow").get("chorus_city")


def test_an_id_that_looks_like_an_option_is_not_passed_on(tmp_path: Path) -> None:
    with pytest.raises(SecretMissingError, match="no connection id"):
        AirflowCliSecrets(make_program(tmp_path, "print()")).get("--help")
    assert not (tmp_path / "calls").exists()


def test_airflow_is_looked_for_beside_the_interpreter_even_if_that_is_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = tmp_path / "python"
    interpreter.symlink_to(shutil.which("sh") or sys.executable)
    make_program(tmp_path, f"print({json.dumps([ROW])!r})")
    monkeypatch.setattr(sys, "executable", str(interpreter))
    assert AirflowCliSecrets().get("chorus_city").login == "l"
