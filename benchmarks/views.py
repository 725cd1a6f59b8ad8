"""How fast people's lists are at 100,000 invoices: first page, deep page, counts, search, on SQLite and PostgreSQL.

    python -m benchmarks.views [--count 100000] [--rounds 9]

An empty database of each kind is filled with so many invoices, of which one in five waits to be submitted, over twenty
providers, one in ten with a label; their drafts have the size of real ones. Each question is asked through the views,
as the screens ask it: by who sees everything, by who uses one provider, and by who sees one label. Beside each median
stands what our process and the database's server computed, and the ratio to a bare SELECT of fifty ids over an index,
in the same run. JSON on the standard output, progress on the other one.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import typer

from benchmarks.server_time import server_seconds
from benchmarks.stored_invoices import COUNT, LABEL, PER_RUN, PROVIDERS, arrival, fill, on_both_databases
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.store import Store
from include.application.ports.document_views import TABS, DocumentFilter
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.paging import Cursor, PageRequest
from include.application.ports.run_views import RunFilter
from include.domain.rights import OWNER, Viewer

ROUNDS = 9
LIMIT_MILLISECONDS = 50.0
_VIEWERS = {
    "everything": OWNER,
    "one provider": Viewer(provider_keys=frozenset(PROVIDERS[:1]), without_provider=True),
    "one label": Viewer(provider_keys=frozenset(PROVIDERS), labels=frozenset({LABEL})),
}


def questions(
    store: Store, viewer: Viewer, count: int, *, number: str = "f0123", name: str = "chatillon 77"
) -> dict[str, Callable[[], object]]:
    """What the screens ask, by name; `number` and `name` are what somebody typed into the search."""
    of_documents, of_invoices = store.document_views, store.invoice_views
    todo, everything = DocumentFilter(states=TABS["todo"]), InvoiceFilter()
    all_tabs = DocumentFilter(states=tuple(state for states in TABS.values() for state in states))
    late = arrival(count * 9 // 10, count)
    early = arrival(count // 10, count)
    deep = str(Cursor(sort="arrived", value=late, id=1))
    deeper = str(Cursor(sort="-deposited", value=early, id=1))
    late_day = late.date()
    run = RunFilter(dag_id="chorus_auto_submission", run_id=f"scheduled__{count // 2 // PER_RUN:06d}")
    return {
        "documents, first page": lambda: of_documents.page(viewer, todo, PageRequest(sort="arrived")),
        "documents, by amount": lambda: of_documents.page(viewer, todo, PageRequest(sort="-total")),
        "documents, deep page": lambda: of_documents.page(viewer, all_tabs, PageRequest(sort="arrived", after=deep)),
        "documents, counts": lambda: of_documents.totals(viewer, todo),
        "documents, number's beginning": lambda: of_documents.page(
            viewer, DocumentFilter(states=TABS["todo"], text=number), PageRequest(sort="arrived")
        ),
        "invoices, first page": lambda: of_invoices.page(viewer, everything, PageRequest(sort="-deposited")),
        "invoices, by amount": lambda: of_invoices.page(viewer, everything, PageRequest(sort="-total")),
        "invoices, deep page": lambda: of_invoices.page(
            viewer, everything, PageRequest(sort="-deposited", after=deeper)
        ),
        "invoices, counts": lambda: of_invoices.totals(viewer, everything),
        "invoices, number's beginning": lambda: of_invoices.page(
            viewer, InvoiceFilter(text=number), PageRequest(sort="-deposited")
        ),
        "invoices, overdue": lambda: of_invoices.page(
            viewer, InvoiceFilter(overdue_on=late_day), PageRequest(sort="pay_by")
        ),
        "a run's invoices": lambda: store.run_views.page(viewer, run, PageRequest(sort="id")),
        "notifications, unread": lambda: store.notification_views.page("anna", PageRequest(sort="-at"), unread=True),
        "notifications, how many unread": lambda: store.notification_views.unread("anna"),
        "invoices, part of a name": lambda: of_invoices.page(
            viewer, InvoiceFilter(text=name), PageRequest(sort="-deposited")
        ),
    }


def milliseconds(ask: Callable[[], object], rounds: int, database: Database) -> tuple[float, float]:
    """The median on the clock, and what our process and the database's server computed; the first is not counted."""
    ask()
    taken, computed, of_the_server = [], [], server_seconds(database)
    for _ in range(rounds):
        start, before = time.perf_counter(), time.process_time()
        ask()
        taken.append(1000 * (time.perf_counter() - start))
        computed.append(1000 * (time.process_time() - before))
    elsewhere = 1000 * (server_seconds(database) - of_the_server) / rounds
    return statistics.median(taken), statistics.median(computed) + elsewhere


def bare_select(database: Database) -> Callable[[], object]:
    """Fifty ids over an index, and nothing else."""
    query = sa.select(listed.c.invoice_id).order_by(listed.c.arrived_at, listed.c.invoice_id).limit(50)

    def ask() -> object:
        with database.read() as connection:
            return connection.execute(query).all()

    return ask


def measured(url: str, count: int, rounds: int, kind: str) -> dict[str, Any]:
    """All questions on one database."""
    database = Database(url)
    database.migrate()
    typer.echo(f"{kind}: {count} invoices", err=True)
    fill(url, count)
    bare, _ = milliseconds(bare_select(database), rounds, database)
    answers: list[dict[str, Any]] = []
    for who, viewer in _VIEWERS.items():
        for name, ask in questions(Store(database), viewer, count).items():
            taken, computed = milliseconds(ask, rounds, database)
            typer.echo(f"{kind}, {who}: {name}: {taken:.1f} ms, {computed:.1f} ms computed", err=True)
            figures = {"milliseconds": round(taken, 1), "computed": round(computed, 1), "ratio": round(taken / bare, 1)}
            answers.append({"seen by": who, "question": name, **figures})
    database.close()
    slowest = max(answer["milliseconds"] for answer in answers)
    return {
        "database": kind,
        "bare_select_milliseconds": round(bare, 2),
        "slowest_milliseconds": slowest,
        "within_limit": slowest < LIMIT_MILLISECONDS,
        "answers": answers,
    }


def main() -> int:
    """The command line of this module; 1 when a question took too long."""
    return on_both_databases("Measures how fast people's lists are.", measured, count=COUNT, rounds=ROUNDS)


if __name__ == "__main__":
    sys.exit(main())
