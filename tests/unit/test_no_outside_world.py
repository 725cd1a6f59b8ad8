"""What may not happen in a unit test fails there."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def connect() -> None:
    with socket.socket() as one:
        one.connect(("127.0.0.1", 9))


@pytest.mark.parametrize(
    "act",
    [
        lambda: sqlite3.connect(":memory:"),
        lambda: subprocess.run([sys.executable, "--version"], check=False),
        connect,
        lambda: Path(os.devnull).write_text("a"),
        lambda: Path("/nowhere").mkdir(),
        lambda: Path("/nowhere/at-all").unlink(),
    ],
    ids=["database", "process", "network", "written file", "folder", "removed file"],
)
def test_a_unit_test_reaches_nothing_outside(act: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="tests/integration"):
        act()


def test_what_ships_with_the_repository_may_be_read() -> None:
    assert Path(__file__).read_text()
