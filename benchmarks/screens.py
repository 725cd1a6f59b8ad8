"""How fast the screens answer at 100,000 invoices: every page and its JSON twin, on SQLite and PostgreSQL.

    python -m benchmarks.screens [--count 100000] [--rounds 15]

Each address is asked for by who administers and uses everything, by who uses one of twenty providers, and by who sees
one label. Beside the percentiles stands the ratio to a bare page of the same application in the same run: the guard
and a word. The picture of a page is asked for as a browser does: once, then with what the first answer said of it.
In one process and without Airflow around it, whose own part the bare page has neither. JSON on the standard output,
progress on the other one; 1 when a page takes 150 ms or more, or a picture 100 ms.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import typer
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.testclient import TestClient

from benchmarks.server_time import server_seconds
from benchmarks.stored_invoices import COUNT, LABEL, PER_RUN, PROVIDERS, SIRETS, fill, on_both_databases
from benchmarks.world import invoice
from include.adapters.storage.core.codec import dump
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices, readings
from include.adapters.storage.intake.documents import stored_reading
from include.application.ports.dag_runs import StartedRun
from include.application.ports.reader import ReadingHints
from include.application.ports.secrets import ConnectionSecrets
from include.application.ports.sending_flow import Hindrance
from include.bootstrap import Services, services
from include.domain.configuration import Configuration, Provider, ReadingLimits
from include.domain.errors import FlowUnavailableError, HeldElsewhereError
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue
from include.domain.reading import Reading
from include.settings import settings
from include.web.app import create_app
from include.web.guards.person import Right
from include.web.guards.routing import guarded
from include.web.host import Host, SignedIn

ROUNDS = 15
PAGE_MILLISECONDS = 150.0
PICTURE_MILLISECONDS = 100.0
PICTURES = 8
"""Pages that are drawn for the first time, each of a document of its own."""

WHO = "x-user"
PEOPLE = {"administrator": "boss", "one provider of twenty": "anna", "one label": "nora"}
BARE = "/bare"


def configuration() -> Configuration:
    """Twenty providers; the boss administers and uses all, Anna the first, Nora all with a label right."""
    plain = {"environment": "simulator", "connection": "c", "loading": "local"}
    everybody, all_but_anna = ["anna", "boss", "nora"], ["boss", "nora"]
    providers = [
        {**plain, "name": f"Supplier {place}", "siret": siret, "use": {"users": all_but_anna if place else everybody}}
        for place, siret in enumerate(SIRETS)
    ]
    return Configuration.model_validate(
        {
            "version": 1,
            "people": {"users": [{"name": name} for name in everybody]},
            "administer": {"users": ["boss"]},
            "providers": providers,
            "label_rights": [{"user": "nora", "label": LABEL}],
        }
    )


@dataclass(frozen=True, kw_only=True)
class Screens:
    """The application over a filled store, and what stands in it that everybody of PEOPLE sees."""

    services: Services
    client: TestClient
    count: int
    documents: Sequence[int]
    """With a file and a reading; the others are rows only."""
    returned: int

    def addresses(self) -> dict[str, str]:
        """What is measured, by name."""
        document, run = self.documents[0], f"scheduled__{self.count // 2 // PER_RUN:06d}"
        lists = {
            "documents": "/documents",
            "documents, by amount": "/documents?sort=-total",
            "documents, all": "/documents?tab=all&sort=-changed",
            "documents, found": "/documents?tab=all&q=chatillon+77",
            "invoices": "/invoices",
            "invoices, by term": "/invoices?sort=pay_by",
            "invoices, overdue": "/invoices?overdue=1",
            "invoices, found": "/invoices?q=chatillon+77",
            "invoices, of a status": "/invoices?status=MISE_A_DISPOSITION",
            "returned": "/returned",
            "runs": f"/runs?dag_id=chorus_auto_submission&run_id={run}",
            "notifications": "/notifications",
        }
        return {
            "dashboard": "/",
            "submission screen": f"/documents/{document}",
            "returned, one": f"/returned/{self.returned}",
            "invoice": f"/invoices/{self.returned}",
            **lists,
            **{f"JSON: {name}": f"/api/v1{address}" for name, address in lists.items()},
            "JSON: document": f"/api/v1/documents/{document}",
            "JSON: invoice": f"/api/v1/invoices/{self.returned}",
        }

    def deeper(self, person: str) -> dict[str, str]:
        """The tenth page of both lists, by the cursors of the pages before it."""
        found = {}
        for name, address in (("documents", "/documents?tab=all"), ("invoices", "/invoices?")):
            after = ""
            for _ in range(9):
                answer = self.client.get(f"/api/v1{address}{after}", headers={WHO: person})
                after = f"&after={answer.json()['after']}" if answer.json()["after"] else after
            found[f"{name}, tenth page"] = address + after
        return found


async def _authenticate(request: Request) -> SignedIn:
    name = request.headers[WHO]
    return SignedIn(name=name, greeting=name)


@contextlib.contextmanager
def screens(url: str, count: int) -> Iterator[Screens]:
    """Fills the store and serves it, with some documents that were really read."""
    with tempfile.TemporaryDirectory(prefix="chorus-screens-") as home:
        own = dataclasses.replace(settings(), home=Path(home), database_url=url, files_url=Path(home, "files").as_uri())
        made = services(given=own)
        made.store.database.migrate()
        fill(url, count)
        now = dt.datetime.now(dt.UTC)
        given = configuration()
        made.store.configuration.save(given, expected_revision=0, actor="b", source="b", at=now, changes=())
        host = Host(
            services=made,
            authenticate=_authenticate,
            login_address=lambda: "/",
            signing_key=home,
            flow=_NoFlow(),
            dag_runs=_NoFlow(),
            connections=_NoFlow(),
        )
        app = create_app(host)
        app.include_router(_bare())
        with TestClient(app, root_path="/chorus", follow_redirects=False) as client:
            documents = _shown_to_all(made, State.TO_COMPLETE, PICTURES)
            give_files(made, documents)
            [returned] = _shown_to_all(made, State.TO_PROCESS, 1)
            yield Screens(services=made, client=client, count=count, documents=documents, returned=returned)
        made.close()


class _NoFlow:
    """`SendingFlow`, `DagRuns`, `Connections` where nobody begins or writes anything: a benchmark only reads."""

    def begin(self, request_id: int, *, actor: str) -> None:
        """As where the flow is missing."""
        raise FlowUnavailableError("flow_not_begun", flow=f"{request_id} of {actor}")

    def retrieve(self, provider: Provider, *, actor: str) -> StartedRun:
        """As where the flow is missing."""
        raise FlowUnavailableError("flow_not_begun", flow=f"{provider.name} for {actor}")

    def dry_run(self, *, actor: str) -> StartedRun:
        """As where the flow is missing."""
        raise FlowUnavailableError("flow_not_begun", flow=f"a dry run for {actor}")

    def hindrance(self) -> Hindrance | None:
        """The flow is not there."""
        return Hindrance.MISSING

    def held_elsewhere(self, connection_id: str) -> bool:
        """In the environment."""
        return bool(connection_id)

    def keep(self, connection: ConnectionSecrets) -> None:
        """As where the environment holds it."""
        raise HeldElsewhereError("connection_held_elsewhere", connection=connection.connection_id)


def _bare() -> APIRouter:
    router = guarded(Right.SIGNED_IN)

    @router.get(BARE)
    def bare() -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>bare</title>")

    return router


def _shown_to_all(made: Services, state: State, number: int) -> Sequence[int]:
    """Ids, of documents and invoices alike, of the newest in a state; the first provider's with the label from now."""
    newest = sa.select(invoices.c.id).where(invoices.c.state == state).order_by(invoices.c.id.desc()).limit(number)
    with made.store.database.write() as connection:
        ids = connection.scalars(newest).all()
        mine = invoices.update().where(invoices.c.id.in_(ids))
        connection.execute(mine.values(provider_key=PROVIDERS[0], labels=f"|{LABEL}|"))
        list_again(connection, ids)
    return ids


