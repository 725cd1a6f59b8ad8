"""A unit test opens no database, writes no file, starts no process and reaches no network.

Such tests are in `tests/integration`. What ships with the repository (catalogues, samples) may be read.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

_FORBIDDEN = frozenset(
    {"sqlite3.connect", "socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"}
)
_CHANGES_FILES = frozenset({"os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree"})
"""Names of Python's audit events."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CACHES = ("__pycache__", ".hypothesis")
"""Python and Hypothesis write there whenever they like."""

_running: dict[int, str] = {}
"""The test that runs now, by its thread: servers of other tests may live on in threads of their own."""


def _is_forbidden(event: str, arguments: tuple[Any, ...]) -> bool:
    if event in _CHANGES_FILES or (event == "open" and arguments[2] & _WRITING):
        return not any(cache in str(arguments[0]) for cache in _CACHES)
    return event in _FORBIDDEN


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    test = _running.get(threading.get_ident())
    if test and _is_forbidden(event, arguments):
        raise AssertionError(f"{event} in {test}: no unit test, move it to tests/integration")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def no_outside_world(request: pytest.FixtureRequest) -> Iterator[None]:
    """Holds the rule while a test and its other fixtures run."""
    _running[threading.get_ident()] = request.node.nodeid
    yield
    _running.clear()


@pytest.fixture(autouse=True, scope="session")
def own_home() -> Iterator[None]:
    """No folder is made for each test."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CHORUS_HOME", "/nowhere")
        yield
