"""The pools that the DAGs name: a task whose pool is missing waits for ever, and Airflow says so in no log."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from include.application.ports.checks import Check
from include.texts import Text

POOLS = {
    "ocr": (1, "reading: one task uses all cores"),
    "chorus_api": (4, "providers that talk to Chorus Pro at the same time"),
}
"""Slots and description of each."""

READING = "ocr"

TIMEOUT_SECONDS = 60.0


def pools(reading_slots: int) -> dict[str, tuple[int, str]]:
    """The same, with as many slots for reading as CHORUS_READING_SLOTS says."""
    return {**POOLS, READING: (reading_slots, POOLS[READING][1])}


def check_pools(executable: Path | None = None, *, reading_slots: int = 1) -> Check:
    """Asks the command `airflow` beside this program, which takes about five seconds.

    A task cannot ask Airflow for the slots of a pool: where they differ from CHORUS_READING_SLOTS, reading is cut into
    too few batches or too many.
    """
    # not resolved: the interpreter of a virtual environment is a link, and airflow lies beside the link
    airflow = executable or Path(sys.executable).with_name("airflow")
    command = [str(airflow), "pools", "list", "--output", "plain"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        seen = Text("check.airflow_not_asked", {"kind": type(error).__name__})
        return Check(name="pools", ok=False, seen=seen, todo=Text("check.run", {"command": " ".join(command)}))
    rows = [line.split() for line in done.stdout.splitlines() if line.strip()]
    return _checked({name: slots for name, slots, *_ in rows}, reading_slots)


def _checked(known: Mapping[str, str], reading_slots: int) -> Check:
    wanted = pools(reading_slots)
    missing = [name for name in wanted if name not in known]
    if not missing and known[READING] != str(reading_slots):
        params = {"pool": READING, "slots": known[READING], "setting": reading_slots}
        seen, todo = Text("check.pool_slots", params), Text("check.set_reading_slots", params)
        return Check(name="pools", ok=False, seen=seen, todo=todo)
    if not missing:
        return Check(name="pools", ok=True, seen=", ".join(wanted))
    cures = [f'airflow pools set {name} {wanted[name][0]} "{wanted[name][1]}"' for name in missing]
    seen = Text("check.pools_missing", {"pools": ", ".join(missing)})
    return Check(name="pools", ok=False, seen=seen, todo=Text("check.run", {"command": "; ".join(cures)}))
