"""The document reader: long-lived worker processes that can be timed out, killed and replaced."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from include.adapters.text import guard
from include.adapters.text.clean_spawn import CleanSpawnContext
from include.adapters.text.worker import Answer, prepare, serve
from include.application.ports import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.errors import ReaderUnavailableError
from include.domain.extraction.memory.example import Memory
from include.domain.fields import Reading
from include.domain.reasons import Reason

logger = logging.getLogger(__name__)

WORKER_MEMORY = 4 * 1024**3
"""Memory that a worker may write to (not address space, of which Saxon reserves 32 GiB that it never uses): the models
need about one GiB, the largest page that the guard lets through another one."""

DOCUMENTS_PER_WORKER = 500
"""A worker is replaced after so many documents, so that whatever a library leaks stays bounded."""


class PdfReader:
    """Implements DocumentReader. Workers start with the first document and live until `close`.

    `keep` stores a searchable copy and says under which digest; without it none is kept.
    """

    def __init__(
        self,
        workers: int | None = None,
        memory_bytes: int = WORKER_MEMORY,
        keep: Callable[[bytes], str] | None = None,
    ) -> None:
        self._workers = workers or max(1, min(os.cpu_count() or 1, 4))
        self._memory = memory_bytes
        self._keep = keep
        self._pool: ProcessPool | None = None

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        """Each document's reading or reason, as they come; only a few are under way at a time."""
        if self._keep is None:
            limits = limits.model_copy(update={"searchable_copy": "never"})
        waiting: dict[Future[Any], int] = {}
        layouts, hints = hints.layouts, replace(hints, layouts={})
        packed: dict[int, bytes] = {}
        for key, content in contents:
            refused = guard.check_bytes(content, limits)
            if refused:
                yield key, refused
                continue
            task = (content, limits, hints, *_packed(layouts.get(key, ()), packed))
            waiting[self._start(task, limits)] = key
            if len(waiting) >= 2 * self._workers:
                yield from self._finished(waiting, limits)
        while waiting:
            yield from self._finished(waiting, limits)

    def close(self) -> None:
        """Ends the workers."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, task: tuple[Any, ...], limits: ReadingLimits) -> Future[Any]:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=DOCUMENTS_PER_WORKER,
                initializer=prepare,
                initargs=(self._memory,),
                context=CleanSpawnContext(),
            )
        return self._pool.schedule(serve, args=task, timeout=limits.seconds)

    def _finished(
        self, waiting: dict[Future[Any], int], limits: ReadingLimits
    ) -> Iterator[tuple[int, Reading | Reason]]:
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield waiting.pop(future), self._kept(_outcome(future, limits))

    def _kept(self, answer: Answer) -> Reading | Reason:
        """The result, its searchable copy stored."""
        if answer.searchable_copy is None or self._keep is None or isinstance(answer.result, Reason):
            return answer.result
        return replace(answer.result, searchable_copy=self._keep(answer.searchable_copy))


def _packed(memory: Memory, packed: dict[int, bytes]) -> tuple[bytes, ...]:
    """The memory, if there is one, as a string of bytes that is made once for all documents that share it."""
    if not memory:
        return ()
    if id(memory) not in packed:
        packed[id(memory)] = pickle.dumps(memory)
    return (packed[id(memory)],)


def _outcome(future: Future[Any], limits: ReadingLimits) -> Answer:
    """What a worker answered, or what its silence means: its death costs this document only."""
    try:
        answer: Answer = future.result()
    except FutureTimeoutError:
        return Answer(result=Reason(code="too_slow", params={"seconds": str(limits.seconds)}))
    except ProcessExpired as death:
        logger.warning("A reader died on a document (exit code %s)", death.exitcode)
        return Answer(result=Reason(code="reader_died"))
    except BrokenProcessPool as error:
        # the workers cannot even start: a fault of this machine, never to be told as the document's
        raise ReaderUnavailableError(
            "The reading processes cannot be started.",
            why="Nothing was read; the documents wait for the next pass.",
            todo="Look at the lines above in this log; check memory and the installation (`make setup`).",
        ) from error
    except MemoryError:
        return Answer(result=Reason(code="reader_died"))
    except Exception:  # whatever a PDF library throws at a hostile file is that file's problem, not the batch's
        logger.warning("A document cannot be read", exc_info=True)
        return Answer(result=Reason(code="broken"))
    return answer
