"""`chorus bench`: the benchmarks of a source checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from include.domain.errors import InputError

app = typer.Typer(help="Measures how fast this machine works; JSON on the standard output.", no_args_is_help=True)

_FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


_Json = Annotated[bool, typer.Option("--json", help="One JSON object on a terminal too.")]


@app.command()
def reading(
    scans: Annotated[int, typer.Option(min=1, help="Scanned pages.")] = 12,
    digital: Annotated[int, typer.Option(min=2, help="Digital documents; half as many Factur-X ones.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the medians are told.")] = 3,
    as_json: _Json = False,
) -> None:
    """Reading, beside `ocrmypdf` and bare Tesseract on the same pages."""
    _run("reading", as_json, f"--scans={scans}", f"--digital={digital}", f"--rounds={rounds}")


@app.command()
def river(
    counts: Annotated[str, typer.Option(help="Numbers of documents, with commas between them.")] = "200,1000,5000",
    known: Annotated[int, typer.Option(min=0, help="Known documents of the pass with nothing new; 0: none.")] = 50_000,
    database: Annotated[str | None, typer.Option(help="URL of a PostgreSQL server that may create databases.")] = None,
    postgresql: Annotated[bool, typer.Option("--postgresql", help="On a PostgreSQL that is started for it.")] = False,
    airflow: Annotated[bool, typer.Option("--airflow", help="The largest count in one run of a real Airflow.")] = False,
    as_json: _Json = False,
) -> None:
    """The whole river, from a portal folder to invoices on the simulator, without Airflow or under it."""
    chosen = [f"--database={database}"] if database else []
    flags = {"--postgresql": postgresql, "--airflow": airflow}
    chosen += [flag for flag, wanted in flags.items() if wanted]
    _run("river", as_json, f"--counts={counts}", f"--known={known}", *chosen)


def _run(name: str, as_json: bool, *options: str) -> None:
    if not (_FOLDER / f"{name}.py").is_file():
        raise InputError(
            f"There is no benchmark {name} here.",
            why="Benchmarks lie in a source checkout and are not installed with the product.",
            todo="Call it from a checkout: `make bench`.",
        )
    command = [sys.executable, "-m", f"benchmarks.{name}", *options, *(["--json"] if as_json else [])]
    raise typer.Exit(subprocess.run(command, cwd=_FOLDER.parent, check=False).returncode)
