"""The connector's own database: engine, transactions, the database's clock, migration under a lock.

SQLite (WAL, several processes at once) by default, PostgreSQL in production; both run the same statements. Only
`migrate` creates or upgrades the schema; everything else stops on a missing or older one and names the command.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from include.domain.errors import ConfigurationError, DatabaseMissingError, StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x63686F72
"""An arbitrary number, ours, for PostgreSQL's advisory lock."""


class Database:
    """One database by its SQLAlchemy URL; connects at the first use, so building it costs nothing."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._engine: Engine | None = None
        self._checked = False

    @property
    def shown_url(self) -> str:
        """The URL without its password."""
        return self._url.render_as_string(hide_password=True)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A short transaction that only reads."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextlib.contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A short transaction that writes; on SQLite it takes the write lock at once, so it never fails half-way.

        Not `durable`: a power cut may take it back, for results that the next pass makes again by itself. The death of
        a process never does, and the next durable transaction keeps all that were before it. It saves a disk flush.
        """
        with self._transaction(write=True, durable=durable) as connection:
            yield connection

    def close(self) -> None:
        """Gives all connections back."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def migrate(self) -> str:
        """Creates or upgrades the schema, alone at a time; returns the revision reached. Safe to repeat."""
        from alembic import command

        with self._translated(), self._migration_lock(), self._connect().connect() as connection:
            command.upgrade(_alembic(connection), "head")
            connection.commit()
        self._checked = False
        return _head()

    def check(self) -> None:
        """DatabaseMissingError unless the schema is the one of this program."""
        if self._checked:
            return
        path = self._url.database
        if self._url.get_backend_name() == "sqlite" and path and path != ":memory:" and not Path(path).exists():
            found = None
        else:
            with self._translated(), self._connect().connect() as connection:
                found = _revision(connection)
        if found != _head():
            state = "has no tables yet" if found is None else f"has schema {found}, this program needs {_head()}"
            raise DatabaseMissingError(
                f"The connector's database {self.shown_url} {state}.",
                why="Nothing was read or changed.",
                todo="Run `chorus db migrate`.",
            )
        self._checked = True

    @contextlib.contextmanager
    def _transaction(self, *, write: bool, durable: bool = True) -> Iterator[Connection]:
        self.check()
        with (
            self._translated(),
            self._connect().connect() as connection,
            connection.execution_options(chorus_write=write, chorus_durable=durable).begin(),
        ):
            yield connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            raise StoreError(
                f"The connector's database {self.shown_url} failed: {str(error.orig).strip()}.",
                why="The transaction was rolled back; nothing is half done.",
                todo="Check that it runs, that its disk has room and may be written, then repeat.",
            ) from error

    def _connect(self) -> Engine:
        if self._engine is None:
            self._engine = _engine(self._url)
        return self._engine

    def _lock_file(self, path: Path) -> TextIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.with_name(path.name + ".migrate-lock").open("w")
        except OSError as error:
            raise StoreError(
                f"The connector's database {self.shown_url} cannot be made or upgraded: {error.strerror}.",
                why="Nothing was changed, and nothing runs without it.",
                todo=f"Check that the folder {path.parent} has room and may be written, then repeat.",
            ) from error

    @contextlib.contextmanager
    def _migration_lock(self) -> Iterator[None]:
        # Alembic's migrations are not one transaction on SQLite, so a second migration must wait for the first
        if self._url.get_backend_name() == "sqlite":
            path = Path(self._url.database or "")
            with self._lock_file(path) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        else:
            with self._connect().connect() as connection:
                connection.execute(sa.select(sa.func.pg_advisory_lock(_MIGRATION_LOCK)))
                try:
                    yield
                finally:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_MIGRATION_LOCK)))


def database_clock(connection: Connection) -> sa.ColumnElement[float]:
    """Seconds since 1970 by the clock of the database, the same for every worker (exactly-once 2.2)."""
    if connection.dialect.name == "sqlite":
        return sa.type_coerce((sa.func.julianday("now") - 2440587.5) * 86400.0, sa.Float)
    return sa.type_coerce(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)


def _parsed(url: str) -> sa.URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (sa.exc.ArgumentError, ValueError, ImportError):
        # the text itself is not shown: it may hold a password, and nothing says where
        raise ConfigurationError(
            "CHORUS_DATABASE_URL cannot be read as the address of a database.",
            why="Everything that was sent stands there, so nothing runs without it.",
            todo="Write it like sqlite:////srv/chorus/chorus.db or postgresql+psycopg://user:password@host/database.",
        ) from None
    return parsed


def _engine(url: sa.URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _server_engine(url)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for BEGIN IMMEDIATE
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("chorus_write", True):
            connection.exec_driver_sql("BEGIN")
            return
        # in WAL mode NORMAL loses at a power cut the last commits at most, and never one before a FULL one
        level = "FULL" if options.get("chorus_durable", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _server_engine(url: sa.URL) -> Engine:
    engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("chorus_durable", True):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _head() -> str:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None, "the project ships at least one migration"
    return head
