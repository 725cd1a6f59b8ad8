"""How fast documents are matched with the content store on S3, beside a folder, in the same run.

    python -m benchmarks.contents [--count 400] [--rounds 5]

An S3 server on loopback (moto's, a development package) keeps its bucket in memory. Each round makes an empty database
and a portal folder with so many documents, collects them, and measures the stage that copies their bytes: once into
a folder, once into the bucket, in turns. Told are the medians, their ratio, and the requests of one document. The
server computes on the same cores, so the ratio is an upper bound for a store of its own; one that answers after a while
costs no more, because copies go side by side.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec
import typer

from benchmarks.machine import machine
from benchmarks.report import show
from benchmarks.s3_server import S3Server, s3_server
from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.store import Store
from include.application.intake.collect_documents import Collect
from include.application.intake.match_criteria import Match
from include.bootstrap import SystemClock
from include.demo.demonstration import SUPPLIER
from include.domain.configuration import Configuration

LIMIT_RATIO = 2.0
BYTES = 40_000
"""A usual digital invoice."""


def matched_in(files_url: str, count: int) -> float:
    """Seconds of the stage over so many new documents; no two are alike."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="chorus-contents-") as folder:
        home = Path(folder)
        _file_documents(home / "portal", count)
        database = Database(f"sqlite:///{home / 'chorus.db'}")
        database.migrate()
        store = Store(database)
        configuration = Configuration.model_validate(
            {
                "version": 1,
                "providers": [dict(name="All", siret=SUPPLIER, environment="simulator", connection="none")],
                "criteria": [dict(name="all", folder="/", subfolders=True, since="always")],
            }
        )
        portal = FolderPortal((home / "portal").as_uri(), settle_seconds=0, clock=clock)
        Collect(
            open_portal=lambda: portal,
            documents=store.documents,
            internal_errors=store.internal_errors,
            configuration=configuration,
            clock=clock,
        )()
        match = Match(
            open_portal=lambda: portal,
            documents=store.documents,
            files=FsspecFiles(files_url.format(home=home)),
            link=list,
            internal_errors=store.internal_errors,
            configuration=configuration,
            revision=1,
            clock=clock,
        )
        start = time.perf_counter()
        found = match()
        seconds = time.perf_counter() - start
        database.close()
    assert found.matched == count, found
    return seconds


def _file_documents(portal: Path, count: int) -> None:
    portal.mkdir()
    for number in range(count):
        (portal / f"R-{number:06d}.pdf").write_bytes(b"%PDF-1.7 " + random.randbytes(BYTES))


def measured(server: S3Server, count: int, rounds: int) -> dict[str, Any]:
    """Both kinds of store in turns; the first round is not counted."""
    bucket = server.make_bucket("contents")
    places = {"folder": "file://{home}/files", "s3": f"{bucket}/files"}
    taken: dict[str, list[float]] = {name: [] for name in places}
    before = len(server.requests())
    for turn in range(rounds + 1):
        for name, url in places.items():
            seconds = matched_in(url, count)
            typer.echo(f"{name}: {count} documents in {seconds:.2f} s", err=True)
            if turn:
                taken[name].append(seconds)
    requests = server.requests()[before:]
    medians = {name: statistics.median(found) for name, found in taken.items()}
    ratio = statistics.median(s3 / folder for folder, s3 in zip(taken["folder"], taken["s3"], strict=True))
    return {
        "documents": count,
        "milliseconds_per_document": {name: round(1000 * found / count, 2) for name, found in medians.items()},
        "ratio": round(ratio, 2),
        "limit_ratio": LIMIT_RATIO,
        "requests_per_document": round(len(requests) / (count * (rounds + 1)), 2),
        "kinds_of_requests": dict(Counter(method for method, _ in requests)),
    }


def main() -> int:
    """The command line of this module; 1 when the bucket takes more than twice the time of the folder."""
    options = argparse.ArgumentParser(description="Measures matching with the content store on S3 beside a folder.")
    options.add_argument("--count", type=int, default=400)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", action="store_true", dest="as_json")
    wanted = options.parse_args()
    made_on = machine()
    with tempfile.TemporaryDirectory(prefix="chorus-s3-") as folder, s3_server(Path(folder)) as server:
        fsspec.config.conf["s3"] = server.options
        found = measured(server, wanted.count, wanted.rounds)
    show({"machine": made_on, **found}, as_json=wanted.as_json)
    return 0 if found["ratio"] <= LIMIT_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
