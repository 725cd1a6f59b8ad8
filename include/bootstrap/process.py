"""This process: its clocks, and its name among all workers."""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
import uuid


class SystemClock:
    """The machine's clocks."""

    def now(self) -> dt.datetime:
        """The time in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Seconds since some start; never jumps."""
        return time.monotonic()


def worker_name() -> str:
    """A name for this worker that no other one has, for claims and leases."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
