"""Where the state lives: one SQLite database, a file or (without one) SQLite's own unlinked temporary file.

Every operation is one transaction under one lock, committed before the answer leaves: a process killed directly after
an accepted deposit has not lost it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from include.simulator.codes import words

Row = sqlite3.Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS accounts ( id INTEGER PRIMARY KEY, login TEXT UNIQUE NOT NULL, password TEXT NOT NULL,
  password_expires_at REAL, locked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS memberships ( account_id INTEGER NOT NULL, structure_id INTEGER NOT NULL, PRIMARY KEY
  (account_id, structure_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS structures ( id INTEGER PRIMARY KEY, siret TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, name
  TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1, service_required INTEGER NOT NULL DEFAULT 0, engagement_required
  INTEGER NOT NULL DEFAULT 0, either_required INTEGER NOT NULL DEFAULT 0, reports_payment INTEGER NOT NULL DEFAULT
  1, town TEXT);
CREATE TABLE IF NOT EXISTS services ( id INTEGER PRIMARY KEY, structure_id INTEGER NOT NULL, code TEXT NOT NULL,
  name TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1, engagement_required INTEGER NOT NULL DEFAULT 0, begins_at
  REAL NOT NULL, ends_at REAL, changed_at REAL NOT NULL, UNIQUE (structure_id, code));
CREATE TABLE IF NOT EXISTS bank_details ( id INTEGER PRIMARY KEY, structure_id INTEGER NOT NULL, name TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1, UNIQUE (structure_id, name));
CREATE TABLE IF NOT EXISTS engagements (number TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files ( id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, name TEXT NOT NULL,
  extension TEXT NOT NULL, mime TEXT, size INTEGER NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL, origin
  TEXT NOT NULL, uploaded_at REAL NOT NULL, uses INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS invoices ( id INTEGER PRIMARY KEY, supplier_id INTEGER NOT NULL, supplier_service_id
  INTEGER, bank_id INTEGER, recipient_id INTEGER NOT NULL, service_id INTEGER, validator_id INTEGER, account_id
  INTEGER NOT NULL, number TEXT NOT NULL, type TEXT NOT NULL, framework TEXT NOT NULL, mode TEXT NOT NULL, currency
  TEXT NOT NULL, issue_date TEXT NOT NULL, deposited_at REAL NOT NULL, status TEXT NOT NULL, status_at REAL NOT
  NULL, status_comment TEXT, timed INTEGER NOT NULL DEFAULT 1, excl REAL NOT NULL, incl REAL NOT NULL, due REAL NOT
  NULL, engagement TEXT, contract TEXT, original_number TEXT, flux TEXT, rejection_handled INTEGER NOT NULL DEFAULT
  0, size INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL, payload TEXT);
CREATE INDEX IF NOT EXISTS invoices_number ON invoices (supplier_id, number);
CREATE INDEX IF NOT EXISTS invoices_deposit ON invoices (supplier_id, deposited_at, id);
CREATE INDEX IF NOT EXISTS invoices_status ON invoices (supplier_id, status_at, id);
CREATE INDEX IF NOT EXISTS invoices_timed ON invoices (status, status_at) WHERE timed = 1;
CREATE INDEX IF NOT EXISTS invoices_by_status ON invoices (status, id);
CREATE INDEX IF NOT EXISTS invoices_by_number ON invoices (number);
CREATE INDEX IF NOT EXISTS invoices_flux ON invoices (flux) WHERE flux IS NOT NULL;
CREATE TABLE IF NOT EXISTS history ( id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, code TEXT NOT NULL, at
  REAL NOT NULL, comment TEXT, first_name TEXT, last_name TEXT, mail TEXT, phone TEXT);
CREATE INDEX IF NOT EXISTS history_invoice ON history (invoice_id, id);
CREATE TABLE IF NOT EXISTS actions (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, code TEXT NOT NULL, at REAL
  NOT NULL);
CREATE INDEX IF NOT EXISTS actions_invoice ON actions (invoice_id, id);
CREATE TABLE IF NOT EXISTS invoice_files ( id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, file_id INTEGER NOT
  NULL, main INTEGER NOT NULL, type TEXT, designation TEXT, line INTEGER);
CREATE INDEX IF NOT EXISTS invoice_files_invoice ON invoice_files (invoice_id, id);
CREATE TABLE IF NOT EXISTS flows ( number TEXT PRIMARY KEY, account_id INTEGER NOT NULL, syntax TEXT NOT NULL,
  filename TEXT NOT NULL, interface TEXT NOT NULL, deposited_at REAL NOT NULL, state TEXT NOT NULL, state_at REAL
  NOT NULL, pending INTEGER NOT NULL DEFAULT 1, ending TEXT, errors TEXT NOT NULL DEFAULT '[]', technical TEXT NOT
  NULL DEFAULT '[]', content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS flows_pending ON flows (deposited_at) WHERE pending = 1;
"""

TABLES = words(
    "meta tokens accounts memberships structures services bank_details engagements files invoices history actions "
    "invoice_files flows"
)


class Store:
    """The database and its lock."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(str(path) if path else "", check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self._depth = 0
        # WAL and NORMAL: a commit survives the death of the process (not of the machine) and costs no disk flush.
        self._connection.execute("PRAGMA journal_mode=WAL" if path else "PRAGMA journal_mode=MEMORY")
        self._connection.execute("PRAGMA synchronous=NORMAL" if path else "PRAGMA synchronous=OFF")
        self._connection.executescript(SCHEMA)
        columns = {row["name"] for row in self._connection.execute("PRAGMA table_info(structures)")}
        if "town" not in columns:  # a state file of an earlier version
            self._connection.execute("ALTER TABLE structures ADD COLUMN town TEXT")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested calls join the outer one."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException:  # Ctrl-C too: no half transaction stays open
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Every row of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query, if any."""
        with self._lock:
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def value(self, sql: str, *values: Any) -> Any:
        """The first value of the first row, or None."""
        row = self.row(sql, *values)
        return None if row is None else row[0]

    def run(self, sql: str, *values: Any) -> int:
        """Execute; gives the id of the inserted row."""
        with self._lock:
            return self._connection.execute(sql, values).lastrowid or 0

    def run_many(self, sql: str, values: Iterable[tuple[Any, ...]]) -> None:
        """Execute for each tuple."""
        with self._lock:
            self._connection.executemany(sql, values)

    def insert(self, table: str, **columns: Any) -> int:
        """Insert one row."""
        names = ", ".join(columns)
        return self.run(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", *columns.values())

    def remember(self, key: str, value: Any) -> None:
        """Keep one small value under a name."""
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, json.dumps(value))

    def recall(self, key: str, default: Any = None) -> Any:
        """Give a kept value."""
        text = self.value("SELECT value FROM meta WHERE key = ?", key)
        return default if text is None else json.loads(text)

    def reserve(self, counter: str, first: int, count: int = 1) -> int:
        """Give the first of `count` fresh numbers of a series; repeatable from reset to reset."""
        start = int(self.recall(f"counter {counter}", first))
        self.remember(f"counter {counter}", start + count)
        return start

    def wipe(self) -> None:
        """Empty every table."""
        for table in TABLES:
            self.run(f"DELETE FROM {table}")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()
