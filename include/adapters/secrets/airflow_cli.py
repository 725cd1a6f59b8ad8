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
from include.application.ports import ConnectionSecrets
from include.domain.errors import SecretMissingError

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
            raise _missing(connection_id, f"{self._executable} does not exist", "Install Airflow beside this program.")
        if connection_id.startswith("-"):  # it would be read as an option
            raise _missing(connection_id, "that is no connection id", "Correct the configuration.")
        command = [str(self._executable), "connections", "get", connection_id, "-o", "json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self._timeout_seconds, check=False)
        except subprocess.TimeoutExpired:
            # No cause, here and below: it would carry the output, which holds the secrets.
            raise _missing(connection_id, "airflow did not answer in time", "Try again.") from None
        except OSError as error:
            raise _missing(connection_id, f"airflow cannot be run ({error.strerror})", "Repair Airflow.") from None
        if done.returncode != 0 and "not found" in (done.stdout + done.stderr).lower():
            raise _missing(connection_id, "Airflow does not know it", "Define the connection in Airflow.")
        if done.returncode != 0:
            raise _missing(connection_id, f"airflow ended with code {done.returncode}", f"Run: {' '.join(command)}")
        try:
            parts = _first_row(done.stdout)
            return from_parts(connection_id, parts, parts.get("extra_dejson"))
        except (ValueError, LookupError, AttributeError, TypeError):
            raise _missing(connection_id, "airflow's answer cannot be read", f"Run: {' '.join(command)}") from None


def _first_row(output: str) -> Any:
    """The first row of the JSON list, which log lines may precede."""
    start = output.find("[{")
    if start < 0:
        raise ValueError("no list")
    rows, _ = json.JSONDecoder().raw_decode(output[start:])
    return rows[0]


def _missing(connection_id: str, reason: str, todo: str) -> SecretMissingError:
    return SecretMissingError(
        f"Connection {connection_id!r} could not be read from Airflow: {reason}.",
        why="Without it the login is unknown.",
        todo=todo,
        connection=connection_id,
    )
