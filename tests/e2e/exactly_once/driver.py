"""A worker in a process of its own: judges and sends once, and dies or stands still at the step it was told.

    python -m tests.e2e.exactly_once.driver [STEP [kill|stop]]

It is composed as every entrance is. Nothing is replaced: a step is a call of the real path, before or after which the
process sends the signal to itself, so that no handler, `finally` or commit of ours runs any more.
"""

from __future__ import annotations

import functools
import json
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import include.adapters.storage.ledger as ledger_module
from include.adapters.chorus.gateway import RestChorusGateway
from include.adapters.chorus.line import Line
from include.adapters.storage.ledger import SqlLedger
from include.bootstrap import services

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
    "answer-not-committed": (ledger_module, "to_submitted", AFTER),
    "answer-stored": (SqlLedger, "taken", AFTER),
    # what is not taken
    "never-left-not-stored": (SqlLedger, "not_sent", BEFORE),
    "never-left-stored": (SqlLedger, "not_sent", AFTER),
    "cut-not-stored": (SqlLedger, "unresolved", BEFORE),
    "cut-stored": (SqlLedger, "unresolved", AFTER),
    "refusal-not-stored": (SqlLedger, "refusal", BEFORE),
    "refusal-stored": (SqlLedger, "refusal", AFTER),
    "uploads-forgotten": (SqlLedger, "forget_uploads", AFTER),
    "refusal-not-settled": (SqlLedger, "settle_refusal", BEFORE),
    "refusal-not-committed": (ledger_module, "settle", AFTER),
    # the search, also the one before a resend
    "before-search": (RestChorusGateway, "search", BEFORE),
    "searched": (RestChorusGateway, "search", AFTER),
    "search-not-settled": (SqlLedger, "settle_search", BEFORE),
    "search-not-committed": (ledger_module, "settle", AFTER),
    "search-settled": (SqlLedger, "settle_search", AFTER),
    # lapsed leases
    "lapse-not-committed": (ledger_module, "to_unknown", AFTER),
    "lapse-stored": (SqlLedger, "expire_leases", AFTER),
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
    exchange = Line.exchange

    def stalled(line: Line, call: Any, **kwargs: Any) -> Any:
        if call.url.endswith("soumettre"):
            strike(signal.SIGSTOP)
        return exchange(line, call, **kwargs)

    Line.exchange = stalled  # type: ignore[method-assign]


def main(step: str | None = None, how: str = "kill") -> None:
    """One pass; prints what each provider's report counts."""
    if step == "first-byte":
        stand_still_before_the_first_byte()
    elif step is not None:
        strike_at(STEPS[step], signal.SIGKILL if how == "kill" else signal.SIGSTOP)
    found = services()
    try:
        river = found.river()
        river.map()
        for key in river.plan():
            report = river.submit(key)
            print(json.dumps({**report.counts(), "trouble": report.trouble and report.trouble.code}), flush=True)
    finally:
        found.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
