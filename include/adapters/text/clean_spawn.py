"""New processes that do not run the program of their parent.

`spawn` imports the parent's main module in every child. Under Airflow that is the `airflow` command, which starts up
Airflow and, in a task, fails there; our workers need nothing of it.
"""

from __future__ import annotations

import multiprocessing.context
import multiprocessing.popen_spawn_posix
import sys
import threading
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

_lock = threading.Lock()


class CleanSpawnProcess(multiprocessing.context.SpawnProcess):
    """A spawned process whose parent shows it an empty main module."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:
        with _lock:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = ModuleType("__main__")
            try:
                return multiprocessing.popen_spawn_posix.Popen(process_obj)
            finally:
                sys.modules["__main__"] = main


class CleanSpawnContext(multiprocessing.context.SpawnContext):
    """The start method for the reader's workers."""

    Process = CleanSpawnProcess
