"""The simulator as a process of its own: state that survives a kill, credentials, ports."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import SUBMIT, Caller, encode
from tests.contracts.simulator.xml_invoices import cii
from tests.services.authority import SERVER, Authority

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """One `python -m include.simulator`."""

    def __init__(self, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "include.simulator", *options],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def credentials(self) -> dict[str, Any]:
        assert self.child.stdout is not None
        told: dict[str, Any] = json.loads(self.child.stdout.readline())
        return told

    def ready(self) -> None:
        """The line on stderr comes once the port answers."""
        assert self.child.stderr is not None
        assert "Chorus Pro simulator on" in self.child.stderr.readline()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.child.send_signal(number)
        self.child.communicate(timeout=SECONDS)
        return self.child.returncode


class Remote:
    """What `Caller` needs to know of a simulator in another process."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self.url = told["url"]
        self.client_id, self.client_secret = told["client_id"], told["client_secret"]
        self.login, self.password = told["login"], told["password"]


def connect(told: Mapping[str, str]) -> Caller:
    return Caller(Remote(told))  # type: ignore[arg-type]


@pytest.fixture
def started() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for process in processes:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def test_a_deposit_survives_a_kill_right_after_its_answer(tmp_path: Path, started: list[Process]) -> None:
    options = ["--port", str(free_port()), "--state", str(tmp_path / "state" / "chorus.db")]
    started.append(Process(*options))
    told = started[-1].credentials()
    api = connect(told)
    api.control("clock", {"advance_seconds": 86400})
    api.renew()
    api.control("settings", {"integration_seconds": 3600})
    flow = {"fichierFlux": "", "nomFichier": "a.xml", "syntaxeFlux": "IN_DP_E1_CII_16B"}
    flow["fichierFlux"] = encode(cii("FX-1"))
    number = api.ok("factures/deposer/flux", flow)["numeroFluxDepot"]
    accepted = api.submit(numeroFactureSaisi="FA-1")
    assert started[-1].end(signal.SIGKILL) == -signal.SIGKILL
    api.close()

    started.append(Process(*options))
    again = started[-1].credentials()
    assert again == told
    api = connect(again)
    assert [item["chorus_id"] for item in api.deposited()] == [accepted["identifiantFactureCPP"]]
    assert api.refused(SUBMIT, api.invoice(numeroFactureSaisi="FA-1")) == 29922
    assert api.control("clock")["offset_seconds"] == 86400
    assert api.control("settings")["integration_seconds"] == 3600
    api.control("clock", {"advance_seconds": 3601})
    api.renew()
    assert [row["numeroFacture"] for row in api.search(numeroFluxDepot=number)] == ["FX-1"]
    api.close()


def test_credentials_of_the_environment_win_and_are_not_printed(tmp_path: Path, started: list[Process]) -> None:
    names = ("CLIENT_ID", "CLIENT_SECRET", "LOGIN", "PASSWORD")
    port, state = free_port(), str(tmp_path / "chorus.db")
    for _ in range(2):
        values = {name.lower(): secrets.token_hex(8) for name in names}
        environment = {f"CHORUS_SIM_{name}": values[name.lower()] for name in names}
        process = Process("--port", str(port), "--state", state, environment=environment)
        started.append(process)
        process.ready()
        api = connect({"url": f"http://127.0.0.1:{port}", **values})
        assert api.supplier_id
        api.close()
        process.child.send_signal(signal.SIGTERM)
        out, err = process.child.communicate(timeout=SECONDS)
        assert process.child.returncode == 0
        assert out == ""
        assert not any(value in err for value in values.values())


def test_what_the_environment_does_not_set_is_generated_and_printed(started: list[Process]) -> None:
    login = f"TECH_1_{secrets.randbelow(1000)}@cpro.fr"
    started.append(Process("--port", str(free_port()), environment={"CHORUS_SIM_LOGIN": login}))
    told = started[-1].credentials()
    assert "login" not in told
    api = connect({**told, "login": login})
    assert api.supplier_id
    api.close()


def test_a_port_in_use_is_told_in_one_sentence_with_exit_code_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        process = Process("--port", str(port))
        out, err = process.child.communicate(timeout=SECONDS)
    assert process.child.returncode == 3
    assert out == ""
    assert (
        err.strip() == f"Port {port} on 127.0.0.1 is already in use: stop what listens there, or choose another port."
    )


def test_an_address_that_is_not_ours_is_told_with_exit_code_3() -> None:
    process = Process("--host", "192.0.2.1", "--port", "0")
    _, err = process.child.communicate(timeout=SECONDS)
    assert process.child.returncode == 3
    assert err.startswith("Cannot listen on port 0 of 192.0.2.1")


def test_a_state_file_of_something_else_is_told_with_exit_code_2(tmp_path: Path) -> None:
    state = tmp_path / "letter.txt"
    state.write_text("Dear Sir, " * 100)
    process = Process("--port", "0", "--state", str(state))
    _, err = process.child.communicate(timeout=SECONDS)
    assert process.child.returncode == 2
    assert str(state) in err
    assert len(err.strip().splitlines()) == 1
    assert state.read_text().startswith("Dear Sir")


def test_half_a_certificate_door_is_told_with_exit_code_2(tmp_path: Path) -> None:
    for options in (["--tls-port", "0"], ["--tls-port", "0", *_missing_files(tmp_path)]):
        process = Process("--port", "0", *options)
        _, err = process.child.communicate(timeout=SECONDS)
        assert process.child.returncode == 2
        assert len(err.strip().splitlines()) == 1


def test_its_certificate_door_is_named_beside_the_plain_one(started: list[Process], tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("server", SERVER)
    files = ("--tls-cert", certificate, "--tls-key", key, "--client-ca", authority.path)
    process = Process("--port", "0", "--tls-port", "0", *map(str, files))
    started.append(process)
    assert process.child.stderr is not None
    line = process.child.stderr.readline()
    [port] = re.findall(r"certificate door: https://127\.0\.0\.1:(\d+)\)", line)
    with socket.create_connection(("127.0.0.1", int(port)), timeout=SECONDS):
        pass


def _missing_files(folder: Path) -> list[str]:
    options = []
    for option in ("--tls-cert", "--tls-key", "--client-ca"):
        options += [option, str(folder / "nowhere.pem")]
    return options


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_cleanly_on_ctrl_c_and_on_sigterm(started: list[Process], number: signal.Signals, code: int) -> None:
    process = Process("--port", "0")
    started.append(process)
    process.ready()
    assert process.end(number) == code


def test_two_simulators_in_one_process_know_nothing_of_each_other() -> None:
    with RunningSimulator() as first, RunningSimulator() as second:
        one, two = Caller(first), Caller(second)
        one.submit()
        assert (one.control("invoices")["total"], two.control("invoices")["total"]) == (1, 0)
        assert two.http.get(f"{first.url}/_control/clock").status_code == 200
        one.close()
        two.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first.url}/_control/")
