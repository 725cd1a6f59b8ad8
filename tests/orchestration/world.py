"""What surrounds the ten-minute DAG, small and real: portal folder, database, simulator, a run in one process."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from include.application.ports.document_views import DocumentFilter, DocumentRow
from include.bootstrap import Services, services
from include.demo.generator import cast, render
from include.demo.generator.invoice import Invoice, Supplier
from include.demo.generator.layouts import LAYOUTS
from include.demo.generator.publish import publish
from include.domain.configuration import Configuration
from include.domain.rights import OWNER
from include.settings import settings
from include.simulator.server import RunningSimulator
from tests.services.control_door import control

if TYPE_CHECKING:
    from airflow.sdk import DAG

DAG_ID = "chorus_auto_submission"
FIRST = cast.DURAND
SECOND = dataclasses.replace(cast.DURAND, name="Reliure Martin", siret="40483304800022", vat_number="FR83404833048")
"""Another supplier; `World.second_provider` makes it known to the platform and to us."""

Conf = Mapping[str, Any]

AIRFLOW = [
    pytest.mark.airflow,
    pytest.mark.slow,
    # Airflow and what it stands on have to say this to each other, not to us.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(airflow|alembic|pathspec|fastapi|starlette)"),
]
"""Marks of every test that runs Airflow."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a finished run left in Airflow's database."""

    run_id: str
    state: str
    tasks: Mapping[str, list[str]]
    tries: Mapping[str, int]
    xcoms: Sequence[tuple[str, str, Any]]

    def stateof(self, task_id: str) -> str:
        """The state of a task that is not mapped."""
        [state] = self.tasks[task_id]
        return state


@dataclass
class World:
    """One test's surroundings. `monkeypatch` holds the connections, which live in the environment."""

    folder: Path
    simulator: RunningSimulator
    monkeypatch: pytest.MonkeyPatch
    changes: dict[str, Any] = field(default_factory=dict)
    known_secrets: list[str] = field(default_factory=list)

    @property
    def portal(self) -> Path:
        """The folder of documents."""
        return self.folder / "portal"

    @property
    def services(self) -> Services:
        """Our services, as the command line has them."""
        return services()

    def prepare(self) -> None:
        """A database, an empty portal with its configuration, and the first provider's login."""
        self.portal.mkdir(parents=True)
        self.services.store.database.migrate()
        self.connect("chorus_first", login=self.simulator.login, password=self.simulator.password)
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Saves a new revision of the configuration; changes stay for the next one."""
        self.changes.update(changes)
        store = self.services.store.configuration
        revision, _ = store.current()
        given = Configuration.model_validate({**self._configuration(), **self.changes})
        store.save(
            given, expected_revision=revision, actor="test", source="test", at=dt.datetime.now(dt.UTC), changes=()
        )

    def connect(self, connection_id: str, *, login: str, password: str, **extra: str) -> None:
        """Defines a connection as an operator does, by the environment."""
        client = {"piste_client_id": self.simulator.client_id, "piste_client_secret": self.simulator.client_secret}
        value = {
            "conn_type": "http",
            "host": self.simulator.url,
            "login": login,
            "password": password,
            "extra": {**client, **extra},
        }
        self.monkeypatch.setenv(f"AIRFLOW_CONN_{connection_id.upper()}", json.dumps(value))
        self.known_secrets += [password, self.simulator.client_secret]

    def second_provider(self, *, right_password: bool = True) -> None:
        """A second supplier with a technical account of its own."""
        login, password = "TECH_2_1@cpro.fr", secrets.token_urlsafe(12)  # pragma: allowlist secret
        self.simulator.platform.reset()
        seed(
            self.simulator,
            {"suppliers": [{"siret": SECOND.siret, "name": SECOND.name, "login": login, "password": password}]},
        )
        self.connect("chorus_second", login=login, password=password if right_password else secrets.token_urlsafe(12))
        self.configure(providers=[provider(FIRST, "chorus_first"), provider(SECOND, "chorus_second")])

    def file(self, number: str, supplier: Supplier = FIRST, **changes: Any) -> str:
        """Files a complete invoice; its portal id."""
        portal_id = f"Factures/{number}.pdf"
        publish(self.portal, portal_id, pdf(number, supplier, **changes), {"classification_rule": "Facture client"})
        return portal_id

    def documents(self) -> dict[str, DocumentRow]:
        """Rows of our listing by invoice file name without ending."""
        rows = self.services.store.document_views.rows(OWNER, DocumentFilter())
        return {row.name.removesuffix(".pdf"): row for row in rows}

    def states(self) -> dict[str, str]:
        """State by invoice."""
        return {name: row.state for name, row in self.documents().items()}

    def moves(self) -> Counter[tuple[str, str]]:
        """Every move ever made, counted."""
        views = self.services.store.document_views
        found: Counter[tuple[str, str]] = Counter()
        for name, row in self.documents().items():
            shown = views.detail(OWNER, row.id)
            assert shown is not None
            found.update((name, move.after) for move in shown.moves)
        return found

    def on_platform(self) -> list[str]:
        """Numbers that the platform took, each as often as it is there."""
        return sorted(item["number"] for item in deposited(self.simulator))

    def mails(self) -> list[str]:
        """What the local sink holds."""
        return sorted(path.read_text() for path in settings().mail_folder.glob("*.eml"))

    def everything(self) -> tuple[Any, ...]:
        """All that a second run of anything must not change: platform, states, moves, mails."""
        return self.on_platform(), self.states(), self.moves(), self.mails()

    def _configuration(self) -> dict[str, Any]:
        return {
            "portal": {"kind": "folder", "url": self.portal.as_uri(), "settle_seconds": 0},
            "people": {"users": [{"name": "mdurand", "mail": "m.durand@imprimerie-durand.example"}]},
            "providers": [provider(FIRST, "chorus_first")],
            "criteria": [{"name": "customer invoices", "classification_rule": "Facture client", "since": "always"}],
        }


def provider(supplier: Supplier, connection: str, **changes: Any) -> dict[str, Any]:
    """A provider that sends by itself and tells one person."""
    return {
        "name": supplier.name,
        "siret": supplier.siret,
        "environment": "simulator",
        "connection": connection,
        "automatic_submission": True,
        "notify": {"users": ["mdurand"]},
        **changes,
    }


def pdf(number: str, supplier: Supplier = FIRST, **changes: Any) -> bytes:
    """A digital invoice to a body that demands nothing."""
    rng = random.Random(number)
    today = dt.datetime.now(dt.UTC).date()
    drawn = cast.draw_invoice(rng, number=number, body=cast.ANNECY, today=today)
    invoice: Invoice = dataclasses.replace(drawn, supplier=supplier, **changes)
    return render.digital(invoice, LAYOUTS["classic"], rng)


def seed(simulator: RunningSimulator, what: Mapping[str, Any]) -> None:
    """`POST /_control/seed`."""
    control(simulator.url, "POST", "seed", what)


def fault(simulator: RunningSimulator, **what: Any) -> None:
    """`POST /_control/faults`."""
    control(simulator.url, "POST", "faults", what)


def deposited(simulator: RunningSimulator) -> list[dict[str, Any]]:
    """The platform's own list, without what it was born with."""
    items: list[dict[str, Any]] = control(simulator.url, "GET", "invoices?limit=10000")["items"]
    return items


