"""A real Redis of Debian's package, for the Celery deployment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.programs import free_port, program


class Redis:
    """A server that keeps nothing, as that of docker-compose.yaml."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._command = [program("redis-server", "redis-server"), "--bind", "127.0.0.1", "--port", str(port)]
        self._command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Until it takes connections."""
        server = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._process = server
        assert server.stdout is not None
        seen: list[str] = []
        for line in server.stdout:
            seen.append(line)
            if "Ready to accept connections" in line:
                return
        pytest.fail(f"redis-server ended before it was ready: {''.join(seen)}")

    def kill(self) -> None:
        """As if its machine lost power: whatever waited in it is lost."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """The running server."""
    made = Redis(tmp_path_factory.mktemp("redis"))
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="session")
def redis_server(redis: Redis) -> str:
    """The URL of the server, as Celery's broker takes it."""
    return redis.url
