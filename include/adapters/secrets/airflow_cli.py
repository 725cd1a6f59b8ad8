"""Connections asked of Airflow itself, from a process that is no task: `airflow connections get`.

Airflow's code cannot be asked in this process: it would open its metadata database and cost seconds at each start. One
call costs about five seconds, so an answer is kept in memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from include.adapters.secrets.environment import from_parts
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import SecretMissingError
from include.texts import Text, os_failure

TIMEOUT_SECONDS = 60.0


class AirflowCliSecrets:
    """Implements Secrets. Safe for threads."""

    def __init__(self, executable: Path | None = None, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        # Not resolved: the interpreter of a virtual environment is a link, and airflow lies beside the link.
        self._executable = executable or Path(sys.executable).with_name("airflow")
        self._timeout_seconds = timeout_seconds
        self._known: dict[str, ConnectionSecrets] = {}
        self._lock = threading.Lock()

    def get(self, connection_id: str) -> ConnectionSecrets:
        """The connection as Airflow holds it, asked once; a missing one is asked again each time."""
        with self._lock:
            if connection_id not in self._known:
                self._known[connection_id] = self._ask(connection_id)
            return self._known[connection_id]

    def _ask(self, connection_id: str) -> ConnectionSecrets:
        if not self._executable.is_file():
            raise _missing(connection_id, "absent", program=self._executable)
        if connection_id.startswith("-"):  # it would be read as an option
            raise _missing(connection_id, "no_id")
        command = [str(self._executable), "connections", "get", connection_id, "-o", "json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self._timeout_seconds, check=False)
        except subprocess.TimeoutExpired:
            # No cause, here and below: it would carry the output, which holds the secrets.
            raise _missing(connection_id, "slow") from None
        except OSError as error:
            raise _missing(connection_id, "broken", cause=os_failure(error)) from None
        if done.returncode != 0 and "not found" in (done.stdout + done.stderr).lower():
            raise _missing(connection_id, "unknown")
        if done.returncode != 0:
            raise _missing(connection_id, "failed", number=done.returncode, command=" ".join(command))
        try:
            parts = _first_row(done.stdout)
            return from_parts(connection_id, parts, parts.get("extra_dejson"))
        except (ValueError, LookupError, AttributeError, TypeError):
            raise _missing(connection_id, "unclear", command=" ".join(command)) from None


def _first_row(output: str) -> Any:
    """The first row of the JSON list, which log lines may precede."""
    start = output.find("[{")
    if start < 0:
        raise ValueError("no list")
    rows, _ = json.JSONDecoder().raw_decode(output[start:])
    return rows[0]


def _missing(connection_id: str, how: str, **params: object) -> SecretMissingError:
    return SecretMissingError(
        "connection_not_read_from_airflow",
        connection=connection_id,
        cause=Text(f"airflow.{how}", params),
        cure=Text(f"airflow.todo.{how}", params),
    )
