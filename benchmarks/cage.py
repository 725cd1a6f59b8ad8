"""What the cage around the readers costs: the same documents by a caged worker and by a bare process, in turns.

    python -m benchmarks.cage [--digital 40] [--scans 2] [--rounds 5]

One worker each, both warm. A round is a pair: all documents by the one, then by the other, the order changing each
time, so that other work on the machine meets both. The ratio is the median of the pairs; 1 is no cost, and less than
0.95 is too much. JSON on the standard output.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.machine import machine
from benchmarks.reading import documents, ours
from benchmarks.report import show
from include.adapters.text.reader import PdfReader
from include.adapters.text.worker import read_document
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits

LEAST = 0.95
LIMITS = ReadingLimits(searchable_copy="never")


def bare(content: bytes) -> bool:
    """One document in this process, whatever is around it."""
    return bool(read_document(content, LIMITS, ReadingHints()).result)


def measure(*, digital: int, scans: int, rounds: int) -> dict[str, Any]:
    """Seconds of each pair and their ratio."""
    contents = [*documents("digital", digital), *documents("facturx", digital // 2), *documents("scan", scans)]
    with PdfReader(workers=1) as reader, multiprocessing.get_context("spawn").Pool(1) as pool:
        ways: dict[str, Callable[[], object]] = {
            "caged": lambda: ours(reader, contents, LIMITS),
            "bare": lambda: pool.map(bare, contents, chunksize=1),
        }
        for warm in ways.values():
            warm()
        load = os.getloadavg()[0]
        pairs = [_pair(ways, turned=turn % 2 == 1) for turn in range(rounds)]
    ratio = statistics.median(pair["bare"] / pair["caged"] for pair in pairs)
    return {
        "machine": {**machine(), "load_before": round(load, 2)},
        "documents": len(contents),
        "speed_of_the_cage": round(ratio, 3),
        "enough": ratio >= LEAST,
        "seconds": [{name: round(seconds, 2) for name, seconds in pair.items()} for pair in pairs],
    }


def _pair(ways: dict[str, Callable[[], object]], *, turned: bool) -> dict[str, float]:
    order: Sequence[str] = sorted(ways, reverse=turned)
    found = {}
    for name in order:
        begun = time.monotonic()
        ways[name]()
        found[name] = time.monotonic() - begun
    return found


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description="Measures what the cage around the readers costs.")
    options.add_argument("--digital", type=int, default=40, help="digital documents; half as many Factur-X ones")
    options.add_argument("--scans", type=int, default=2, help="scanned pages")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", action="store_true", help="JSON on a terminal too")
    given = options.parse_args()
    show(measure(digital=given.digital, scans=given.scans, rounds=given.rounds), as_json=given.json)


if __name__ == "__main__":
    main()
