"""How fast documents are read, beside two yardsticks measured in the same run on the same pages.

    python -m benchmarks.reading [--scans 12] [--digital 200] [--rounds 3] [--only-vnni]

Scanned pages go from bytes to words and fields through the long-lived workers, with and without a searchable copy; the
yardsticks are the `ocrmypdf` command with its default options, one document after another (by itself it uses all
cores), and bare Tesseract in as many processes as workers, which gives text and nothing else. Each number is the median
of the rounds; the workers are warm, and what a new one makes its first scan wait for is told apart. JSON on the
standard output, progress on the other one. Other work on the machine moves all numbers: look at the load it prints.
`ratios_of_processor_time` hold what each computed against each other, which other work hardly changes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import multiprocessing
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer

from benchmarks.machine import machine
from benchmarks.report import show
from benchmarks.usage import processor_seconds
from include.adapters.text.reader import PdfReader
from include.adapters.text.worker_process import WORKER
from include.application.ports.reader import ReadingHints
from include.demo.generator import cast, render
from include.demo.generator.layouts import LAYOUTS
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading

VNNI_WORKER = "benchmarks.vnni_worker"
WORKERS = max(1, min(os.cpu_count() or 1, 4))
TODAY = dt.date(2026, 3, 31)
DPI = 200


def documents(kind: str, count: int) -> list[bytes]:
    """So many invoices of one kind, no two alike, the same in each run."""
    found = []
    for index in range(count):
        rng = random.Random(f"{kind} {index}")
        layout = rng.choice(list(LAYOUTS.values()))
        invoice = cast.draw_invoice(rng, number=f"B-{index:05d}", body=rng.choice(cast.BODIES), today=TODAY)
        if kind == "facturx":
            found.append(render.facturx(invoice, layout, rng))
            continue
        page = render.digital(invoice, layout, rng)
        if kind == "scan":
            degrees = rng.uniform(-1.0, 1.0)
            page = render.scanned(page, rng, dpi=DPI, degrees=degrees, made_on=TODAY)
        found.append(page)
    return found


def ours(reader: PdfReader, contents: Sequence[bytes], limits: ReadingLimits) -> None:
    """Everything that reading is: words, fields, confidences, checks."""
    for _, result in reader.read(enumerate(contents), limits, ReadingHints()):
        if not isinstance(result, Reading) or result.best("total_incl_tax") is None:
            raise SystemExit("A benchmark document was not read: the numbers would mean nothing.")


def ocrmypdf_command(contents: Sequence[bytes]) -> None:
    """The command as a person would call it, one document after another: by itself it uses all cores."""
    program = Path(sys.executable).with_name("ocrmypdf")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "scan.pdf"), Path(folder, "searchable.pdf")
        for content in contents:
            source.write_bytes(content)
            subprocess.run([program, "-q", "-l", "fra", source, target], check=True, stderr=subprocess.DEVNULL)


@cache
def bare_tesseract() -> Any:
    """That of this process: loading it is no part of a page."""
    import tesserocr

    from include.adapters.text.recognition.tesseract import LANGUAGE, language_folder

    return tesserocr.PyTessBaseAPI(path=str(language_folder()), lang=LANGUAGE)


def bare_page(content: bytes) -> int:
    """Tesseract's own automatic mode on the painted page; how many letters it found."""
    import pypdfium2 as pdfium

    with pdfium.PdfDocument(content) as pdf:
        image = pdf[0].render(scale=DPI / 72, grayscale=True).to_pil()
    api = bare_tesseract()
    api.SetImage(image)
    return len(api.GetUTF8Text())


