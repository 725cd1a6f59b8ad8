"""What a pass, the hourly and nightly runs and the screens ask of our database, by name; and why some take longer."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable

from benchmarks.views import questions as views_questions
from include.adapters.storage.store import Store
from include.application.operations.retention import retain
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.paging import PageRequest
from include.application.submission.plan_submission import plan_submission
from include.bootstrap import SystemClock
from include.demo.demonstration import SUPPLIER
from include.domain.document import PortalListing
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer
from include.domain.tracking import Account

Questions = dict[str, Callable[[], object]]

LIMIT = 500
PROVIDER = "simulator:00000000000007"
ACCOUNT = Account(provider_key=PROVIDER, environment="simulator", siret=SUPPLIER)
_VIEWERS = {
    "everything": OWNER,
    "one provider": Viewer(provider_keys=frozenset({PROVIDER}), without_provider=True),
}

_EVERY_DOCUMENT = "every document of the portal is held against what is known: linear, once a pass"
_A_MONTH = "counts the attempts of thirty days, where metrics are on: linear in what was sent in a month"
EXPLAINED = {
    "collect: what is known": _EVERY_DOCUMENT,
    "collect: nothing changed": _EVERY_DOCUMENT,
    "write back: what is due": "where the portal is written to: looks at every invoice of the states that are written",
    "figures: standing": "counts all invoices by provider and state from an index, only where metrics are on: linear",
    "figures: sent": _A_MONTH,
    "watchdog: paces": "the usual pace of every public body, from all histories: linear, once an hour",
    "watchdog: open invoices": "reads every invoice that the platform has not finished: linear in these, once an hour",
    "retrieve: bodies never asked": "looks at every invoice of a provider that the platform has: linear, once a night",
    "reconcile: all pairs": "every invoice is held against the platform's list: linear, once a night",
    "view of everything: invoices, counts": "counts all invoices from an index alone: linear",
    "retention: what is too old": "looks at everything that is older than its period: linear, once a day",
}


def questions(store: Store, *, count: int, now: dt.datetime) -> Questions:
    """All of them."""
    found = {**_of_a_pass(store, now), **_of_the_night(store, now)}
    number, name = _typed(store)
    for who, viewer in _VIEWERS.items():
        asked = views_questions(store, viewer, count, number=number, name=name)
        found |= {f"view of {who}: {name}": ask for name, ask in asked.items()}
    return found | _single(store)


def _typed(store: Store) -> tuple[str, str]:
    """What somebody types into the search: the beginning of a number of ten invoices, and part of a body's name."""
    [row] = store.invoice_views.page(OWNER, InvoiceFilter(), PageRequest(sort="-number", limit=1)).items
    assert row.invoice_number is not None and row.recipient_name is not None
    return row.invoice_number[:-1], row.recipient_name[:12]


def _of_a_pass(store: Store, now: dt.datetime) -> Questions:
    revision, configuration = store.configuration.current()
    known = frozenset(store.documents.known_signatures())
    states = (State.READY, State.SUBMITTED, State.REFUSED)
    return {
        "collect: what is known": store.documents.known_signatures,
        "collect: nothing changed": lambda: store.documents.record_scan(PortalListing(seen=known, changed=()), now=now),
        "match: what is due": lambda: store.documents.to_match(revision, limit=LIMIT),
        "read: what is due": lambda: store.documents.to_read(limit=LIMIT),
        "map: what is due": lambda: store.assessments.to_assess(revision, limit=LIMIT),
        "map: is there work": lambda: store.assessments.to_assess(revision, limit=1),
        "submit: plan": lambda: plan_submission(store.ledger, store.providers, configuration, revision, SystemClock()),
        "submit: leases": lambda: store.ledger.expire_leases(search_after_seconds=1800, now=now),
        "submit: ready": lambda: store.ledger.ready(PROVIDER, revision, limit=100),
        "submit: unknown": lambda: store.ledger.unknown(PROVIDER, now=now, limit=100),
        "submit: corrections due": lambda: store.corrections.due(PROVIDER, now=now, limit=100),
        "notify: events": lambda: store.outbox.undistributed(after=0, limit=LIMIT),
        "notify: mails": lambda: store.outbox.due(now=now, limit=LIMIT),
        "write back: what is due": lambda: store.write_backs.to_write_back("targets", states, limit=LIMIT),
        "learn: what takes effect": lambda: store.recipients.take_effect(now=now),
        "learn: layouts due": lambda: store.layouts.due(limit=LIMIT),
        "learn: layouts fresh": store.layouts.fresh,
        "bank details waited for": store.providers.bank_details_waited_for,
    }


def _of_the_night(store: Store, now: dt.datetime) -> Questions:
    _, configuration = store.configuration.current()
    return {
        "retrieve: first sent": lambda: store.tracking.first_sent_at(PROVIDER),
        "retrieve: a page of known ones": lambda: store.tracking.known(ACCOUNT, range(1_000_000, 1_000_100)),
        "retrieve: open rejections": lambda: store.tracking.open_rejections(PROVIDER),
        "retrieve: histories due": lambda: store.tracking.histories_due(PROVIDER, limit=LIMIT),
        "retrieve: histories waiting": lambda: store.tracking.histories_waiting(PROVIDER),
        "retrieve: bodies never asked": lambda: store.tracking.bodies_never_asked(ACCOUNT, limit=LIMIT),
        "reconcile: horizon": lambda: store.findings.horizon(PROVIDER),
        "reconcile: all pairs": lambda: _all(store.findings.pairs(PROVIDER)),
        "reconcile: standing": lambda: store.findings.standing([PROVIDER]),
        "watchdog: last taken": lambda: store.watch.last_taken(PROVIDER),
        "watchdog: waiting": lambda: store.watch.waiting((State.TO_COMPLETE, State.READY), before=now),
        "watchdog: unknown statuses": lambda: store.watch.unknown_statuses("UNKNOWN"),
        "watchdog: open invoices": lambda: _all(store.watch.open_invoices(before=now, but=["MISE_EN_PAIEMENT"])),
        "watchdog: paces": store.watch.paces,
        "figures: standing": store.figures.standing,
        "figures: sent": lambda: store.figures.sent(since=now - dt.timedelta(days=30)),
        "retention: what is too old": lambda: retain(store.retention, configuration, SystemClock(), apply=False),
        "resubmission: candidates of a provider": lambda: store.resubmission.candidates(
            states=(State.REFUSED,), provider_key=PROVIDER
        ),
    }


def _single(store: Store) -> Questions:
    """One invoice or document, as its page asks for it."""
    reference = str(store.invoice_views.ids(["5005"])[0]) if store.invoice_views.ids(["5005"]) else "5"
    return {
        "view: one invoice": lambda: store.invoice_views.detail(OWNER, reference),
        "view: one invoice by the platform's number": lambda: store.invoice_views.detail(OWNER, "cpro:3000005"),
        "view: one document": lambda: store.document_views.detail(OWNER, int(reference)),
        "evidence: one invoice": lambda: store.evidence.facts(int(reference)),
        "view: notifications": lambda: store.notification_views.page(None, PageRequest(sort="-at")),
    }


def _all(rows: Iterable[object]) -> None:
    deque(rows, maxlen=0)
