"""One demonstration: what is started, in which order, and what has to come out of it."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from include.application.tracking.retrieve_invoices import retrieve_invoices
from include.bootstrap import Services, services
from include.demo.airflow_server import USER, AirflowServer, airflow_environment
from include.demo.generator import DemoDocument, generate_demo
from include.demo.loopback import SilentError, call
from include.demo.outcome import differences, documents, print_documents
from include.demo.processes import DemoError, Processes, free_port
from include.settings import Settings, settings

PROJECT = Path(__file__).resolve().parent.parent.parent
DAG_ID = "chorus_auto_submission"
SUPPLIER = "33254021516357"
"""The simulator's first supplier, which the demonstration's configuration names."""

_RUN_SECONDS = 900
_GIVEN_BACK = "facture-mairie-"
_MISSING_NOTE = "Bon de livraison absent : merci de le joindre."
_OF_THE_CALLER = ("AIRFLOW", "CHORUS_")
_KEPT = ("CHORUS_HOME", "CHORUS_SUBMISSION_SCHEDULE")


class Demonstration:
    """One run: everything it starts, it stops."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.processes = Processes(home)
        self.simulator_url = f"http://127.0.0.1:{free_port()}"
        self.environment = demo_environment(settings(), home, self.simulator_url)
        self.services: Services = services(given=settings(self.environment))
        airflow_home = home / "airflow"
        own = airflow_environment(self.environment, project=PROJECT, home=airflow_home, port=port)
        self.airflow = AirflowServer(self.processes, own, airflow_home, port)
        self.expected: list[DemoDocument] = []
        self._began = time.monotonic()

    def run(self) -> list[str]:
        """Does the main job and prints what became of each document; what was not as expected."""
        self.say(f"State of this run: {self.home}")
        self.say("Creating or upgrading both databases")
        self.airflow.begin_migration()
        self.services.store.database.migrate()
        self._refuse_what_is_not_ours()
        self._simulate()
        self._file_documents()
        self._configure()
        self.say("Starting Airflow: api-server, scheduler, dag-processor, triggerer")
        self.airflow.start()
        self.airflow.make_pools()
        self.say(f"Airflow is healthy; triggering {DAG_ID}")
        run_id = self.airflow.trigger(DAG_ID)
        for line in self.airflow.follow(DAG_ID, run_id, _RUN_SECONDS):
            self.say(f"  {line}")
        rows = documents(self.services)
        mine = {document.portal_id for document in self.expected}
        print()
        print_documents([row for row in rows if row["portal_id"] in mine])
        earlier = len(rows) - len(mine)
        if earlier > 0:
            print(f"{earlier} more of earlier runs: .venv/bin/chorus documents list")
        print(flush=True)
        wrong = self.airflow.failed + differences(self.expected, rows, self._on_platform())
        self._give_one_back(rows)
        return wrong

    def _give_one_back(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """A recipient suspends an invoice of this run, and a night passes: there is something to answer."""
        mine = {document.portal_id for document in self.expected}
        sent = [row for row in rows if row["portal_id"] in mine and row["name"].startswith(_GIVEN_BACK)]
        if not sent or sent[0]["state"] != "submitted":
            return
        number = sent[0]["invoice_number"]
        for name, body in (
            ("clock", {"advance_seconds": 60}),
            ("status", {"number": number, "status": "SUSPENDUE", "comment": _MISSING_NOTE}),
        ):
            call("POST", f"{self.simulator_url}/_control/{name}", body=body)
        retrieving = self.services.retrieving()
        for provider in retrieving.configuration.providers:
            retrieve_invoices(provider, retrieving)
        self.services.pipeline().notify()
        self.say(f"The recipient of {number} suspended it; the nightly flow has told so")

    def farewell(self) -> None:
        """Where to look now."""
        self.say(f"Airflow:   {self.airflow.url}   user {USER}, password {self.airflow.password}")
        self.say(
            f"Dashboard: {self.airflow.url}/chorus/   invoices to complete, one to answer, and what {USER} was told"
        )
        self.say(f"Simulator: {self.simulator_url}/_control/invoices")
        self.say(f"Portal:    {self.home / 'portal'}   file a PDF there: the next run takes it")
        self.say(f"Mails:     {self.services.settings.mail_folder}")

    def say(self, text: str) -> None:
        """One line for the person who watches, with the seconds since the start."""
        print(f"{time.monotonic() - self._began:5.0f} s  {text}", flush=True)

    def stop(self) -> None:
        """Ends what was started."""
        self.processes.stop()
        self.services.close()

    def _refuse_what_is_not_ours(self) -> None:
        """The demonstration's configuration must never replace that of a real supplier."""
        _, configuration = self.services.store.configuration.current()
        everybody = (*configuration.providers, *configuration.retired_providers)
        real = [one.name for one in everybody if one.environment != "simulator"]
        if real:
            raise DemoError(
                f"{self.home} holds the configuration of {', '.join(real)}.",
                why="The demonstration would replace it.",
                todo="Unset CHORUS_HOME, or set it to another folder.",
            )

    def _simulate(self) -> None:
        self.say(f"Starting the simulated Chorus Pro at {self.simulator_url}")
        start_simulator(self.processes, self.environment, self.simulator_url, state=self.home / "simulator.db")

    def _file_documents(self) -> None:
        portal = self.home / "portal"
        portal.mkdir(parents=True, exist_ok=True)
        now = dt.datetime.now(dt.UTC)
        self.expected = generate_demo(portal, today=now.date(), run_label=f"{now:%H%M%S}")
        self.say(f"{len(self.expected)} documents filed in {portal}")

    def _configure(self) -> None:
        await_simulator(self.processes, self.simulator_url)
        self.say(f"Configuration applied: {apply_configuration(self.environment, self.home)}")

    def _on_platform(self) -> list[dict[str, Any]]:
        answer = call("GET", f"{self.simulator_url}/_control/invoices?limit=100000")
        items: list[dict[str, Any]] = answer.json()["items"]
        return [item for item in items if item["supplier_siret"] == SUPPLIER]


def start_simulator(
    processes: Processes, environment: Mapping[str, str], url: str, *, state: Path | None = None
) -> None:
    """Starts a simulated Chorus Pro at this address; with `state` it survives a restart."""
    kept = [] if state is None else ["--state", str(state)]
    command = [sys.executable, "-m", "include.simulator", "--port", url.rpartition(":")[2], *kept]
    processes.start("simulator", command, environment)


def await_simulator(processes: Processes, url: str) -> None:
    """Comes back when it answers."""

    def answers() -> bool:
        try:
            return call("GET", f"{url}/_control/", seconds=5).ok
        except SilentError:
            return False

    processes.wait_until(answers, "The simulator", 60)


def apply_configuration(environment: Mapping[str, str], home: Path) -> Path:
    """Applies the demonstration's configuration to the portal folder in `home`; the file that was applied."""
    template = (PROJECT / "include" / "demo" / "configuration.yaml").read_text(encoding="utf-8")
    target = home / "configuration.yaml"
    target.write_text(template.replace("${PORTAL}", (home / "portal").as_uri()), encoding="utf-8")
    chorus = str(Path(sys.executable).with_name("chorus"))
    command = [chorus, "config", "apply", str(target)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError("The demonstration's configuration was refused: " + done.stderr.strip())
    return target


def demo_environment(of_the_caller: Settings, home: Path, simulator_url: str) -> dict[str, str]:
    """Ours for every process: where the state is, and the logins of the simulator, made anew for each run.

    Nothing of the caller's own deployment comes along: a database of theirs is none of the demonstration's business.
    """
    client_id, client_secret, password = (secrets.token_urlsafe(18) for _ in range(3))
    login = "TECH_1_1@cpro.fr"
    connection = {
        "conn_type": "http",
        "host": simulator_url,
        "login": login,
        "password": password,
        "extra": {"piste_client_id": client_id, "piste_client_secret": client_secret},
    }
    given = of_the_caller.environment
    kept = {name: value for name, value in given.items() if name in _KEPT or not name.startswith(_OF_THE_CALLER)}
    return {
        **kept,
        **_past_the_proxy(given),
        "CHORUS_HOME": str(home),
        "CHORUS_SIM_CLIENT_ID": client_id,
        "CHORUS_SIM_CLIENT_SECRET": client_secret,
        "CHORUS_SIM_LOGIN": login,
        "CHORUS_SIM_PASSWORD": password,
        "AIRFLOW_CONN_CHORUS_DEMO": json.dumps(connection),
    }


def _past_the_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """A proxy of the caller's network knows nothing of this machine's own ports."""
    return {
        name: ",".join(filter(None, (environment.get(name), "127.0.0.1", "localhost")))
        for name in ("no_proxy", "NO_PROXY")
    }
