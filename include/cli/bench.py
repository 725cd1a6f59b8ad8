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
    only_vnni: Annotated[bool, typer.Option("--only-vnni", help="We use nothing newer than AVX-512 VNNI.")] = False,
    as_json: _Json = False,
) -> None:
    """Reading, beside `ocrmypdf` and bare Tesseract on the same pages."""
    only = ["--only-vnni"] if only_vnni else []
    _run("reading", as_json, f"--scans={scans}", f"--digital={digital}", f"--rounds={rounds}", *only)


@app.command()
def cage(
    digital: Annotated[int, typer.Option(min=2, help="Digital documents; half as many Factur-X ones.")] = 40,
    scans: Annotated[int, typer.Option(min=0, help="Scanned pages.")] = 2,
    rounds: Annotated[int, typer.Option(min=1, help="Pairs, of which the median is told.")] = 5,
    as_json: _Json = False,
) -> None:
    """What the cage around the readers costs: the same documents by a caged worker and by a bare process, in turns."""
    _run("cage", as_json, f"--digital={digital}", f"--scans={scans}", f"--rounds={rounds}")


@app.command()
def river(
    counts: Annotated[str, typer.Option(help="Numbers of documents, with commas between them.")] = "200,1000,5000",
    known: Annotated[int, typer.Option(min=0, help="Known documents of the pass with nothing new; 0: none.")] = 50_000,
    database: Annotated[str | None, typer.Option(help="URL of a PostgreSQL server that may create databases.")] = None,
    postgresql: Annotated[bool, typer.Option("--postgresql", help="On a PostgreSQL that is started for it.")] = False,
    airflow: Annotated[bool, typer.Option("--airflow", help="The largest count in one run of a real Airflow.")] = False,
    as_json: _Json = False,
) -> None:
    """The whole pipeline, from a portal folder to invoices on the simulator, without Airflow or under it."""
    chosen = [f"--database={database}"] if database else []
    flags = {"--postgresql": postgresql, "--airflow": airflow}
    chosen += [flag for flag, wanted in flags.items() if wanted]
    _run("river", as_json, f"--counts={counts}", f"--known={known}", *chosen)


@app.command()
def contents(
    count: Annotated[int, typer.Option(min=10, help="Documents.")] = 400,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the medians are told.")] = 5,
    as_json: _Json = False,
) -> None:
    """Matching with the content store on S3, beside a folder; 1 when it takes more than twice the time."""
    _run("contents", as_json, f"--count={count}", f"--rounds={rounds}")


@app.command()
def views(
    count: Annotated[int, typer.Option(min=1000, help="Invoices.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the medians are told.")] = 9,
    as_json: _Json = False,
) -> None:
    """People's lists on SQLite and PostgreSQL, beside a bare SELECT; 1 when one takes 50 ms or more."""
    _run("views", as_json, f"--count={count}", f"--rounds={rounds}")


@app.command()
def screens(
    count: Annotated[int, typer.Option(min=1000, help="Invoices.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=2, help="Rounds, of which the percentiles are told.")] = 15,
    as_json: _Json = False,
) -> None:
    """Every page and its JSON twin on SQLite and PostgreSQL, beside a bare page; 1 when one takes 150 ms or more."""
    _run("screens", as_json, f"--count={count}", f"--rounds={rounds}")


@app.command()
def growth(
    counts: Annotated[str, typer.Option(help="Numbers of invoices, with commas between them.")] = "10000,100000",
    models: Annotated[int, typer.Option(min=10, help="Invoices really sent, of which the others are copies.")] = 40,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the medians are told.")] = 5,
    as_json: _Json = False,
) -> None:
    """Every query of a pass and every view over many invoices, on a PostgreSQL that is started for it; disk of one."""
    _run("growth", as_json, f"--counts={counts}", f"--models={models}", f"--rounds={rounds}")


def _run(name: str, as_json: bool, *options: str) -> None:
    if not (_FOLDER / f"{name}.py").is_file():
        raise InputError("no_such_benchmark", name=name)
    command = [sys.executable, "-m", f"benchmarks.{name}", *options, *(["--json"] if as_json else [])]
    raise typer.Exit(subprocess.run(command, cwd=_FOLDER.parent, check=False).returncode)
