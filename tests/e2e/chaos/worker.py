"""A worker that makes one whole pass after the other, whatever happens around it; its clock is off by what a file says.

    python -m tests.e2e.chaos.worker CLOCK_FILE

Composed as every entrance is. PDFs are not read (`tests/e2e/exactly_once/passes.py` says what stands in their place).
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path

import include.bootstrap.composition as composition
from include.bootstrap import SystemClock, services
from tests.e2e.exactly_once.passes import one_pass, printed
from tests.fakes.reader import FakeReader

PAUSE_SECONDS = 0.3


class WrongClock(SystemClock):
    """The machine's clock, moved on or back; what only counts seconds is not."""

    told = Path()

    def now(self) -> dt.datetime:
        """The time in UTC, as this machine believes."""
        return super().now() + dt.timedelta(seconds=float(self.told.read_text() or 0))


def main(told: str) -> None:
    """Until it is killed."""
    WrongClock.told = Path(told)
    composition.SystemClock = WrongClock  # type: ignore[misc]
    found = services()
    found.__dict__["reader"] = FakeReader(printed)
    while True:
        print(json.dumps(one_pass(found)), flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
