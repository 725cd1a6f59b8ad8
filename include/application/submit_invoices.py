"""One pass of sending for one provider: circuit, safe call, searches, then the ready ones side by side.

An outage is not met with more sending (exactly-once 6): the pass begins with one cheap safe call, and two unknown
outcomes in a row stop the provider's batch. One invoice that the platform cannot digest does not stop the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from include.application.circuit import PROBE_AFTER as PROBE_AFTER
from include.application.circuit import logged_in, open_circuit, stopped
from include.application.corrections_port import Corrections
from include.application.ports import ChorusGateway
from include.application.send_one import Desk
from include.application.sending import Sending, SubmitReport
from include.application.settle_corrections import settle_corrections
from include.application.storage_ports import SendWork
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
from include.domain.lifecycle import State

logger = logging.getLogger(__name__)

UNKNOWN_IN_A_ROW = 2
FAILED_CALLS = 3
"""So many failed searches or uploads end a pass; fewer may be the fault of single invoices."""

BATCH = 500


def submit_invoices(
    provider: Provider,
    use: Sending,
    *,
    invoice_ids: Sequence[int] | None = None,
    may_send: bool,
    corrections: Corrections | None = None,
) -> SubmitReport:
    """Searches what is unknown, then sends what is ready if `may_send`; with ids: those only.

    Given `corrections`, those whose outcome is not known are looked at too.

    Never raises for a fault of this provider's surroundings: `trouble` in the report carries it, after what could be
    done. An ExceptionGroup at the end carries what went wrong by a fault of ours, after all others were sent.
    """
    report = SubmitReport()
    delay = use.configuration.submission.search_again_after_seconds
    use.ledger.expire_leases(search_after_seconds=delay, now=use.clock.now())
    try:
        gateway = logged_in(provider, use.providers, use.chorus, use.clock)
        if gateway is None:
            report.notes.append("circuit open")
            report.stopped = stopped(provider, use.providers, use.clock)
            return report
        if corrections is not None:
            settle_corrections(
                provider.key, gateway, corrections, use.clock, check_after_seconds=delay, invoice_ids=invoice_ids
            )
        _Pass(provider, use, gateway, report).run(invoice_ids, may_send)
    except LoginRefusedError as error:
        open_circuit(provider, use.providers, use.clock, error)
        report.trouble = error
    except (RemoteError, ConfigurationError, StoreError) as error:
        report.trouble = error
    if report.trouble is not None:
        report.trouble.about(provider.title)
        logger.info("Provider %s: %s", provider.key, report.trouble)
    logger.info("Provider %s: %s", provider.key, report.counts())
    return report


class _Pass:
    """The calls of one pass, counted; several threads share it."""

    def __init__(self, provider: Provider, use: Sending, gateway: ChorusGateway, report: SubmitReport) -> None:
        self._provider = provider
        self._use = use
        self._gateway = gateway
        self._report = report
        self._lock = threading.Lock()
        self._unknown_in_a_row = 0
        self._failed_calls = 0
        self._faults: list[Exception] = []
        self._stop = threading.Event()

    def run(self, invoice_ids: Sequence[int] | None, may_send: bool) -> None:
        supplier = self._gateway.supplier()
        self._use.providers.keep_account(self._provider.key, supplier, now=self._use.clock.now())
        types = [code for code, _ in self._gateway.attachment_types()]
        desk = Desk(
            sending=self._use,
            provider=self._provider,
            environment=self._use.chorus.effective_environment(self._provider),
            gateway=self._gateway,
            supplier=supplier,
            types=types,
            services=self._gateway.supplier_services() if self._provider.supplier_service else {},
        )
        self._search(desk, invoice_ids)
        tried: set[int] = set()
        while may_send and not self._stop.is_set():
            # what was tried and is ready still comes again at the head: it must not keep out those behind it
            limit = BATCH + len(tried)
            works = self._use.ledger.ready(self._provider.key, self._use.revision, limit=limit, invoice_ids=invoice_ids)
            fresh = [work for work in works if work.ticket.invoice_id not in tried]
            if not fresh:
                break
            tried.update(work.ticket.invoice_id for work in fresh)
            self._send_side_by_side(desk, fresh)
        if self._faults:
            raise ExceptionGroup(f"{len(self._faults)} invoices could not be sent", self._faults)

    def _search(self, desk: Desk, invoice_ids: Sequence[int] | None) -> None:
        use = self._use
        for work in use.ledger.unknown(self._provider.key, now=use.clock.now(), limit=BATCH, invoice_ids=invoice_ids):
            if self._stop.is_set():
                return
            try:
                found = desk.search(work)
            except (RemoteRefusedError, RemoteUnavailableError) as error:
                self._failed(work, error)  # it stays unknown
                continue
            after = desk.settle(work, found)
            self._report.searched += 1
            if after is not State.UNKNOWN:
                self._count(after)

    def _send_side_by_side(self, desk: Desk, works: Sequence[SendWork]) -> None:
        workers = min(self._use.configuration.submission.parallel, len(works))
        try:
            with ThreadPoolExecutor(workers, thread_name_prefix="send") as pool:
                futures: list[Future[None]] = [pool.submit(self._send, desk, work) for work in works]
        except BaseException:
            self._stop.set()  # this process is told to end: what has not begun is not begun any more
            raise
        for future in futures:
            future.result()  # the store failed; everything else is in the report

    def _send(self, desk: Desk, work: SendWork) -> None:
        if self._stop.is_set():
            return
        try:
            after = desk.send(work)
        except ConnectorError as error:
            with self._lock:
                self._report.not_sent += 1
            self._failed(work, error)
            if isinstance(error, LoginRefusedError):
                open_circuit(self._provider, self._use.providers, self._use.clock, error)
        except Exception as error:
            error.add_note(f"invoice {work.ticket.invoice_id}, document {work.document_id}")
            logger.exception("Invoice %s could not be sent", work.ticket.invoice_id)
            with self._lock:
                self._faults.append(error)
        else:
            self._count(after)

    def _failed(self, work: SendWork, error: ConnectorError) -> None:
        """One failed call may be the fault of its invoice; at the gate, without connection or store, it is not."""
        logger.warning("Invoice %s: %s", work.ticket.invoice_id, error)
        with self._lock:
            self._report.trouble = self._report.trouble or error
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
                self._report.notes.append("stopped after two unknown outcomes in a row")
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
