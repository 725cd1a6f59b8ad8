"""A worker in a process of its own, which dies or stands still at the step it was told.

    python -m tests.e2e.exactly_once.driver [STEP|- [kill|stop [COMMAND ...]]]

Without a command it assesses and sends once; with one it is `chorus COMMAND ...`. It is composed as every entrance is.
Nothing is replaced: a step is a call of the real path, before or after which the process sends the signal to itself, so
that no handler, `finally` or commit of ours runs any more.
"""

from __future__ import annotations

import functools
import json
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import include.adapters.storage.submission.ledger as ledger_module
import include.adapters.storage.submission.sent_invoices as sent_invoices_module
import include.adapters.storage.tracking.corrections as corrections_module
from include.adapters.chorus.gateway import RestChorusGateway
from include.adapters.http.exchange import HttpExchange
from include.adapters.storage.outbox.outbox import SqlOutbox
from include.adapters.storage.submission.ledger import SqlLedger
from include.adapters.storage.tracking.corrections import SqlCorrections
from include.adapters.storage.tracking.tracking import SqlTracking
from include.bootstrap import services
from include.cli import main as chorus

BEFORE, AFTER = "before", "after"
Step = tuple[Any, str, str]

STEPS: dict[str, Step] = {
    # the way of every invoice
    "before-upload": (RestChorusGateway, "upload", BEFORE),
    "uploaded-id-not-stored": (RestChorusGateway, "upload", AFTER),
    "upload-id-stored": (SqlLedger, "save_upload", AFTER),
    "before-claim": (SqlLedger, "claim", BEFORE),
    "keys-reserved": (ledger_module, "reserve_keys", AFTER),
    "claim-not-committed": (ledger_module, "open_attempt", AFTER),
    "claimed": (SqlLedger, "claim", AFTER),
    "before-post": (RestChorusGateway, "submit", BEFORE),
    "answered": (RestChorusGateway, "submit", AFTER),
    "answer-not-stored": (SqlLedger, "taken", BEFORE),
    "answer-not-committed": (sent_invoices_module, "apply", AFTER),
    "answer-stored": (SqlLedger, "taken", AFTER),
    # what stands on the platform already, as a foreign row of ours
    "before-meeting": (SqlLedger, "meet", BEFORE),
    "twin-absorbed": (sent_invoices_module, "absorb", AFTER),
    "adoption-not-committed": (sent_invoices_module, "hold_keys", AFTER),
    "met": (SqlLedger, "meet", AFTER),
    # another one of its number with another total
    "before-rival": (SqlLedger, "rival", BEFORE),
    "rival-seen": (SqlLedger, "rival", AFTER),
    "hold-not-committed": (sent_invoices_module, "apply", AFTER),
    "held": (SqlLedger, "not_sendable", AFTER),
    # what is not taken
    "never-left-not-stored": (SqlLedger, "not_sent", BEFORE),
    "never-left-stored": (SqlLedger, "not_sent", AFTER),
    "cut-not-stored": (SqlLedger, "unresolved", BEFORE),
    "cut-stored": (SqlLedger, "unresolved", AFTER),
    "refusal-not-stored": (SqlLedger, "refusal", BEFORE),
    "refusal-stored": (SqlLedger, "refusal", AFTER),
    "uploads-forgotten": (SqlLedger, "forget_uploads", AFTER),
    "refusal-not-settled": (SqlLedger, "apply_refusal", BEFORE),
    "refusal-not-committed": (sent_invoices_module, "apply", AFTER),
    # the search, also the one before a resend
    "before-search": (RestChorusGateway, "search", BEFORE),
    "searched": (RestChorusGateway, "search", AFTER),
    "search-not-settled": (SqlLedger, "apply_search", BEFORE),
    "search-not-committed": (sent_invoices_module, "apply", AFTER),
    "search-settled": (SqlLedger, "apply_search", AFTER),
    # lapsed leases
    "lapse-not-committed": (sent_invoices_module, "apply", AFTER),
    "lapse-stored": (SqlLedger, "expire_leases", AFTER),
    # corrections
    "correction-not-claimed": (SqlCorrections, "claim", BEFORE),
    "correction-claim-not-committed": (corrections_module, "apply", AFTER),
    "correction-claimed": (SqlCorrections, "claim", AFTER),
    "before-correction": (RestChorusGateway, "correct", BEFORE),
    "corrected": (RestChorusGateway, "correct", AFTER),
    "correction-answer-not-stored": (SqlCorrections, "answered", BEFORE),
    "correction-answer-stored": (SqlCorrections, "answered", AFTER),
    "before-consulting": (RestChorusGateway, "consult", BEFORE),
    "consulted": (RestChorusGateway, "consult", AFTER),
    "correction-not-settled": (SqlCorrections, "apply_outcome", BEFORE),
    "settlement-not-committed": (corrections_module, "apply_correction", AFTER),
    "correction-settled": (SqlCorrections, "apply_outcome", AFTER),
    "correction-refusal-not-stored": (SqlCorrections, "refused", BEFORE),
    "correction-refusal-stored": (SqlCorrections, "refused", AFTER),
    "correction-doubt-not-stored": (SqlCorrections, "unresolved", BEFORE),
    "correction-doubt-stored": (SqlCorrections, "unresolved", AFTER),
    "correction-never-left-not-stored": (SqlCorrections, "not_sent", BEFORE),
    "correction-never-left-stored": (SqlCorrections, "not_sent", AFTER),
    "correction-lapse-stored": (SqlCorrections, "expire_leases", AFTER),
    # what the nights bring back, and who is told
    "page-stored": (SqlTracking, "store_rows", AFTER),
    "histories-stored": (SqlTracking, "store_histories", AFTER),
    "night-complete": (SqlTracking, "complete", AFTER),
    "before-distribution": (SqlOutbox, "distribute", BEFORE),
    "distributed": (SqlOutbox, "distribute", AFTER),
    "mail-claimed": (SqlOutbox, "claim", AFTER),
    "mail-accepted": (SqlOutbox, "mailed", BEFORE),
    "mail-noted": (SqlOutbox, "mailed", AFTER),
}


