"""The document reader: long-lived worker processes in a cage, each of which can be timed out, killed and replaced."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from include.adapters.text.pdf import guard
from include.adapters.text.protocol import Answer, Drawn, Picture, Request, packed
from include.adapters.text.worker_process import WORKER, WORKER_MEMORY, WorkerDiedError, WorkerProcess
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.errors import ReaderUnavailableError
from include.domain.reading import Reading
from include.domain.reasons import Reason

logger = logging.getLogger(__name__)

DOCUMENTS_PER_WORKER = 500
"""Documents after which a worker is replaced, so that whatever a library leaks stays bounded."""


class PdfReader:
    """Implements DocumentReader. Workers start with the first document and live until `close`.

    `keep` stores a searchable copy and says under which digest; without it none is kept. `module` has the `main` that
    workers run.
    """

    def __init__(
        self,
        workers: int | None = None,
        memory_bytes: int = WORKER_MEMORY,
        keep: Callable[[bytes], str] | None = None,
        module: str = WORKER,
    ) -> None:
        self._count = workers or max(1, min(os.cpu_count() or 1, 4))
        self._memory = memory_bytes
        self._keep = keep
        self._module = module
        self._threads: ThreadPoolExecutor | None = None
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        """Each document's reading or reason, as they come; only a few are under way at a time.

        ReaderUnavailableError when no worker can be started.
        """
        if self._keep is None:
            limits = limits.model_copy(update={"searchable_copy": "never"})
        waiting: dict[Future[Answer], int] = {}
        layouts, hints = hints.layouts, replace(hints, layouts={})
        memories: dict[int, bytes] = {}
        for key, content in contents:
            refused = guard.check_bytes(content, limits)
            if refused:
                yield key, refused
                continue
            memory = layouts.get(key, ())
            if memory and id(memory) not in memories:
                memories[id(memory)] = packed(memory)
            request = Request(content=content, limits=limits, hints=hints, memory=memories.get(id(memory), b""))
            waiting[self._start(request)] = key
            if len(waiting) >= 2 * self._count:
                yield from self._finished(waiting)
        while waiting:
            yield from self._finished(waiting)

    def picture(self, content: bytes, page: int, width: int, limits: ReadingLimits) -> bytes | Reason:
        """The page (from 1) as JPEG, drawn by a worker; else the reason why not.

        ReaderUnavailableError when no worker can be started.
        """
        request = Request(content=content, limits=limits, hints=ReadingHints(), picture=Picture(page=page, width=width))
        result = self._start(request).result().result
        if isinstance(result, Drawn):
            return result.jpeg
        return result if isinstance(result, Reason) else Reason(code="broken")

    def prepare(self) -> None:
        """Starts a worker meanwhile, so that nobody waits for it who asks first; a failure is logged."""
        self._at_work().submit(self._have_one_ready)

    def _have_one_ready(self) -> None:
        self._idle.put(self._one_idle() or self._new_worker())

    def close(self) -> None:
        """Ends the workers."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
        while (worker := self._one_idle()) is not None:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, request: Request) -> Future[Answer]:
        return self._at_work().submit(self._ask, request)

    def _at_work(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="reader")
        return self._threads

    def _ask(self, request: Request) -> Answer:
        """One worker's answer, or what its silence means: its death costs this document only."""
        worker = self._one_idle() or self._new_worker()
        try:
            answer = worker.ask(request)
        except WorkerDiedError as death:
            if death.timed_out:
                return Answer(result=Reason(code="too_slow", params={"seconds": str(request.limits.seconds)}))
            logger.warning("A reader died on a document: %s", death)
            return Answer(result=Reason(code="reader_died"))
        if worker.served < DOCUMENTS_PER_WORKER:
            self._idle.put(worker)
        else:
            worker.end()
        return answer

    def _new_worker(self) -> WorkerProcess:
        try:
            return WorkerProcess(self._memory, self._module)
        except (WorkerDiedError, OSError) as error:
            # a fault of this machine, never to be told as the document's
            logger.error("No worker can be started: %s", error)
            raise ReaderUnavailableError("reader_unavailable") from error

    def _one_idle(self) -> WorkerProcess | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _finished(self, waiting: dict[Future[Answer], int]) -> Iterator[tuple[int, Reading | Reason]]:
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield waiting.pop(future), self._kept(future.result())

    def _kept(self, answer: Answer) -> Reading | Reason:
        """The result, its searchable copy stored."""
        result = answer.result
        if isinstance(result, Drawn):
            return Reason(code="broken")  # nobody asked for a picture
        if answer.searchable_copy is None or self._keep is None or isinstance(result, Reason):
            return result
        return replace(result, searchable_copy=self._keep(answer.searchable_copy))
