"""One worker of the reader, as its parent sees it: started in a cage, asked, and ended when its time is up."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from include.adapters.text.protocol import Answer, ProtocolError, Request, read_answer, read_walls, write_request

PROJECT = Path(__file__).resolve().parents[3]

WORKER_MEMORY = 4 * 1024**3
"""Memory that a worker may write to (not address space, of which Saxon reserves 32 GiB that it never uses): the models
need about one GiB, the largest page that the guard lets through another one."""

WORKER = "include.adapters.text.worker"
_START = "import sys; sys.path.insert(0, sys.argv[1]); from {module} import main; main(*sys.argv[1:])"
_START_SECONDS = 120
"""Time limit for the start of a worker, in seconds: loading the libraries takes about two; a machine that swaps may
need long."""
_ERROR_BYTES = 4096


class WorkerDiedError(Exception):
    """The worker is no more and gave no answer; `timed_out`: because its time was up."""

    def __init__(self, said: str, *, timed_out: bool) -> None:
        super().__init__(said)
        self.timed_out = timed_out


class WorkerProcess:
    """A new interpreter with an empty environment and no open file but its pipes; it knows nothing of its parent.

    So it starts the same from any executor, thread or pool process, and what it cannot see nobody can take from it.
    It dies with the thread that made it. WorkerDiedError where it cannot start.
    """

    def __init__(self, memory_bytes: int, module: str = WORKER) -> None:
        self.served = 0
        self._scratch = Path(tempfile.mkdtemp(prefix="chorus-reader-"))
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START.format(module=module), PROJECT, self._scratch, str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={"LANG": "C.UTF-8", "HOME": str(self._scratch), "TMPDIR": str(self._scratch)},
            cwd=self._scratch,
            start_new_session=True,
        )
        with self._within(_START_SECONDS) as (_, answers):
            self.walls = read_walls(answers)

    def ask(self, request: Request) -> Answer:
        """The answer, within the seconds of the request's limits; else WorkerDiedError."""
        with self._within(request.limits.seconds) as (requests, answers):
            write_request(requests, request)
            answer = read_answer(answers)
        self.served += 1
        return answer

    def end(self) -> str:
        """Kills the process and frees its pipes and folders; returns the last lines that it wrote on stderr."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent yet goes nowhere
                    pipe.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        with self._errors:
            self._errors.seek(max(0, self._errors.seek(0, 2) - _ERROR_BYTES))
            return self._errors.read().decode("utf-8", "replace").strip()

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """What is not done in time ends with the worker."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("a worker has pipes")
        late = threading.Event()

        def time_is_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, time_is_up)
        timer.daemon = True
        timer.start()
        try:
            yield self._process.stdin, self._process.stdout
        except (ProtocolError, OSError) as error:
            said = self.end()
            raise WorkerDiedError(f"{error}: {said}", timed_out=late.is_set()) from error
        finally:
            timer.cancel()
