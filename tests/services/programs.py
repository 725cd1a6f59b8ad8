"""Programs and ports that the services need."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest


def program(name: str, package: str, *folders: str) -> str:
    """The path of a program; a missing one is a failure, never a skip: a green run has tested everything."""
    found = shutil.which(name)
    for folder in folders:
        found = found or max((str(path) for path in Path("/").glob(f"{folder.lstrip('/')}/{name}")), default=None)
    if found is None:
        pytest.fail(
            f"The program {name} is missing: `make test` installs Debian's package {package}, or install it by hand."
        )
    return found


def free_port() -> int:
    """A port on loopback that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
