"""The connector's own database: engine, transactions, the database's clock, migration under a lock.

SQLite (WAL, several processes at once) by default, PostgreSQL in production; both run the same statements. Only
`migrate` creates or upgrades the schema; everything else stops on a missing or older one and names the command.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from include.adapters.local_files import make_private, open_private
from include.adapters.storage.core import listed, task_runs, text_search
from include.application.ports.runs import RunRef
from include.domain.errors import ConfigurationError, DatabaseMissingError, StoreError
from include.texts import os_failure

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_BUSY_SECONDS = 30
_SECRET = re.compile("pass|pwd|secret|token|key", re.IGNORECASE)
"""Parameters of the URL's query that nobody may read; the name of a key file is not worth an exception."""
_PLANNING = "SET random_page_cost = 1.1; SET jit = off"
"""What PostgreSQL plans our questions by. Its own values are those of a turning disk, where lists are read from the
table instead of an index that holds all they ask for; and compiling a question costs more than any of ours takes."""

_MIGRATION_LOCK = 0x63686F72
"""Number of our advisory lock in PostgreSQL; arbitrary."""


class Database:
    """One database by its SQLAlchemy URL; connects at the first use, so building it costs nothing.

    `run` is the task of Airflow that uses it: kept with each move and attempt that it makes.
    """

    def __init__(self, url: str, *, run: RunRef | None = None) -> None:
        self._url = _parsed(url)
        self._run = run
        self._engine: Engine | None = None
        self._checked = False

    @property
    def shown_url(self) -> str:
        """The URL without its password."""
        shown = {name: "***" if _SECRET.search(name) else value for name, value in self._url.query.items()}
        return self._url.set(query=shown).render_as_string(hide_password=True)

    @property
    def run(self) -> RunRef | None:
        """The task of Airflow that uses it; None outside Airflow."""
        return self._run

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
            listed.forget_changes(connection)
            task_runs.begin(connection, self._run)
            yield connection
            listed.list_changed(connection)

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
            listed.list_missing(connection)
            text_search.index_texts(connection)
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
            if found is None:
                raise DatabaseMissingError("database_without_tables", database=self.shown_url)
            raise DatabaseMissingError("database_other_schema", database=self.shown_url, found=found, wanted=_head())
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
            raise StoreError("database_failed", database=self.shown_url, cause=str(error.orig).strip()) from error

    def _connect(self) -> Engine:
        if self._engine is None:
            self._engine = _engine(self._url)
        return self._engine

    def _lock_file(self, path: Path) -> IO[bytes]:
        try:
            make_private(path)  # SQLite gives its log and index files the mode of the database
            return open_private(path.with_name(path.name + ".migrate-lock"), "wb")
        except OSError as error:
            raise StoreError(
                "database_not_made", database=self.shown_url, cause=os_failure(error), folder=path.parent
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
    """Seconds since 1970 by the clock of the database, the same for every worker.

    Source: docs/reference/exactly-once.md 2.2.
    """
    if connection.dialect.name == "sqlite":
        return sa.type_coerce((sa.func.julianday("now") - 2440587.5) * 86400.0, sa.Float)
    return sa.type_coerce(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)


def _parsed(url: str) -> sa.URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (sa.exc.ArgumentError, ValueError, ImportError):
        # the text itself is not shown: it may hold a password, and nothing says where
        raise ConfigurationError("database_address") from None
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

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        with connection.cursor() as cursor:
            cursor.execute(_PLANNING)
        connection.autocommit = before

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
