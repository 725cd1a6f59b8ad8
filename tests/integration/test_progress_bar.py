"""The bar of `chorus run`: on a real terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from include.bootstrap import services
from tests.conftest import ROOT

PASS = [sys.executable, "-c", "from include.cli import main; main()", "run", "submission", "--no-notify"]


@pytest.fixture(autouse=True)
def empty_portal(own_home: Path, tmp_path: Path) -> None:
    """A database and a portal in which there is nothing to do."""
    made = services()
    made.store.database.migrate()
    made.close()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "fr_FR.UTF-8", "TERM": "xterm", "COLUMNS": "120"}


def at_a_terminal(*, both: bool) -> str:
    """What appears on a terminal; stdout is elsewhere unless `both`."""
    ours, theirs = pty.openpty()
    seen: list[bytes] = []

    def listen() -> None:
        try:
            while chunk := os.read(ours, 4096):
                seen.append(chunk)
        except OSError:  # how a terminal says that nobody writes to it any more
            return

    ear = threading.Thread(target=listen)
    ear.start()
    out = theirs if both else subprocess.DEVNULL
    subprocess.run(PASS, env=environment(), stdin=theirs, stdout=out, stderr=theirs, check=False, timeout=60)
    os.close(theirs)
    ear.join(10)
    os.close(ours)
    return b"".join(seen).decode()


def test_at_a_terminal_a_bar_shows_the_step_in_the_readers_language() -> None:
    shown = at_a_terminal(both=True)
    assert "Lecture des documents" in shown or "Consultation du portail" in shown, shown


@pytest.mark.parametrize("stream", ["stdout", "both"])
def test_where_somebody_else_reads_there_is_no_bar(stream: str) -> None:
    if stream == "stdout":
        told = at_a_terminal(both=False)
    else:
        done = subprocess.run(PASS, env=environment(), capture_output=True, text=True, check=False, timeout=60)
        told = done.stdout + done.stderr
    assert "Lecture des documents" not in told and "Consultation du portail" not in told, told
