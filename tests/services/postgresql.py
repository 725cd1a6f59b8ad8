"""A real PostgreSQL of Debian's package: one server a session, one empty database a test."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.programs import free_port, program

SPEED_OVER_SAFETY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user of Debian's package."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """SQLAlchemy URL of the server's own database, as its superuser."""
    initdb = program("initdb", "postgresql", "/usr/lib/postgresql/*/bin")
    pg_ctl = program("pg_ctl", "postgresql", "/usr/lib/postgresql/*/bin")
    user = unprivileged_user()
    # Not pytest's own temporary folder: only its owner may enter that, and the server is somebody else.
    folder = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
    password, port = secrets.token_urlsafe(16), free_port()
    (folder / "password").write_text(password)
    if user is not None:
        shutil.chown(folder, user)
        shutil.chown(folder / "password", user)

    def run(*command: str) -> None:
        done = subprocess.run(
            command, user=user, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            log = folder / "log"
            pytest.fail(f"{command[0]} failed: {done.stderr}\n{log.read_text() if log.exists() else ''}")

    data = str(folder / "data")
    try:
        run(
            initdb,
            "-D",
            data,
            "-U",
            "tester",
            "--pwfile",
            str(folder / "password"),
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
        )
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} {SPEED_OVER_SAFETY}"
        )
        # The log file matters: a server that inherits our pipe would keep `run` waiting for its end.
        run(pg_ctl, "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        yield f"postgresql+psycopg://tester:{password}@127.0.0.1:{port}/postgres"
        run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_database(postgresql: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database that nobody else uses."""
    from sqlalchemy import create_engine, make_url, text  # not paid by a run of the unit tests

    name = f"test_{secrets.token_hex(6)}"
    server = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
