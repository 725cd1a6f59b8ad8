"""A real Redis of Debian's package, for the Celery deployment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.programs import free_port, program


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server, as Celery's broker takes it."""
    folder: Path = tmp_path_factory.mktemp("redis")
    port = free_port()
    command = [program("redis-server", "redis-server"), "--bind", "127.0.0.1", "--port", str(port)]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            seen: list[str] = []
            for line in server.stdout:
                seen.append(line)
                if "Ready to accept connections" in line:
                    break
            else:
                pytest.fail(f"redis-server ended before it was ready: {''.join(seen)}")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