def one_thread() -> None:
    """Tesseract's threads only stand in each other's way."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # noqa: TID251 - no setting of ours: what Tesseract itself looks for


class Bench:
    """Times of every step over the rounds, with a bar that shows how far it is."""

    def __init__(self, rounds: int, steps: int) -> None:
        self.rounds = rounds
        self.seconds: dict[str, list[float]] = {}
        self.processor: dict[str, list[float]] = {}
        self._bar = typer.progressbar(length=rounds * steps, file=sys.stderr, label="reading")
        self._bar.__enter__()

    def time(self, name: str, step: Callable[[], object]) -> None:
        """Runs one step."""
        begun, computed = time.monotonic(), processor_seconds(os.getpid())
        step()
        self.seconds.setdefault(name, []).append(time.monotonic() - begun)
        self.processor.setdefault(name, []).append(processor_seconds(os.getpid()) - computed)
        self._bar.update(1)

    def per_second(self, name: str, count: int) -> float:
        """The median speed."""
        return round(count / statistics.median(self.seconds[name]), 2)

    def processor_milliseconds(self, name: str, count: int) -> float:
        """The median of what one document or page made the processor compute; other work hardly changes it."""
        return round(1000 * statistics.median(self.processor[name]) / count, 1)

    def close(self) -> None:
        """Ends the bar."""
        self._bar.__exit__(None, None, None)


def first_scans(text: bytes, scan: bytes, worker: str) -> dict[str, float]:
    """Seconds that a new worker, which has only read a digital document, takes for its first scan and for the next."""
    limits = ReadingLimits(searchable_copy="never")
    seconds = {}
    with PdfReader(workers=1, module=worker) as reader:
        ours(reader, [text], limits)
        for name in ("first", "second"):
            begun = time.monotonic()
            ours(reader, [scan], limits)
            seconds[name] = round(time.monotonic() - begun, 2)
    return seconds


def measure(*, scans: int, digital: int, rounds: int, only_vnni: bool) -> dict[str, Any]:
    """All figures of one run."""
    pages, texts, invoices = documents("scan", scans), documents("digital", digital), documents("facturx", digital // 2)
    limits, copies = ReadingLimits(searchable_copy="never"), ReadingLimits(searchable_copy="scans")
    worker = VNNI_WORKER if only_vnni else WORKER
    first = first_scans(texts[0], pages[0], worker)
    bench = Bench(rounds, 6)
    spawn = multiprocessing.get_context("spawn")
    with (
        PdfReader(keep=lambda content: hashlib.sha256(content).hexdigest(), module=worker) as reader,
        spawn.Pool(WORKERS, initializer=one_thread) as bare,
    ):
        ours(reader, [*pages[: 2 * WORKERS], *invoices[: 2 * WORKERS]], copies)
        bare.map(bare_page, pages[: 2 * WORKERS])
        load = os.getloadavg()[0]
        for _ in range(rounds):
            bench.time("scans", lambda: ours(reader, pages, limits))
            bench.time("tesseract", lambda: bare.map(bare_page, pages, chunksize=1))
            bench.time("copies", lambda: ours(reader, pages, copies))
            bench.time("ocrmypdf", lambda: ocrmypdf_command(pages))
            bench.time("digital", lambda: ours(reader, texts, limits))
            bench.time("facturx", lambda: ours(reader, invoices, limits))
    bench.close()
    speed = {name: bench.per_second(name, scans) for name in ("scans", "copies", "ocrmypdf", "tesseract")}
    computed = {name: bench.processor_milliseconds(name, scans) for name in speed}
    return {
        "machine": {**machine(), "only_vnni": only_vnni, "workers": WORKERS, "load_before": round(load, 2)},
        "scanned_pages_per_second": speed,
        "ratios": {
            "to_ocrmypdf": round(speed["scans"] / speed["ocrmypdf"], 2),
            "to_ocrmypdf_with_searchable_copy": round(speed["copies"] / speed["ocrmypdf"], 2),
            "to_bare_tesseract": round(speed["scans"] / speed["tesseract"], 2),
        },
        "ratios_of_processor_time": {
            "to_ocrmypdf": round(computed["ocrmypdf"] / computed["scans"], 2),
            "to_ocrmypdf_with_searchable_copy": round(computed["ocrmypdf"] / computed["copies"], 2),
            "to_bare_tesseract": round(computed["tesseract"] / computed["scans"], 2),
        },
        "documents_per_second": {
            "digital": bench.per_second("digital", len(texts)),
            "facturx": bench.per_second("facturx", len(invoices)),
        },
        "processor_milliseconds_each": {
            **computed,
            "digital": bench.processor_milliseconds("digital", len(texts)),
            "facturx": bench.processor_milliseconds("facturx", len(invoices)),
        },
        "seconds_of_the_first_scans": first,
        "megabytes_of_the_largest_process": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "rounds": rounds,
        "seconds": {name: [round(found, 2) for found in times] for name, times in bench.seconds.items()},
    }


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description="Measures how fast documents are read.")
    options.add_argument("--scans", type=int, default=12, help="scanned pages")
    options.add_argument("--digital", type=int, default=200, help="digital documents; half as many Factur-X ones")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true", help="JSON on a terminal too")
    options.add_argument("--only-vnni", action="store_true", help="our workers use nothing newer than AVX-512 VNNI")
    given = options.parse_args()
    if shutil.which("tesseract") is None:
        raise SystemExit("tesseract is missing: apt-get install tesseract-ocr tesseract-ocr-fra")
    found = measure(scans=given.scans, digital=given.digital, rounds=given.rounds, only_vnni=given.only_vnni)
    show(found, as_json=given.json)


if __name__ == "__main__":
    main()