def give_files(made: Services, ids: Sequence[int]) -> None:
    """Real files in place of made-up ones, really read."""
    contents = {number: invoice(number) for number in ids}
    found = dict(made.reader.read(contents.items(), ReadingLimits(), ReadingHints()))
    with made.store.database.write() as connection:
        for number, reading in found.items():
            if not isinstance(reading, Reading):
                raise TypeError(f"document {number} cannot be read: {reading}")
            digest = made.files.put(contents[number])
            row = {"content_sha256": digest, "unreadable": False, "stale": False, "read_at": dt.datetime.now(dt.UTC)}
            connection.execute(readings.insert().values(**row, **stored_reading(reading)))
            draft = Draft(
                fields={name: FieldValue(chosen=all_[0], others=all_[1:]) for name, all_ in reading.fields.items()}
            )
            mine = invoices.update().where(invoices.c.document_id == number)
            connection.execute(mine.values(content_sha256=digest, draft=dump(Draft, draft)))
        list_again(connection, ids)


def milliseconds(ask: Callable[[], object], rounds: int, database: Database) -> dict[str, float]:
    """Median, 95th percentile and worst on the clock, and what this process and the database's server computed.

    The first is not counted: it compiles templates and queries, once in the life of a process.
    """
    ask()
    taken, computed, of_the_server = [], [], server_seconds(database)
    for _ in range(rounds):
        start, before = time.perf_counter(), time.process_time()
        ask()
        taken.append(1000 * (time.perf_counter() - start))
        computed.append(1000 * (time.process_time() - before))
    elsewhere = 1000 * (server_seconds(database) - of_the_server) / rounds
    found = {
        "median": statistics.median(taken),
        "p95": statistics.quantiles(taken, n=20, method="inclusive")[-1],
        "worst": max(taken),
        "computed": statistics.median(computed) + elsewhere,
    }
    return {name: round(value, 1) for name, value in found.items()}


