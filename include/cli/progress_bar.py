"""A bar for who waits at a terminal; where there is none, nothing at all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from include.cli.output import reader_language
from include.texts import label

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from include.application.progress import Reached, Watch
    from include.texts import Language


@contextmanager
def progress_bar() -> Iterator[Watch]:
    """Shows on stderr how far the step under way is, and takes it away at the end; logs go on above it."""
    from include.application.progress import unwatched

    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield unwatched
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
    bars = Progress(*columns, MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    with bars, _logs_above_the_bar():
        yield _Watched(bars, reader_language()).show


class _Watched:
    """One bar, which begins anew with each step."""

    def __init__(self, bars: Bars, language: Language) -> None:
        self._bars = bars
        self._language = language
        self._bar: TaskID | None = None

    def show(self, reached: Reached) -> None:
        """A step that begins takes the place of the one before."""
        if reached.done == 0 or self._bar is None:
            if self._bar is not None:
                self._bars.remove_task(self._bar)
            words = label("progress.step", reached.step, self._language)
            self._bar = self._bars.add_task(words, total=reached.total)
        self._bars.update(self._bar, completed=reached.done, total=reached.total)


@contextmanager
def _logs_above_the_bar() -> Iterator[None]:
    """While the bar stands, rich has its own stderr in place; a log handler has to be told of it."""
    handlers = [one for one in logging.getLogger().handlers if isinstance(one, logging.StreamHandler)]
    before = [(one, one.setStream(sys.stderr)) for one in handlers if one.stream is sys.__stderr__]
    try:
        yield
    finally:
        for handler, stream in before:
            handler.setStream(stream or sys.__stderr__)
