"""Tells people what happened: events become digests, digests become mails (design decision 11).

A mail is never lost: it stays due until the server took it or refused it for good. It comes twice only if nobody learns
that the server took it (the process dies before the commit, or the server's last answer is lost), and then with the
same Message-ID.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from include.application.outbox_port import Delivery, Outbox, Renderer, Trouble
from include.application.ports import Clock, Mailer, Message
from include.domain.configuration import Configuration, User
from include.domain.errors import ConfigurationError, ConnectorError, MailRefusedError, MailUnavailableError, StaleError
from include.domain.notification import AddressBook, Event, digests, mail_failed, mail_waiting

logger = logging.getLogger(__name__)

PAGE = 1000
SHOWN_EVENTS = 200
"""A digest of thousands shows that many and says how many more there are."""

LEASE = dt.timedelta(minutes=5)
"""Longer than a mailer may take for one mail, so that nobody else takes it meanwhile."""

FRESH_SECONDS = 15.0
"""A claim older than that when the sending is about to begin is given back: this machine stood still."""

FIRST_PAUSE = dt.timedelta(minutes=5)
LONGEST_PAUSE = dt.timedelta(hours=1)
LOST_CONNECTIONS = 3
"""So many mails in a row whose connection was lost, and the server is taken to be down."""


def pause(tries: int) -> dt.timedelta:
    """The back-off: 5, 10, 20, 40 minutes, then every hour. It never ends."""
    return min(FIRST_PAUSE * (1 << min(tries, 10)), LONGEST_PAUSE)


@dataclass(kw_only=True)
class NotificationReport:
    """What one run did; `trouble` is what kept mails from leaving, for the task to fail with in the end."""

    events: int = 0
    digests: int = 0
    mailed: int = 0
    failed: int = 0
    postponed: int = 0
    trouble: ConnectorError | None = None


@dataclass(frozen=True, kw_only=True)
class SendNotifications:
    """One run: distributes the new events, then mails what is due. `owner` names this process among others."""

    outbox: Outbox
    mailer: Mailer
    renderer: Renderer
    configuration: Configuration
    clock: Clock
    owner: str

    def run(self) -> NotificationReport:
        """Does both; safe to repeat, and safe beside another run."""
        report = NotificationReport()
        book = AddressBook(self.configuration)
        self._distribute(book, report)
        _Round(self, book, report).mail_everything_due()
        logger.info(
            "Notification: %s events, %s mails accepted, %s refused for good, %s postponed",
            report.events,
            report.mailed,
            report.failed,
            report.postponed,
        )
        return report

    def _distribute(self, book: AddressBook, report: NotificationReport) -> None:
        """All new events at once, so that a run makes one digest per kind and person."""
        ids: list[int] = []
        mail = self.configuration.mail
        host = mail.sender.rpartition("@")[2] if mail else "chorus.invalid"
        made = digests(self._new_events(ids), book, host=host)
        if not ids:
            return
        try:
            self.outbox.distribute(made, ids, now=self.clock.now())
        except StaleError:
            logger.info("Another process distributes events at this moment; what it left comes in the next run")
            return
        report.events, report.digests = len(ids), len(made)

    def _new_events(self, ids: list[int]) -> Iterator[Event]:
        """Page by page; notes the ids on the way."""
        after = 0
        while page := self.outbox.undistributed(after=after, limit=PAGE):
            for event in page:
                ids.append(event.id)
                yield event
            after = page[-1].id


@dataclass
class _Round:
    """The mails of one run, until nothing is due or the server is down."""

    use: SendNotifications
    book: AddressBook
    report: NotificationReport
    lost: int = 0
    stopped: bool = False
    seen: set[int] = field(default_factory=set)

    def mail_everything_due(self) -> None:
        for delivery in self._due():
            self._deliver(delivery)
            if self.stopped:
                return

    def _due(self) -> Iterator[Delivery]:
        """Page by page, each once: a mail that another process took in this moment is not asked for again."""
        use = self.use
        while fresh := [d for d in use.outbox.due(now=use.clock.now(), limit=PAGE) if d.id not in self.seen]:
            for delivery in fresh:
                self.seen.add(delivery.id)
                yield delivery

    def _deliver(self, delivery: Delivery) -> None:
        use = self.use
        asked_at = use.clock.monotonic()
        now = use.clock.now()
        if not use.outbox.claim(delivery.id, owner=use.owner, until=now + LEASE, now=now):
            return
        person = self.book.person(delivery.user)
        if person is None or person.mail is None:
            self._drop(delivery)
            return
        message = self._render(delivery, person)
        if message is None:
            return
        if use.clock.monotonic() - asked_at > FRESH_SECONDS:
            self._postpone(delivery, "this machine stood still between the claim and the sending")
            return
        self._send(delivery, person, message)

    def _drop(self, delivery: Delivery) -> None:
        """The administrator took the person or the address out of the configuration meanwhile."""
        use = self.use
        logger.warning("Delivery %s: no mail address any more, dashboard only", delivery.id)
        use.outbox.failed(delivery.id, owner=use.owner, reason="no mail address any more", now=use.clock.now())
        self.report.failed += 1

    def _render(self, delivery: Delivery, person: User) -> Message | None:
        events = self.use.outbox.events_of(delivery.id, limit=SHOWN_EVENTS)
        try:
            return self.use.renderer.render(delivery, events, person)
        except Exception:
            # A digest that cannot be rendered is a fault of ours; it waits for the cure and must not stop the others.
            logger.exception("Delivery %s cannot be rendered", delivery.id)
            self._postpone(delivery, "cannot be rendered")
            return None

    def _send(self, delivery: Delivery, person: User, message: Message) -> None:
        use = self.use
        try:
            use.mailer.send(message)
        except MailRefusedError as error:
            logger.warning("Delivery %s: refused for good", delivery.id)
            now = use.clock.now()
            alert = mail_failed(person, delivery.kind, error.what, now)
            use.outbox.failed(delivery.id, owner=use.owner, reason=error.what, now=now, alert=alert)
            self.report.failed += 1
            self.lost = 0
        except (MailUnavailableError, ConfigurationError) as error:
            self._unavailable(delivery, error)
        else:
            use.outbox.mailed(delivery.id, now=use.clock.now())
            self.report.mailed += 1
            self.lost = 0

    def _unavailable(self, delivery: Delivery, error: ConnectorError) -> None:
        """Goes on with the others where only this mail is concerned; an outage is not met with more sending."""
        trouble = error.context.get("trouble", Trouble.SERVER)
        self.lost = self.lost + 1 if trouble == Trouble.CONNECTION else 0
        self.stopped = trouble == Trouble.SERVER or self.lost >= LOST_CONNECTIONS
        if self.stopped:
            self.report.trouble = error
        self._postpone(delivery, error.what)

    def _postpone(self, delivery: Delivery, reason: str) -> None:
        use = self.use
        now = use.clock.now()
        next_try = now + pause(delivery.tries)
        logger.warning("Delivery %s: postponed until %s", delivery.id, next_try.isoformat())
        alert = mail_waiting(reason, now) if self.stopped else None
        use.outbox.postponed(delivery.id, owner=use.owner, next_try=next_try, reason=reason, alert=alert)
        self.report.postponed += 1