def strike(number: signal.Signals) -> None:
    """Sends it to this very thread, which then does not run one more instruction of ours."""
    signal.pthread_kill(threading.get_ident(), number)


def strike_at(step: Step, number: signal.Signals) -> None:
    """Sends the signal to this process before or after the first call of that step."""
    owner, name, when = step
    original: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(original)
    def struck(*args: Any, **kwargs: Any) -> Any:
        setattr(owner, name, original)
        if when == BEFORE:
            strike(number)
        result = original(*args, **kwargs)
        if when == AFTER:
            strike(number)
        return result

    setattr(owner, name, struck)


def stand_still_before_the_first_byte() -> None:
    """Between the sender's own clock check and the connection of the POST."""
    exchange = HttpExchange.exchange

    def stalled(http: HttpExchange, call: Any, **kwargs: Any) -> Any:
        if call.url.endswith("soumettre"):
            strike(signal.SIGSTOP)
        return exchange(http, call, **kwargs)

    HttpExchange.exchange = stalled  # type: ignore[method-assign]


def one_pass() -> None:
    """Assesses and sends; prints what each provider's report counts."""
    found = services()
    try:
        pipeline = found.pipeline()
        pipeline.map()
        for key in pipeline.plan():
            report = pipeline.submit(key)
            print(json.dumps({**report.counts(), "failure": report.failure and report.failure.code}), flush=True)
    finally:
        found.close()


def main(step: str = "-", how: str = "kill", *command: str) -> None:
    """Prepares the step and works."""
    if step == "first-byte":
        stand_still_before_the_first_byte()
    elif step != "-":
        strike_at(STEPS[step], signal.SIGKILL if how == "kill" else signal.SIGSTOP)
    if not command:
        one_pass()
        return
    sys.argv = ["chorus", *command]
    chorus()


if __name__ == "__main__":
    main(*sys.argv[1:])