def pages(made: Screens, kind: str, rounds: int) -> list[dict[str, Any]]:
    """Every address for everybody, slowest first."""
    found, database = [], made.services.store.database
    for who, person in PEOPLE.items():
        bare = milliseconds(functools.partial(_answer, made, BARE, person), rounds, database)
        found.append({"page": "bare page", "who": who, **bare, "ratio": 1.0})
        for name, address in {**made.addresses(), **made.deeper(person)}.items():
            took = milliseconds(functools.partial(_answer, made, address, person), rounds, database)
            found.append({"page": name, "who": who, **took, "ratio": round(took["median"] / bare["median"], 1)})
            typer.echo(f"{kind}, {who}: {name}: {took}", err=True)
    return sorted(found, key=lambda one: -float(one["median"]))


def _answer(made: Screens, address: str, person: str, **headers: str) -> Any:
    answer = made.client.get(address, headers={WHO: person, **headers})
    if answer.status_code not in (200, 304):
        raise RuntimeError(f"{address} for {person}: {answer.status_code} {answer.text[:300]}")
    return answer


def pictures(made: Screens) -> dict[str, Any]:
    """The picture of a page, for the first time and again; the first of all also starts the worker that draws."""
    cold: list[float] = []
    again: list[tuple[float, int]] = []
    first: list[float] = []
    for number in made.documents:
        address = f"/documents/{number}/pages/1.jpg"
        start = time.perf_counter()
        answer = _answer(made, address, "boss")
        first.append(1000 * (time.perf_counter() - start))
        if not cold:
            cold.append(first.pop())
        start = time.perf_counter()
        same = _answer(made, address, "boss", **{"if-none-match": answer.headers["etag"]})
        again.append((1000 * (time.perf_counter() - start), len(same.content)))
    return {
        "first_of_the_process": round(cold[0], 1),
        "first_time_median": round(statistics.median(first), 1),
        "first_time_worst": round(max(first), 1),
        "bytes": len(answer.content),
        "second_time_median": round(statistics.median(took for took, _ in again), 1),
        "second_time_bytes": max(size for _, size in again),
    }


def measured(url: str, count: int, rounds: int, kind: str) -> dict[str, Any]:
    """All pages on one database."""
    typer.echo(f"{kind}: {count} invoices", err=True)
    with screens(url, count) as made:
        drawn = pictures(made)
        answers = pages(made, kind, rounds)
    slowest = max(float(one["median"]) for one in answers)
    return {
        "database": kind,
        "slowest_milliseconds": slowest,
        "within_limit": slowest < PAGE_MILLISECONDS
        and drawn["first_time_median"] < PICTURE_MILLISECONDS
        and drawn["second_time_bytes"] == 0,
        "picture": drawn,
        "pages": answers,
    }


def main() -> int:
    """The command line of this module; 1 when something took too long."""
    return on_both_databases("Measures how fast the screens answer.", measured, count=COUNT, rounds=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
