"""`make run`: the main job on one machine, from a portal folder to a simulated Chorus Pro, driven by a real Airflow."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from include.bootstrap import Services, services
from include.demo.airflow_server import USER, AirflowServer, airflow_environment
from include.demo.generator import DemoDocument, generate_demo
from include.demo.outcome import differences, documents, print_documents
from include.demo.processes import DemoError, Processes, end_groups, free_port, left_behind, require_free
from include.domain.errors import ConnectorError
from include.settings import settings

PROJECT = Path(__file__).resolve().parent.parent.parent
DAG_ID = "chorus_auto_submission"
_RUN_SECONDS = 900


class Demonstration:
    """One run: everything it starts, it stops."""

    def __init__(self, port: int) -> None:
        self.home = settings().home
        self.port = port
        self.processes = Processes(self.home / "run.json", self.home / "logs")
        self.simulator_url = f"http://127.0.0.1:{free_port()}"
        self.environment = self._environment()
        self.services: Services = services(given=settings(self.environment))
        airflow_home = self.home / "airflow"
        own = airflow_environment(self.environment, project=PROJECT, home=airflow_home, port=port)
        self.airflow_environment = own
        self.airflow = AirflowServer(self.processes, own, airflow_home, port)
        self.expected: list[DemoDocument] = []

    def run(self) -> list[str]:
        """Does the main job and prints what became of each document; what was not as expected."""
        say(f"State of this run: {self.home}")
        self._migrate()
        self._simulate()
        self._file_documents()
        self._configure()
        say("Starting Airflow: api-server, scheduler, dag-processor, triggerer")
        self.airflow.start()
        self.airflow.make_pools()
        say(f"Triggering {DAG_ID}")
        run_id = self.airflow.trigger(DAG_ID)
        for line in self.airflow.follow(DAG_ID, run_id, _RUN_SECONDS):
            say(f"  {line}")
        rows = documents(self.services)
        print_documents(rows)
        return differences(self.expected, rows, self._on_platform())

    def farewell(self) -> None:
        """Where to look now."""
        say(f"Airflow:   {self.airflow.url}   user {USER}, password {self.airflow.password}")
        say(f"Simulator: {self.simulator_url}/_control/invoices")
        say(f"Portal:    {self.home / 'portal'}   file a PDF there: the next run takes it")
        say(f"Mails:     {self.services.settings.mail_folder}")

    def stop(self) -> None:
        """Ends what was started."""
        self.services.close()
        self.processes.stop()

    def _environment(self) -> dict[str, str]:
        """Ours for every process: where the state is, and the logins of the simulator, made anew for each run."""
        client_id, client_secret, password = (secrets.token_urlsafe(18) for _ in range(3))
        login = "TECH_1_1@cpro.fr"
        connection = {
            "conn_type": "http",
            "host": self.simulator_url,
            "login": login,
            "password": password,
            "extra": {"piste_client_id": client_id, "piste_client_secret": client_secret},
        }
        kept = {name: value for name, value in settings().environment.items() if not name.startswith("AIRFLOW")}
        return {
            **kept,
            "CHORUS_HOME": str(self.home),
            "CHORUS_SIM_CLIENT_ID": client_id,
            "CHORUS_SIM_CLIENT_SECRET": client_secret,
            "CHORUS_SIM_LOGIN": login,
            "CHORUS_SIM_PASSWORD": password,
            "AIRFLOW_CONN_CHORUS_DEMO": json.dumps(connection),
        }

    def _migrate(self) -> None:
        say("Creating or upgrading both databases")
        airflow = str(Path(sys.executable).with_name("airflow"))
        log = self.home / "logs" / "db-migrate.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            command = [airflow, "db", "migrate"]
            done = subprocess.run(
                command, env=self.airflow_environment, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode != 0:
            raise DemoError("Airflow's database could not be created.", todo=f"Its log: {log}")
        self.services.store.database.migrate()

    def _simulate(self) -> None:
        say(f"Starting the simulated Chorus Pro at {self.simulator_url}")
        port = self.simulator_url.rpartition(":")[2]
        state = str(self.home / "simulator.db")
        command = [sys.executable, "-m", "include.simulator", "--port", port, "--state", state]
        self.processes.start("simulator", command, self.environment)
        self.processes.wait_until(self._simulator_answers, "The simulator", 30)

    def _simulator_answers(self) -> bool:
        import requests

        try:
            return requests.get(f"{self.simulator_url}/_control/", timeout=5).ok
        except requests.RequestException:
            return False

    def _file_documents(self) -> None:
        portal = self.home / "portal"
        portal.mkdir(parents=True, exist_ok=True)
        now = dt.datetime.now(dt.UTC)
        label = f"{now:%H%M%S}"
        self.expected = generate_demo(portal, today=now.date(), run_label=label)
        say(f"{len(self.expected)} documents filed in {portal}")

    def _configure(self) -> None:
        template = (PROJECT / "include" / "demo" / "configuration.yaml").read_text(encoding="utf-8")
        target = self.home / "configuration.yaml"
        target.write_text(template.replace("${PORTAL}", (self.home / "portal").as_uri()), encoding="utf-8")
        chorus = str(Path(sys.executable).with_name("chorus"))
        done = subprocess.run(
            [chorus, "config", "apply", str(target)], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise DemoError("The demonstration's configuration was refused: " + done.stderr.strip())
        say(f"Configuration applied: {target}")

    def _on_platform(self) -> list[dict[str, Any]]:
        import requests

        answer = requests.get(f"{self.simulator_url}/_control/invoices?limit=10000", timeout=30)
        items: list[dict[str, Any]] = answer.json()["items"]
        return [item for item in items if item["supplier_siret"] == _SUPPLIER]


_SUPPLIER = "33254021516357"


def say(text: str) -> None:
    """One line for the person who watches."""
    print(text, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit code is 0 only if everything came as expected."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop by itself when the run is over")
    parser.add_argument("--port", type=int, default=8080, help="port of the Airflow screens")
    parser.add_argument("--stop", action="store_true", help="end what a killed run left behind")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _stop_left_behind() if asked.stop else _run(asked.port, once=asked.once)
    except ConnectorError as error:
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


def _run(port: int, *, once: bool) -> int:
    home = settings().home
    runner, groups = left_behind(home / "run.json", _mark(home))
    if runner is not None:
        raise DemoError(f"`make run` is already running here (process {runner}).", todo="Stop it: make stop.")
    end_groups(groups)
    if shutil.which("tesseract") is None:
        raise DemoError("The OCR program tesseract is missing.", todo="Run `make setup`.")
    require_free(port, f"make run PORT={port + 1}")
    demonstration = Demonstration(port)
    try:
        wrong = demonstration.run()
        demonstration.farewell()
        for line in wrong:
            say(f"NOT AS EXPECTED  {line}")
        if not wrong:
            say("Everything came as expected.")
        if not once:
            say("Ctrl-C stops everything.")
            _stay(demonstration.processes)
        return 1 if wrong else 0
    finally:
        say("Stopping ...")
        demonstration.stop()


def _stay(processes: Processes) -> None:
    """Until Ctrl-C, or until one of the processes dies."""
    try:
        while True:
            processes.check()
            time.sleep(1)
    except KeyboardInterrupt:
        return


def _stop_left_behind() -> int:
    home = settings().home
    runner, groups = left_behind(home / "run.json", _mark(home))
    if runner is not None:
        os.kill(runner, signal.SIGTERM)
        _await_end(runner)
    end_groups(groups)
    (home / "run.json").unlink(missing_ok=True)
    say("Stopped." if runner or groups else "Nothing was running.")
    return 0


def _await_end(runner: int) -> None:
    deadline = time.monotonic() + 60
    while Path(f"/proc/{runner}").exists() and time.monotonic() < deadline:
        time.sleep(0.2)


def _mark(home: Path) -> str:
    """What every process of a demonstration has in its environment."""
    return f"CHORUS_HOME={home}"


if __name__ == "__main__":
    sys.exit(main())
