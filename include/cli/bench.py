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


@app.callback()
def _group() -> None:
    """Keeps `reading` a command of its own while it is the only one."""


@app.command()
def reading(
    scans: Annotated[int, typer.Option(min=1, help="Scanned pages.")] = 12,
    digital: Annotated[int, typer.Option(min=2, help="Digital documents; half as many Factur-X ones.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds, of which the medians are told.")] = 3,
) -> None:
    """Reading, beside `ocrmypdf` and bare Tesseract on the same pages."""
    _run("reading", f"--scans={scans}", f"--digital={digital}", f"--rounds={rounds}")


def _run(name: str, *options: str) -> None:
    script = _FOLDER / f"{name}.py"
    if not script.is_file():
        raise InputError(
            f"There is no benchmark {name} here.",
            why="Benchmarks lie in a source checkout and are not installed with the product.",
            todo="Call it from a checkout: `make bench`.",
        )
    raise typer.Exit(subprocess.run([sys.executable, script, *options], check=False).returncode)
