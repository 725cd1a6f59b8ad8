"""One pass of sending for one provider: circuit breaker, safe call, searches, then the ready ones side by side.

An outage is not met with more sending (docs/reference/exactly-once.md 6): the pass begins with one cheap safe call, and
two unknown outcomes in a row stop the provider's batch. One invoice that the platform cannot digest does not stop the
others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import MappingProxyType

from include.application.isolation import Isolation
from include.application.ports.chorus import ChorusGateway
from include.application.ports.corrections import Corrections
from include.application.ports.ledger import SendWork
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.providers.circuit_breaker import logged_in, open_circuit, stopped
from include.application.submission.resolve_corrections import resolve_corrections
from include.application.submission.send_one import BrokenCallError, InvoiceSender
from include.application.submission.sending import SENDING_OFF, Sending, SubmitReport
from include.domain.configuration import Provider
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    LoginRefusedError,
    RemoteError,
    RemoteRefusedError,
    RemoteUnavailableError,
    StoreError,
)
from include.domain.internal_errors import Item, concerns_one_item
from include.domain.lifecycle import RowVersion, State
from include.texts import Text

logger = logging.getLogger(__name__)

UNKNOWN_IN_A_ROW = 2
FAILED_CALLS = 3
"""Failed searches or uploads that end a pass; fewer may be the fault of single invoices."""

BATCH = 500

NO_VERSIONS: Mapping[int, int] = MappingProxyType({})
"""Whatever version is ready is sent."""


def submit_invoices(
    provider: Provider,
    sending: Sending,
    *,
    invoice_ids: Sequence[int] | None = None,
    may_send: bool,
    corrections: Corrections | None = None,
    versions: Mapping[int, int] = NO_VERSIONS,
    watch: Watch = unwatched,
) -> SubmitReport:
    """Searches what is unknown, then sends what is ready if `may_send`; with ids: those only.

    Of an invoice in `versions` (by id) only that version is sent: the one that a person saw. Given `corrections`, those
    whose outcome is not known are looked at too.

    Never raises for a fault of this provider's surroundings: `failure` in the report carries it, after what could be
    done.
    """
    report = SubmitReport()
    isolation = Isolation("submit", sending.internal_errors, sending.clock)
    if not sending.allowed:
        report.notes.append(SENDING_OFF)
    delay = sending.configuration.submission.search_again_after_seconds
    try:
        lapsed: dict[Item, Exception] = {}
        sending.ledger.expire_leases(search_after_seconds=delay, now=sending.clock.now(), errors=lapsed)
        isolation.caught_all(lapsed)
        gateway = logged_in(provider, sending.providers, sending.chorus, sending.clock)
        if gateway is None:
            report.notes.append(Text("note.circuit_open"))
            report.stopped = stopped(provider, sending.providers, sending.clock)
            return report
        if corrections is not None:
            resolve_corrections(
                provider.key,
                gateway,
                corrections,
                sending.clock,
                isolation,
                check_after_seconds=delay,
                invoice_ids=invoice_ids,
            )
        way = _Pass(provider, sending, gateway, report, watch, isolation)
        way.run(invoice_ids, may_send and sending.allowed, versions)
    except LoginRefusedError as error:
        open_circuit(provider, sending.providers, sending.clock, error)
        report.failure = error
    except (RemoteError, ConfigurationError, StoreError) as error:
        report.failure = error
    report.internal = isolation.failures
    if report.failure is not None:
        report.failure.about(provider.title)
        logger.info("Provider %s: %s", provider.key, report.failure)
    logger.info("Provider %s: %s", provider.key, report.counts())
    return report


class _Pass:
    """The calls of one pass, counted; several threads share it."""

    def __init__(
        self,
        provider: Provider,
        sending: Sending,
        gateway: ChorusGateway,
        report: SubmitReport,
        watch: Watch,
        isolation: Isolation,
    ) -> None:
        self._provider = provider
        self._sending = sending
        self._gateway = gateway
        self._report = report
        self._watch = watch
        self._lock = threading.Lock()
        self._unknown_in_a_row = 0
        self._failed_calls = 0
        self._isolation = isolation
        self._stop = threading.Event()

    def run(self, invoice_ids: Sequence[int] | None, may_send: bool, versions: Mapping[int, int]) -> None:
        supplier = self._gateway.supplier()
        self._sending.providers.keep_account(self._provider.key, supplier, now=self._sending.clock.now())
        types = [code for code, _ in self._gateway.attachment_types()]
        sender = InvoiceSender(
            sending=self._sending,
            provider=self._provider,
            environment=self._sending.chorus.effective_environment(self._provider),
            gateway=self._gateway,
            supplier=supplier,
            types=types,
            services=self._gateway.supplier_services() if self._provider.supplier_service else {},
        )
        self._search(sender, invoice_ids)
        if may_send and not self._stop.is_set():
            self._send_all(sender, invoice_ids, versions)

    def _send_all(self, sender: InvoiceSender, invoice_ids: Sequence[int] | None, versions: Mapping[int, int]) -> None:
        ledger, key, revision = self._sending.ledger, self._provider.key, self._sending.revision
        progress = self._progress(Step.SUBMIT, ledger.count_ready(key, revision, invoice_ids=invoice_ids))
        tried: set[int] = set()
        unloaded: dict[RowVersion, Exception] = {}
        while not self._stop.is_set():
            # what was tried and is ready still comes again at the head: it must not keep out those behind it
            known = len(unloaded)
            limit = BATCH + len(tried) + known
            works = ledger.ready(key, revision, limit=limit, invoice_ids=invoice_ids, errors=unloaded)
            fresh = [
                work
                for work in works
                if (held := work.row_version).invoice_id not in tried
                and held.version == versions.get(held.invoice_id, held.version)
            ]
            if not fresh and len(unloaded) == known:
                break
            tried.update(work.row_version.invoice_id for work in fresh)
            self._send_side_by_side(sender, fresh, progress)
        self._isolation.caught_rows(unloaded)

    def _progress(self, step: Step, total: int) -> Progress:
        return Progress(step, self._sending.clock, self._watch, total=total)

    def _search(self, sender: InvoiceSender, invoice_ids: Sequence[int] | None) -> None:
        sending = self._sending
        unloaded: dict[RowVersion, Exception] = {}
        works = sending.ledger.unknown(
            self._provider.key, now=sending.clock.now(), limit=BATCH, invoice_ids=invoice_ids, errors=unloaded
        )
        self._isolation.caught_rows(unloaded)
        progress = self._progress(Step.SEARCH, len(works)) if works else None
        for work in works:
            if self._stop.is_set():
                return
            if progress is not None:
                progress.advance()
            with self._isolated(work):
                try:
                    after = sender.search(work)
                except (RemoteRefusedError, RemoteUnavailableError) as error:
                    self._failed(work, error)  # it stays unknown
                    continue
                self._report.searched += 1
                if after is not State.UNKNOWN:
                    self._count(after)

    def _send_side_by_side(self, sender: InvoiceSender, works: Sequence[SendWork], progress: Progress) -> None:
        workers = min(self._sending.configuration.submission.parallel, len(works)) or 1
        try:
            with ThreadPoolExecutor(workers, thread_name_prefix="send") as pool:
                futures: list[Future[None]] = [pool.submit(self._send, sender, work, progress) for work in works]
        except BaseException:
            self._stop.set()  # this process is told to end: what has not begun is not begun any more
            raise
        for future in futures:
            future.result()  # the store failed; everything else is in the report

    def _send(self, sender: InvoiceSender, work: SendWork, progress: Progress) -> None:
        if self._stop.is_set():
            return
        with self._isolated(work):
            try:
                after = sender.send(work)
            except BrokenCallError as broken:
                self._count(State.UNKNOWN)
                raise broken.error from None  # told as what it is
            except ConnectorError as error:
                if concerns_one_item(error):
                    raise
                with self._lock:
                    self._report.not_sent += 1
                self._failed(work, error)
                if isinstance(error, LoginRefusedError):
                    open_circuit(self._provider, self._sending.providers, self._sending.clock, error)
            else:
                self._count(after)
        progress.advance()

    def _isolated(self, work: SendWork) -> AbstractContextManager[None, bool]:
        item = Item("invoice", f"{work.row_version.invoice_id}, document {work.document_id} {work.name}")
        return self._isolation.confined(item, work.row_version, provider_key=self._provider.key)

    def _failed(self, work: SendWork, error: ConnectorError) -> None:
        """One failed call may be the fault of its invoice; at the gate, without connection or store, it is not."""
        logger.warning("Invoice %s: %s", work.row_version.invoice_id, error)
        with self._lock:
            self._report.failure = self._report.failure or error
            if isinstance(error, RemoteRefusedError):
                return
            self._failed_calls += 1
            if not isinstance(error, RemoteUnavailableError) or self._failed_calls >= FAILED_CALLS:
                self._stop.set()

    def _count(self, after: State | None) -> None:
        with self._lock:
            self._unknown_in_a_row = self._unknown_in_a_row + 1 if after is State.UNKNOWN else 0
            if self._unknown_in_a_row >= UNKNOWN_IN_A_ROW:
                self._stop.set()
                self._report.notes.append(Text("note.two_unknown"))
            match after:
                case State.SUBMITTED:
                    self._report.submitted += 1
                case State.REFUSED:
                    self._report.refused += 1
                case State.UNKNOWN:
                    self._report.unknown += 1
                case State.TO_COMPLETE:
                    self._report.to_complete += 1
                case _:
                    self._report.not_sent += 1
