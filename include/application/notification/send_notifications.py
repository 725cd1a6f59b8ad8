"""Tells people what happened: events become digests, digests become mails (docs/adr/0010-outbox.md).

A mail is never lost: it stays due until the server took it or refused it for good. It comes twice only if nobody learns
that the server took it (the process dies before the commit, or the server's last answer is lost), and then with the
same Message-ID.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.mail import SHOWN_EVENTS, Mailer, MailFailureScope, Message, Renderer
from include.application.ports.outbox import Delivery, Outbox
from include.application.progress import Progress, Step, Watch, unwatched
from include.domain.configuration import Configuration, User
from include.domain.errors import ConfigurationError, ConnectorError, MailRefusedError, MailUnavailableError, StaleError
from include.domain.internal_errors import Item, setting_aside
from include.domain.notification import (
    QUIET,
    AddressBook,
    Digest,
    Event,
    EventKind,
    digests,
    failed_dag,
    mail_failed,
    mail_waiting,
)
from include.domain.reasons import Reason
from include.texts import store

logger = logging.getLogger(__name__)

PAGE = 1000

LEASE = dt.timedelta(minutes=5)
"""Lease of a mail that is being sent: longer than a mailer may take for it, so that nobody else takes it meanwhile."""

FRESH_SECONDS = 15.0
"""Age in seconds up to which a claim may be when the sending begins; an older one is given back, because this machine
stood still."""

FIRST_PAUSE = dt.timedelta(minutes=5)
LONGEST_PAUSE = dt.timedelta(hours=1)
LOST_CONNECTIONS = 3
"""Mails in a row whose connection was lost, after which the server is taken to be down."""


def pause(tries: int) -> dt.timedelta:
    """The back-off: 5, 10, 20, 40 minutes, then every hour. It never ends."""
    return min(FIRST_PAUSE * (1 << min(tries, 10)), LONGEST_PAUSE)


@dataclass(kw_only=True)
class NotificationReport:
    """What one run did; `failure` is what kept mails from leaving, for the task to fail with in the end.

    `internal` are errors of single events or mails that nobody foresaw.
    """

    events: int = 0
    digests: int = 0
    mailed: int = 0
    failed: int = 0
    postponed: int = 0
    failure: ConnectorError | None = None
    internal: list[ConnectorError] = field(default_factory=list)

    @property
    def failures(self) -> list[ConnectorError]:
        """Every error that makes the run a failed one."""
        return [*([self.failure] if self.failure else []), *self.internal]


@dataclass(frozen=True, kw_only=True)
class Notify:
    """The stage: distributes the new events, then mails what is due. `owner` names this process among others."""

    outbox: Outbox
    mailer: Mailer
    renderer: Renderer
    internal_errors: InternalErrors
    configuration: Configuration
    clock: Clock
    owner: str

    def has_work(self) -> bool:
        """Whether there is an event to be told of now, or a mail due."""
        fresh = next(self._new_events([]), None) is not None
        return fresh or bool(self.outbox.due(now=self.clock.now(), limit=1))

    def __call__(self, *, watch: Watch = unwatched) -> NotificationReport:
        """Does both; safe to repeat, and safe beside another run."""
        report = NotificationReport()
        isolation = Isolation("notify", self.internal_errors, self.clock)
        book = AddressBook(self.configuration)
        self._distribute(book, report, isolation)
        _Round(self, book, report, isolation).mail_everything_due(Progress(Step.NOTIFY, self.clock, watch))
        report.internal = isolation.failures
        logger.info(
            "Notification: %s events, %s mails accepted, %s refused for good, %s postponed",
            report.events,
            report.mailed,
            report.failed,
            report.postponed,
        )
        return report

    def _distribute(self, book: AddressBook, report: NotificationReport, isolation: Isolation) -> None:
        """All new events at once, so that a run makes one digest per kind and person.

        An event that nobody can be told of is looked at once, and told as such.
        """
        ids: list[int] = []
        mail = self.configuration.mail
        host = mail.sender.rpartition("@")[2] if mail else "chorus.invalid"
        made: list[Digest] = []
        errors: dict[str, Exception] = {}
        with setting_aside(errors, ""):
            made = digests(self._new_events(ids), book, host=host)
        if errors:
            ids.clear()
            events = list(self._new_events(ids))
            bad = isolation.in_parts(
                events, lambda part: digests(part, book, host=host), lambda one: Item("event", one.id)
            )
            made = digests([event for event in events if event not in bad], book, host=host)
        if not ids:
            return
        try:
            self.outbox.distribute(made, ids, now=self.clock.now())
        except StaleError:
            logger.info("Another process distributes events at this moment; what it left comes in the next run")
            return
        report.events, report.digests = len(ids), len(made)

    def _new_events(self, ids: list[int]) -> Iterator[Event]:
        """Page by page; notes the ids on the way. Failed runs of a DAG that was told of just now are left for later."""
        just_told: frozenset[str | None] | None = None
        after = 0
        while page := self.outbox.undistributed(after=after, limit=PAGE):
            for event in page:
                if (dag := failed_dag(event)) is not None:
                    just_told = self._dags_just_told() if just_told is None else just_told
                    if dag in just_told:
                        continue
                ids.append(event.id)
                yield event
            after = page[-1].id

    def _dags_just_told(self) -> frozenset[str | None]:
        return frozenset(failed_dag(told) for told in self.outbox.told(EventKind.ALERT, since=self.clock.now() - QUIET))


@dataclass
class _Round:
    """The mails of one run, until nothing is due or the server is down."""

    stage: Notify
    book: AddressBook
    report: NotificationReport
    isolation: Isolation
    lost: int = 0
    stopped: bool = False
    seen: set[int] = field(default_factory=set)

    def mail_everything_due(self, progress: Progress) -> None:
        for delivery in self._due():
            instead = functools.partial(self._unable, delivery)
            with self.isolation.confined(Item("mail", delivery.id), instead=instead):
                self._deliver(delivery)
            progress.advance()
            if self.stopped:
                return

    def _due(self) -> Iterator[Delivery]:
        """Page by page, each once: a mail that another process took in this moment is not asked for again."""
        stage = self.stage
        while fresh := [d for d in stage.outbox.due(now=stage.clock.now(), limit=PAGE) if d.id not in self.seen]:
            for delivery in fresh:
                self.seen.add(delivery.id)
                yield delivery

    def _deliver(self, delivery: Delivery) -> None:
        stage = self.stage
        began_at = stage.clock.monotonic()
        now = stage.clock.now()
        if not stage.outbox.claim(delivery.id, owner=stage.owner, until=now + LEASE, now=now):
            return
        person = self.book.person(delivery.user)
        if person is None or person.mail is None:
            self._drop(delivery)
            return
        events = stage.outbox.events_of(delivery.id, limit=SHOWN_EVENTS)
        message = stage.renderer.render(delivery, events, person)
        if stage.clock.monotonic() - began_at > FRESH_SECONDS:
            self._postpone(delivery, "this machine stood still between the claim and the sending")
            return
        self._send(delivery, person, message)

    def _unable(self, delivery: Delivery, _reason: Reason) -> None:
        """It waits for the cure and must not stop the others."""
        self._postpone(delivery, "internal error")

    def _drop(self, delivery: Delivery) -> None:
        """The administrator took the person or the address out of the configuration meanwhile."""
        stage = self.stage
        logger.warning("Delivery %s: no mail address any more, dashboard only", delivery.id)
        stage.outbox.failed(delivery.id, owner=stage.owner, reason="no mail address any more", now=stage.clock.now())
        self.report.failed += 1

    def _send(self, delivery: Delivery, person: User, message: Message) -> None:
        stage = self.stage
        try:
            stage.mailer.send(message)
        except MailRefusedError as error:
            logger.warning("Delivery %s: refused for good", delivery.id)
            now = stage.clock.now()
            reason = store(error.headline)
            alert = mail_failed(person, delivery.kind, reason, now)
            stage.outbox.failed(delivery.id, owner=stage.owner, reason=reason, now=now, alert=alert)
            self.report.failed += 1
            self.lost = 0
        except (MailUnavailableError, ConfigurationError) as error:
            self._unavailable(delivery, error)
        else:
            stage.outbox.mailed(delivery.id, now=stage.clock.now())
            self.report.mailed += 1
            self.lost = 0

    def _unavailable(self, delivery: Delivery, error: ConnectorError) -> None:
        """Goes on with the others where only this mail is concerned; an outage is not met with more sending."""
        failure = error.params.get("failure", MailFailureScope.SERVER)
        self.lost = self.lost + 1 if failure == MailFailureScope.CONNECTION else 0
        self.stopped = failure == MailFailureScope.SERVER or self.lost >= LOST_CONNECTIONS
        if self.stopped:
            self.report.failure = error
        self._postpone(delivery, store(error.headline))

    def _postpone(self, delivery: Delivery, reason: str) -> None:
        stage = self.stage
        now = stage.clock.now()
        next_try = now + pause(delivery.tries)
        logger.warning("Delivery %s: postponed until %s", delivery.id, next_try.isoformat())
        alert = mail_waiting(reason, now) if self.stopped else None
        stage.outbox.postponed(delivery.id, owner=stage.owner, next_try=next_try, reason=reason, alert=alert)
        self.report.postponed += 1
