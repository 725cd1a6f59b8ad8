"""What a PostgreSQL on this machine computed so far: beside other work the clock tells little of it."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from include.adapters.storage.core.database import Database

_TICKS = os.sysconf("SC_CLK_TCK")
# places in /proc/PID/stat after the name: parent; user and system time, own and of children that ended
_PARENT, _OWN, _ENDED = 1, slice(11, 13), slice(13, 15)


def server_seconds(database: Database) -> float:
    """Processor time of the server and of all its processes, those that ended too; 0.0 where there is no server.

    In steps of a hundredth of a second: divide by many rounds.
    """
    with database.read() as connection:
        if connection.dialect.name != "postgresql":
            return 0.0
        backend: int = connection.scalar(sa.text("SELECT pg_backend_pid()")) or 0
    [server] = _stat(backend)[_PARENT : _PARENT + 1]
    mine = [stat for pid in _pids() if (stat := _stat(pid)) and stat[_PARENT] == server]
    root = _stat(int(server))
    ticks = sum(int(part) for stat in mine for part in stat[_OWN]) + sum(map(int, (*root[_OWN], *root[_ENDED])))
    return ticks / _TICKS


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # ended meanwhile
        return []
