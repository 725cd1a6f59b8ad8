"""What a million invoices cost: every query of a pass and every view on PostgreSQL, and the disk of an invoice.

    python -m benchmarks.growth [--counts 10000,100000] [--models 40] [--rounds 5]

So many invoices are really read and sent to a simulated Chorus Pro, and retrieved; then they are copied by SQL up to
each count. Every question is then asked as a pass or a screen asks it. One that takes 100 ms or more stands with its
explanation: what it has to look at grows with the store, or it is asked once an hour. JSON on the standard output.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import typer

from benchmarks.growth_questions import EXPLAINED, questions
from benchmarks.machine import machine
from benchmarks.multiplied import multiply, take_models, without_indexes
from benchmarks.report import show
from benchmarks.world import World, generate, world
from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from include.demo.postgresql import postgresql_server

COUNTS = (10_000, 100_000)
MODELS = 40
ROUNDS = 5
LIMIT_MILLISECONDS = 100.0
_SLOW_MILLISECONDS = 2_000.0
_CHUNK = 1_000
"""Copies of all models in one statement for each table."""

_SERVER = (
    "-c shared_buffers=1GB -c max_wal_size=8GB -c fsync=off -c full_page_writes=off -c work_mem=32MB "
    "-c maintenance_work_mem=512MB -c jit=off"
)


def send_models(made: World, count: int) -> int:
    """Really sends and retrieves so many invoices; how many the platform holds."""
    with tempfile.TemporaryDirectory(prefix="chorus-models-") as folder:
        generate(Path(folder), count, lambda: None)
        made.drop(Path(folder), range(count))
        made.pass_over()
        made.chorus("run", "retrieval", "--json")
    return sum(made.numbers_on_the_platform().values())


def grow(url: str, *, models: int, copies: int, total: int) -> int:
    """Copies until there are so many invoices; how often each model was copied by then."""
    wanted = total // models
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, without_indexes(connection):
        while copies < wanted:
            last = min(copies + _CHUNK, wanted)
            multiply(connection, first=copies + 1, last=last)
            copies = last
            typer.echo(f"{copies * models} invoices", err=True)
        typer.echo("indexes and constraints", err=True)
    engine.dispose()
    for statement in ("VACUUM (ANALYZE)", "CHECKPOINT"):
        _alone(url, statement)
    return copies


def _alone(url: str, statement: str) -> None:
    """Outside of a transaction."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def disk(database: Database, count: int) -> dict[str, Any]:
    """Bytes of an invoice, all indexes included: of the whole, and of each table that counts."""
    query = sa.text(
        "SELECT relname, pg_total_relation_size(oid) AS bytes, pg_indexes_size(oid) AS indexes FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC"
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    return {
        "bytes_per_invoice": round(sum(row.bytes for row in rows) / count),
        "of_which_indexes": round(sum(row.indexes for row in rows) / count),
        "bytes_per_invoice_by_table": {row.relname: round(row.bytes / count) for row in rows if row.bytes > 50 * count},
        "gigabytes": round(sum(row.bytes for row in rows) / 1e9, 2),
    }


def milliseconds(ask: Callable[[], object], rounds: int) -> float:
    """The median on the clock; the first is not counted, unless it alone takes seconds."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - start))
        if taken[0] > _SLOW_MILLISECONDS:
            return taken[0]
    return statistics.median(taken[1:])


def asked(store: Store, *, count: int, rounds: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Every question with its time, slowest first."""
    found = []
    for name, ask in questions(store, count=count, now=now).items():
        taken = milliseconds(ask, rounds)
        typer.echo(f"{count}: {name}: {taken:.1f} ms", err=True)
        slow = {"explained": EXPLAINED.get(name)} if taken >= LIMIT_MILLISECONDS else {}
        found.append({"question": name, "milliseconds": round(taken, 1), **slow})
    return sorted(found, key=lambda one: -one["milliseconds"])


def measured(counts: Sequence[int], *, models: int, rounds: int) -> dict[str, Any]:
    """All counts, one after the other in the same database."""
    made_on, runs, copies = machine(), [], 0
    with postgresql_server(_SERVER) as server, world(server) as made:
        sent = send_models(made, models)
        database = Database(made.database_url)
        with database.write() as connection:
            take_models(connection)
        store = Store(database)
        for count in sorted(counts):
            started = time.perf_counter()
            copies = grow(made.database_url, models=sent, copies=copies, total=count)
            seconds = round(time.perf_counter() - started)
            answers = asked(store, count=count, rounds=rounds, now=dt.datetime.now(dt.UTC))
            runs.append({"invoices": count, "made_in_seconds": seconds, **disk(database, count), "questions": answers})
        database.close()
    return {"machine": made_on, "database": "PostgreSQL", "models": sent, "runs": runs}


def main() -> int:
    """The command line of this module; 1 when a question takes 100 ms or more without an explanation."""
    options = argparse.ArgumentParser(description="Measures every query over many invoices.")
    options.add_argument("--counts", type=lambda text: [int(one) for one in text.split(",")], default=COUNTS)
    options.add_argument("--models", type=int, default=MODELS)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--json", action="store_true", dest="as_json")
    wanted = options.parse_args()
    found = measured(wanted.counts, models=wanted.models, rounds=wanted.rounds)
    show(found, as_json=wanted.as_json)
    unexplained = [one for run in found["runs"] for one in run["questions"] if one.get("explained", "") is None]
    for one in unexplained:
        typer.echo(f"100 ms or more, and nobody says why: {one['question']}: {one['milliseconds']} ms", err=True)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
