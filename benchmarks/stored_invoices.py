"""100,000 invoices straight in our tables, for benchmarks of what people see: in seconds, not by sending them.

One in five waits to be submitted, one in a hundred was returned, one in ten has a label; they arrived every four
minutes until now, over twenty providers. Their drafts have the size of real ones.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import typer
from stdnum import luhn

from benchmarks.machine import machine
from benchmarks.report import show
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.run_tables import task_runs
from include.adapters.storage.core.tables import attempts, documents, events, invoices
from include.adapters.storage.core.told_events import told_events
from include.demo.postgresql import new_database, postgresql_server
from include.domain.errors import ConnectorError
from include.domain.lifecycle import State

COUNT = 100_000
PER_RUN = 50
"""Invoices of one run of the ten-minute flow."""

LABEL = "nord"
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
_EVERY = dt.timedelta(minutes=4)
_WAITING = (State.TO_COMPLETE, State.READY, State.REFUSED, State.HELD, State.DETECTED)
_STATUSES = ("DEPOSEE", "MISE_A_DISPOSITION", "MANDATEE", "MISE_EN_PAIEMENT", "COMPTABILISEE")
_RETURNED = ("SUSPENDUE", "A_RECYCLER", "REJETEE")
_CHUNK = 2_000


def _siret(number: int) -> str:
    siren = f"{90_000_000 + number}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


SIRETS = tuple(_siret(number) for number in range(20))
PROVIDERS = tuple(f"simulator:{siret}" for siret in SIRETS)


def arrival(number: int, count: int) -> dt.datetime:
    """When the invoice of this number, of so many, arrived."""
    return NOW - _EVERY * (count - number)


def fill(url: str, count: int) -> None:
    """So many invoices into the tables of this database, a few thousand in a transaction."""
    database = Database(url)
    rng = random.Random(5)
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(count, start + _CHUNK))
        with database.write(durable=False) as connection:
            connection.execute(documents.insert(), [_document(number, count) for number in numbers])
            rows = [_invoice(number, count, rng) for number in numbers]
            connection.execute(invoices.insert(), rows)
            connection.execute(task_runs.insert(), [_run(number) for number in numbers if number % PER_RUN == 0])
            sent = [_attempt(row) for row in rows if row["chorus_id"] is not None]
            connection.execute(attempts.insert(), sent)
            connection.execute(events.insert(), [_event(row) for row in sent])
            told = [{"recipient": "anna", "event_id": row["invoice_id"]} for row in sent]
            connection.execute(told_events.insert(), told)
            list_again(connection, [row["id"] for row in rows])
    database.close()
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # what PostgreSQL does by itself within a minute
        connection.execute(sa.text("VACUUM (ANALYZE)" if engine.dialect.name == "postgresql" else "ANALYZE"))
    engine.dispose()


def _document(number: int, count: int) -> dict[str, Any]:
    return {
        "id": number + 1,
        "portal_id": f"Comptabilite/Factures/R-{number:06d}.pdf",
        "name": f"R-{number:06d}.pdf",
        "folder": "Comptabilite/Factures",
        "signature": "s",
        "size": 40_000,
        "arrived_at": arrival(number, count),
        "content_sha256": f"{number:064x}",
        "metadata_sha256": "m",
        "metadata": {},
        "links": [],
        "first_seen_at": arrival(number, count),
    }


def _invoice(number: int, count: int, rng: random.Random) -> dict[str, Any]:
    sent = rng.random() < 0.8
    returned = sent and rng.random() < 0.0125
    at = arrival(number, count) + _EVERY / 2
    name = f"Commune de {rng.choice(('Saint', 'Villeneuve', 'Châtillon', 'Bourg'))} {number % 900}"
    values = {"recipient_name": name, "due_date": "2026-12-31", "issue_date": at.date().isoformat(), "type": "invoice"}
    total = f"{rng.randrange(1, 5_000_000) / 100:.2f}"
    return {
        "id": number + 1,
        "document_id": number + 1,
        "state": State.TO_PROCESS if returned else State.SUBMITTED if sent else rng.choice(_WAITING),
        "provider_key": rng.choice(PROVIDERS),
        "environment": "simulator",
        "draft": {
            "fields": {field: {"value": value, "source": "text"} for field, value in values.items()},
            "evidence": "x" * 1_200,
        },
        "reasons": None if sent else [{"code": "engagement_missing", "field": None, "params": {}}],
        "labels": f"|{LABEL}|" if rng.random() < 0.1 else None,
        "invoice_number": f"F{number:06d}",
        "recipient_siret": f"{number % 900:014d}",
        "total_incl_tax": total,
        "chorus_id": 900_000 + number if sent else None,
        "status": rng.choice(_RETURNED if returned else _STATUSES) if sent else None,
        "status_at": at if sent else None,
        "created_at": at,
        "changed_at": at,
    }


def _attempt(row: dict[str, Any]) -> dict[str, Any]:
    facts = {name: row[name] for name in ("environment", "provider_key", "chorus_id")}
    sent = {"state": "taken", "owner": "w", "submission": {}, "body": "", "claimed_at": row["status_at"]}
    sent["closed_at"] = row["status_at"]
    return {"invoice_id": row["id"], **facts, **sent, "task_run_id": (row["id"] - 1) // PER_RUN + 1}


def _run(number: int) -> dict[str, Any]:
    name = f"scheduled__{number // PER_RUN:06d}"
    task = {"task_id": "submit_invoices", "map_index": -1, "try_number": 1}
    return {"id": number // PER_RUN + 1, "dag_id": "chorus_auto_submission", "run_id": name, **task}


def _event(sent: dict[str, Any]) -> dict[str, Any]:
    about = {"id": sent["invoice_id"], "invoice_id": sent["invoice_id"], "provider_key": sent["provider_key"]}
    return {**about, "kind": "submitted", "at": sent["claimed_at"], "facts": {"number": "1"}, "distributed": True}


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """URLs of an empty SQLite and an empty PostgreSQL database."""
    with (
        tempfile.TemporaryDirectory(prefix="chorus-views-") as folder,
        postgresql_server() as server,
        new_database(server) as url,
    ):
        yield {"SQLite": f"sqlite:///{Path(folder) / 'chorus.db'}", "PostgreSQL": url}


def on_both_databases(
    about: str, measured: Callable[[str, int, int, str], dict[str, Any]], *, count: int, rounds: int
) -> int:
    """The command line of a benchmark over these invoices; `measured` takes URL, invoices, rounds and kind.

    0: within its limits on both; 1: not; 3: a database is out of reach.
    """
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--count", type=int, default=count)
    options.add_argument("--rounds", type=int, default=rounds)
    options.add_argument("--json", action="store_true", dest="as_json")
    wanted = options.parse_args()
    made_on = machine()
    try:
        with databases() as urls:
            found = [measured(url, wanted.count, wanted.rounds, kind) for kind, url in urls.items()]
    except ConnectorError as error:
        typer.echo(str(error), err=True)
        return 3
    show({"machine": made_on, "invoices": wanted.count, "databases": found}, as_json=wanted.as_json)
    return 0 if all(one["within_limit"] for one in found) else 1
