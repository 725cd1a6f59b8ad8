"""How fast the whole pipeline is, from a portal folder to invoices on a simulated Chorus Pro, each exactly once.

    python -m benchmarks.river [--counts 200,1000,5000] [--known 50000] [--postgresql | --database URL] [--airflow]

For each count a world of its own: an empty database, a simulator, a folder with so many invoices, no two alike, four in
five plain digital and one in five Factur-X. One pass of `chorus run submission` sends them, a second one finds nothing
new; what the platform holds is compared with what was dropped, number by number. The seconds are those that the pass
itself reports, stage by stage; memory is that of the pass and its reading processes together. Then the largest
world is filled up with documents that are known already, and a pass over all of them is timed. With `--airflow` the
largest count is dropped at once before a real Airflow instead, and one run of `chorus_auto_submission` has to send it.
JSON on the standard output, progress on the other one.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from benchmarks import airflow_run, known
from benchmarks.machine import machine
from benchmarks.report import show
from benchmarks.server_time import server_seconds
from benchmarks.usage import Peak, processor_seconds
from benchmarks.world import World, as_json, generate, world
from include.adapters.storage.core.database import Database
from include.demo.postgresql import postgresql_server
from include.domain.errors import ConnectorError

COUNTS = (200, 1000, 5000)
KNOWN = 50_000


def one_pass(made: World) -> dict[str, Any]:
    """One pass, with the memory that it and the simulator took at most, and the time that each of them computed."""
    before, theirs_before = _of_ended_children(), processor_seconds(made.simulator_pid)
    database = Database(made.database_url)
    servers_before = server_seconds(database)
    process = made.start_pass()
    with Peak(process.pid) as ours, Peak(made.simulator_pid) as theirs:
        told, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"The pass failed with {process.returncode}: {made.last_words()}")
    found = as_json(told)
    of_the_server = server_seconds(database) - servers_before
    database.close()
    return {
        **found,
        "processor_seconds_of_the_server": of_the_server,
        "processor_seconds": _of_ended_children() - before,
        "processor_seconds_of_the_simulator": processor_seconds(made.simulator_pid) - theirs_before,
        "megabytes": ours.megabytes,
        "megabytes_of_the_simulator": theirs.megabytes,
    }


def _of_ended_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(store: Path, made: World, count: int) -> dict[str, Any]:
    """A first pass over so many new documents, and a second one over the same."""
    made.drop(store, range(count))
    load = os.getloadavg()[0]
    first = one_pass(made)
    platform = made.platform(range(count))
    second = one_pass(made)
    again = second["counts"]["read"] + second["counts"]["unreadable"]
    if platform.twice or platform.strange or len(platform.once) != first["counts"]["submitted"]:
        raise SystemExit(f"The numbers would mean nothing: {platform}, {first['counts']}")
    return {
        "documents": count,
        "seconds": round(first["seconds"], 1),
        "documents_per_second": round(count / first["seconds"], 1),
        "milliseconds_per_document": {
            name: round(1000 * seconds / count, 2) for name, seconds in first["stages"].items()
        },
        "processor_milliseconds_per_document": round(1000 * first["processor_seconds"] / count, 2),
        "processor_milliseconds_of_the_database_server": round(
            1000 * first["processor_seconds_of_the_server"] / count, 2
        ),
        "processor_milliseconds_of_the_simulator": round(1000 * first["processor_seconds_of_the_simulator"] / count, 2),
        "megabytes": first["megabytes"],
        "megabytes_of_the_simulator": first["megabytes_of_the_simulator"],
        "on_the_platform_exactly_once": len(platform.once),
        "left_to_a_person": first["counts"]["to_complete"] + first["counts"]["unreadable"],
        "second_run_seconds": round(second["seconds"], 2),
        "read_again": again,
        "load_before": round(load, 2),
    }


def run(counts: Sequence[int], *, known_documents: int, server: str | None) -> dict[str, Any]:
    """All figures without Airflow."""
    found: list[dict[str, Any]] = []
    nothing_new: dict[str, Any] | None = None
    with _invoices(max(counts)) as store, _bar(len(counts) + (known_documents > 0), "river") as bar:
        for count in sorted(counts):
            with world(server) as made:
                found.append(measure(store, made, count))
                bar.update(1)
                if count == max(counts) and known_documents:
                    kinds = known.fill_up(made, known_documents)
                    looked = one_pass(made)
                    nothing_new = {
                        "documents": looked["counts"]["seen"],
                        "of_which": kinds,
                        "seconds": round(looked["seconds"], 2),
                        "processor_seconds": round(looked["processor_seconds"], 2),
                        "seconds_of_stages": looked["stages"],
                        "megabytes": looked["megabytes"],
                        "read_again": looked["counts"]["read"] + looked["counts"]["unreadable"],
                    }
                    bar.update(1)
    least = found[0]
    for each in found:
        per_document = each["seconds"] / each["documents"]
        each["time_per_document_to_smallest_count"] = round(per_document / (least["seconds"] / least["documents"]), 2)
        each["processor_time_per_document_to_smallest_count"] = round(
            each["processor_milliseconds_per_document"] / least["processor_milliseconds_per_document"], 2
        )
        each["memory_to_smallest_count"] = round(each["megabytes"] / least["megabytes"], 2)
    return {"machine": machine(), "database": kind_of(server), "runs": found, "nothing_new": nothing_new}


def run_airflow(count: int, *, server: str | None) -> dict[str, Any]:
    """The figures of one run of the DAG."""
    with _invoices(count) as store:
        return {"machine": machine(), "database": kind_of(server), **airflow_run.measure(store, count, server)}


def kind_of(server: str | None) -> str:
    """How the report names it, without a password."""
    return "sqlite" if server is None else "postgresql"


@contextlib.contextmanager
def _invoices(count: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chorus-invoices-") as folder:
        with _bar(count, "invoices") as bar:
            generate(Path(folder), count, lambda: bar.update(1))
        yield Path(folder)


def _bar(length: int, label: str) -> Any:
    return typer.progressbar(length=length, file=sys.stderr, label=label)


def _counts(text: str) -> list[int]:
    counts = [int(count) for count in text.split(",")]
    if min(counts) < 1:
        raise ValueError(text)
    return counts


def main() -> int:
    """The command."""
    options = argparse.ArgumentParser(description="Measures how fast the whole pipeline is.")
    options.add_argument("--counts", type=_counts, default=COUNTS, help="numbers of documents, with commas")
    options.add_argument("--known", type=int, default=KNOWN, help="documents of the pass with nothing new")
    options.add_argument("--database", help="SQLAlchemy URL of a PostgreSQL server that may create databases")
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL started for it")
    options.add_argument("--airflow", action="store_true", help="the largest count, under a real Airflow")
    options.add_argument("--json", action="store_true", help="JSON on a terminal too")
    given = options.parse_args()
    try:
        with postgresql_server() if given.postgresql else contextlib.nullcontext(given.database) as server:
            if given.airflow:
                found = run_airflow(max(given.counts), server=server)
            else:
                found = run(given.counts, known_documents=given.known, server=server)
    except ConnectorError as error:
        print(error, file=sys.stderr)
        return SURROUNDINGS
    show(found, as_json=given.json)
    return 0


SURROUNDINGS = 3


if __name__ == "__main__":
    sys.exit(main())