def load_dag() -> DAG:
    """The real DAG from its file; a task that failed is tried again at once, not after half a minute."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag("dags")
    assert bag.import_errors == {}
    dag: DAG = bag.dags[DAG_ID]  # type: ignore[assignment]
    for task in dag.tasks:
        task.retry_delay = dt.timedelta(0)
    return dag


def run_dag(conf: Conf | None = None) -> Run:
    """One run in this process, to its end; the DAG is loaded anew, because a run leaves its parameters in it."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    finished = load_dag().test(run_conf=dict(conf or {}))
    tasks: dict[str, list[str]] = {}
    tries: dict[str, int] = {}
    for instance in sorted(finished.get_task_instances(), key=lambda ti: ti.map_index):
        tasks.setdefault(instance.task_id, []).append(str(instance.state))
        tries[instance.task_id] = max(tries.get(instance.task_id, 0), instance.try_number)
    with create_session() as session:
        rows = session.query(XComModel).filter(XComModel.run_id == finished.run_id).all()
        xcoms = [(row.task_id, row.key, row.value) for row in rows]
    return Run(run_id=finished.run_id, state=str(finished.state), tasks=tasks, tries=tries, xcoms=xcoms)


class Kept(dict[str, Any]):
    """What a task keeps from try to try."""

    set = dict.__setitem__

    def delete(self, key: str) -> None:
        self.pop(key, None)


class Stage:
    """One operator of the DAG, run as a task would run it, for the run `run_id` that was asked for at `run_after`."""

    def __init__(self, conf: Conf | None = None, *, run_after: dt.datetime | None = None) -> None:
        self.dag = load_dag()
        self.conf = dict(conf or {})
        self.at = run_after or dt.datetime.now(dt.UTC)
        self.events: dict[Any, Any] = {}

    def run(self, task_id: str, **mapped: Any) -> Any:
        """The operator's return value; `mapped` is what the mapping would hand in."""
        task = self.dag.task_dict[task_id]
        if mapped:
            kwargs = {
                name: value for name, value in task.partial_kwargs.items() if name in ("reading_seconds", "outlets")
            }  # type: ignore[union-attr]
            task = task.operator_class(task_id=task_id, **kwargs, **mapped)  # type: ignore[union-attr]
            self.events = {asset: SimpleNamespace(extra={}) for asset in task.outlets}
        run = SimpleNamespace(dag_id=DAG_ID, run_id="test", start_date=self.at, run_after=self.at)
        context = {
            "params": {**{name: self.dag.params[name] for name in self.dag.params}, **self.conf},
            "ti": SimpleNamespace(
                dag_id=DAG_ID,
                task_id=task_id,
                run_id="test",
                map_index=-1,
                try_number=1,
                get_task_states=lambda **_asked: {},
                xcom_push=lambda **_told: None,
                xcom_pull=lambda **_asked: [],
            ),
            "task_state_store": Kept(),
            "dag_run": run,
            "run_id": "test",
            "outlet_events": self.events,
        }
        return task.execute(context)  # type: ignore[union-attr,arg-type]
