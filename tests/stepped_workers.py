"""Workers that run the real sending code and stand still before every call of the store and of the platform.

One thread runs at a time: it is let on to its next stop, or killed there. So a test decides every interleaving, and the
same choices always give the same run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from include.application.ports.chorus import ChorusGateway
from include.application.ports.ledger import Ledger
from include.domain.configuration import Provider
from include.domain.errors import ConnectorError, OutcomeUnknownError, RemoteError, RemoteRefusedError
from include.domain.submission import Submission, Taken
from tests.fakes.chorus import FakeGateway, FakePlatform, HeldInvoice, ProcessKilled, decode

PATIENCE_SECONDS = 60.0


@dataclass
class LatePlatform(FakePlatform):
    """A platform that takes a request when it is told to, and shows an invoice in searches when it is told to."""

    indexed: set[int] = field(default_factory=set)
    flying: list[Request] = field(default_factory=list)

    def visible(self, siret: str, number: str) -> list[HeldInvoice]:
        """See FakePlatform."""
        return [held for held in super().visible(siret, number) if held.chorus_id in self.indexed]

    def show_all(self) -> None:
        """The index is up to date."""
        self.indexed.update(held.chorus_id for held in self.invoices)


@dataclass
class Request:
    """A POST on its way; `answer` is set once the platform has decided."""

    sent: Submission
    answer: Taken | RemoteError | None = None

    def arrive(self, platform: LatePlatform) -> None:
        """The platform takes it, or refuses a used number."""
        platform.flying.remove(self)
        try:
            held = platform.take(self.sent)
        except RemoteRefusedError as error:
            self.answer = error
        else:
            raw = f'{{"identifiantFactureCPP": {held.chorus_id}}}'
            self.answer = Taken(
                chorus_id=held.chorus_id, status=held.status, deposited_on=None, fingerprint=None, raw=raw
            )

    def is_lost(self, platform: LatePlatform, answer: RemoteError | None = None) -> None:
        """It never arrives, or is turned back with this answer."""
        platform.flying.remove(self)
        self.answer = answer


@dataclass
class SteppedWorker:
    """One sender; `at` names its stop, None when it has nothing to do."""

    at: str | None = None
    request: Request | None = None
    failure: BaseException | None = None
    _error: BaseException | None = None
    _thread: threading.Thread | None = None
    _stopped: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _resumed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self, work: Callable[[], object]) -> None:
        """Begins and comes to its first stop."""

        def run() -> None:
            try:
                self.stop("begin")
                work()
            except (ConnectorError, ProcessKilled):
                pass  # a pass that ends so is reported, and the row is safe
            except BaseException as error:
                self.failure = error
            self.at, self.request = None, None
            self._stopped.release()

        self._error = None
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        self._wait()

    def stop(self, at: str) -> None:
        """Called by the worker: stands still until it is let on, or dies here."""
        self.at = at
        self._stopped.release()
        self._resumed.acquire()
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def go_on(self, error: BaseException | None = None) -> None:
        """To its next stop; with an error: that is what its call ends with."""
        self._error = error
        self._resumed.release()
        self._wait()

    def kill(self) -> None:
        """As SIGKILL: nothing of it runs any more."""
        while self.at is not None:
            self.go_on(ProcessKilled())

    def _wait(self) -> None:
        assert self._stopped.acquire(timeout=PATIENCE_SECONDS), "a worker hangs"
        if self.failure is not None:
            raise self.failure


class SteppedLedger:
    """The ledger, with a stop before each call and one after the claim."""

    def __init__(self, ledger: Ledger, worker: SteppedWorker) -> None:
        self._ledger = ledger
        self._worker = worker

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._ledger, name)

        def stepped(*args: Any, **kwargs: Any) -> Any:
            self._worker.stop(name)
            result = call(*args, **kwargs)
            if name == "claim":
                self._worker.stop("claimed")
            return result

        return stepped

    def as_port(self) -> Ledger:
        """For the type checker."""
        return cast(Ledger, self)


class SteppedGateway(FakeGateway):
    """A gateway whose POST leaves at once and whose answer comes when it comes; stops around each search."""

    def __init__(self, platform: LatePlatform, provider: Provider, worker: SteppedWorker) -> None:
        super().__init__(platform, provider)
        self._late = platform
        self._worker = worker

    def submit(self, body: str, *, deadline_seconds: float) -> Taken:
        """The clock check and the first byte are one step: the gap between them is what no rule of ours covers."""
        request = Request(decode(body))
        self._late.flying.append(request)
        self._worker.request = request
        try:
            self._worker.stop("posted")
        finally:
            self._worker.request = None
        if isinstance(request.answer, RemoteError):
            raise request.answer
        if request.answer is None:
            raise OutcomeUnknownError("cut")
        return request.answer

    def search(self, number: str) -> Any:
        """What it finds may be old when it is used."""
        self._worker.stop("search")
        found = super().search(number)
        self._worker.stop("searched")
        return found

    def as_port(self) -> ChorusGateway:
        """For the type checker."""
        return self
