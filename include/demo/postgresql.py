"""A PostgreSQL of Debian's package that lives in a temporary folder, for benchmarks and tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from include.demo.processes import DemoError, free_port

_PROGRAMS = "/usr/lib/postgresql/*/bin"
_USER = "tester"


@contextlib.contextmanager
def postgresql_server(settings: str = "") -> Iterator[str]:
    """SQLAlchemy URL of the server's own database, as its superuser; `settings` are more of its `-c name=value`."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    user = _unprivileged_user()
    # a folder of its own: the server is another user, which may not enter those of ours
    folder = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
    password, port = secrets.token_urlsafe(16), free_port()
    (folder / "password").write_text(password)
    if user is not None:
        shutil.chown(folder, user)
        shutil.chown(folder / "password", user)
    data = str(folder / "data")
    secret = ("--pwfile", str(folder / "password"), "-A", "scram-sha-256")
    sockets = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    try:
        _run(folder, user, initdb, "-D", data, "-U", _USER, *secret, "-E", "UTF8")
        # the log file matters: a server that inherits our pipe would keep us waiting for its end
        _run(folder, user, pg_ctl, "-D", data, "-l", str(folder / "log"), "-o", f"{sockets} {settings}", "-w", "start")
        try:
            yield f"postgresql+psycopg://{_USER}:{password}@127.0.0.1:{port}/postgres"
        finally:
            _run(folder, user, pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def new_database(server: str, *, template: str | None = None) -> Iterator[str]:
    """SQLAlchemy URL of a database on this server that nobody else uses; it is dropped at the end.

    Empty, or a copy of the database with the URL `template`, which nobody may be connected to.
    """
    from sqlalchemy import create_engine, make_url, text

    name = f"chorus_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        copied = "" if template is None else f" TEMPLATE {make_url(template).database}"
        connection.execute(text(f"CREATE DATABASE {name}{copied}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user of Debian's package."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _program(name: str) -> str:
    beside = max((str(path) for path in Path("/").glob(f"{_PROGRAMS.lstrip('/')}/{name}")), default=None)
    found = shutil.which(name) or beside
    if found is None:
        raise DemoError(f"The program {name} is missing.", todo="Install Debian's package postgresql.")
    return found


def _run(folder: Path, user: str | None, *command: str) -> None:
    done = subprocess.run(
        command, user=user, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        log = folder / "log"
        told = log.read_text(errors="replace") if log.exists() else ""
        raise DemoError(f"{command[0]} failed: {done.stderr.strip()} {told[-500:]}")
