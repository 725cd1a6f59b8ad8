"""The whole stage, from events to what a real SMTP server took: who gets which mail, counted."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from include.adapters.notification.render import MailRenderer
from include.adapters.notification.smtp import SmtpMailer
from include.application.notification.send_notifications import LEASE, NotificationReport, Notify
from include.application.ports.secrets import ConnectionSecrets
from include.domain.configuration import Audience, Configuration
from include.domain.errors import StoreError
from include.domain.notification import EventKind
from include.domain.reasons import Reason
from tests.fakes.clock import FakeClock
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.outbox import FakeOutbox, OutboxDiesBeforeCommit
from tests.services.smtp import Mailbox
from tests.unit.notification.people import alert, configuration, invoice_event, provider

OTHER = provider("Autre", "55203253400646", notify=Audience(users=("alice", "durand")))


@pytest.fixture
def config() -> Configuration:
    return configuration(provider(), OTHER)


@dataclass
class Stage:
    outbox: FakeOutbox
    connection: ConnectionSecrets
    configuration: Configuration
    clock: FakeClock

    def run(self, owner: str = "one") -> NotificationReport:
        assert self.configuration.mail is not None
        sender = self.configuration.mail.sender
        return Notify(
            outbox=self.outbox,
            mailer=SmtpMailer(lambda: self.connection, sender=sender, clock=self.clock),
            renderer=MailRenderer(self.configuration),
            internal_errors=FakeInternalErrors(),
            configuration=self.configuration,
            clock=self.clock,
            owner=owner,
        )()


def a_days_events(outbox: FakeOutbox) -> None:
    for number in range(1, 4):
        outbox.add(invoice_event(invoice_id=number, chorus_id=4711 + number))
    outbox.add(invoice_event(invoice_id=4, provider_key=OTHER.key))
    outbox.add(
        invoice_event(EventKind.AWAITING_SUBMISSION, invoice_id=5, state="to_complete", reasons=[Reason(code="x")])
    )
    outbox.add(invoice_event(EventKind.STATUS_CHANGED, invoice_id=6, status="SUSPENDUE"))
    outbox.add(alert(provider="Imprimerie Durand", half="account"))


EXPECTED = Counter(
    {
        ("durand@imprimerie.example", "Chorus Pro : 4 factures déposées"): 1,
        ("durand@imprimerie.example", "Chorus Pro : 1 facture attend votre action - Imprimerie Durand (simulateur)"): 1,
        ("durand@imprimerie.example", "Chorus Pro : 1 facture a changé de statut - Imprimerie Durand (simulateur)"): 1,
        ("martin@imprimerie.example", "Chorus Pro: 3 invoices submitted - Imprimerie Durand (simulator)"): 1,
        ("martin@imprimerie.example", "Chorus Pro: 1 invoice waits for you - Imprimerie Durand (simulator)"): 1,
        ("martin@imprimerie.example", "Chorus Pro: 1 invoice changed status - Imprimerie Durand (simulator)"): 1,
        ("alice@imprimerie.example", "Chorus Pro : 1 facture déposée - Autre (simulateur)"): 1,
        ("alice@imprimerie.example", "Chorus Pro : 1 alerte du connecteur"): 1,
    }
)


def arrived(mailbox: Mailbox) -> Counter[tuple[str, str]]:
    return Counter((str(mail["To"]), str(mail["Subject"])) for mail in mailbox.messages)


def test_everybody_gets_one_mail_per_kind_in_their_language(
    smtp_server: Mailbox, connection: ConnectionSecrets, config: Configuration, clock: FakeClock
) -> None:
    outbox = FakeOutbox()
    a_days_events(outbox)
    stage = Stage(outbox, connection, config, clock)
    stage.run()
    stage.run()
    assert arrived(smtp_server) == EXPECTED
    assert len({mail["Message-ID"] for mail in smtp_server.messages}) == len(smtp_server.messages)


def test_a_death_after_the_acceptance_repeats_one_mail_with_its_message_id(
    smtp_server: Mailbox, connection: ConnectionSecrets, config: Configuration, clock: FakeClock
) -> None:
    outbox = OutboxDiesBeforeCommit()
    a_days_events(outbox)
    stage = Stage(outbox, connection, config, clock)
    with pytest.raises(StoreError):
        stage.run("one")
    clock.advance(LEASE.total_seconds())
    stage.run("two")
    doubles = Counter(mail["Message-ID"] for mail in smtp_server.messages)
    assert sorted(doubles.values()) == [1] * (len(EXPECTED) - 1) + [2]
    assert set(arrived(smtp_server)) == set(EXPECTED)


def test_two_processes_at_once_never_send_a_mail_twice(
    smtp_server: Mailbox, connection: ConnectionSecrets, config: Configuration, clock: FakeClock
) -> None:
    outbox = FakeOutbox()
    a_days_events(outbox)
    together = threading.Barrier(4)

    def process(number: int) -> None:
        together.wait()
        Stage(outbox, connection, config, clock).run(f"process-{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(process, range(4)))
    Stage(outbox, connection, config, clock).run("last")
    assert arrived(smtp_server) == EXPECTED


def test_one_bad_address_and_one_put_off_do_not_stop_the_third(
    smtp_server: Mailbox, connection: ConnectionSecrets, config: Configuration, clock: FakeClock
) -> None:
    smtp_server.refuse_for_good("alice@imprimerie.example")
    smtp_server.refusals["durand@imprimerie.example"] = "451 Try again later"
    outbox = FakeOutbox()
    a_days_events(outbox)
    stage = Stage(outbox, connection, config, clock)
    report = stage.run()
    assert {mail["To"] for mail in smtp_server.messages} == {"martin@imprimerie.example"}
    assert (report.mailed, report.failed, report.postponed) == (3, 2, 3)
    smtp_server.accept()
    clock.advance(minutes=5)
    stage.run()
    assert Counter(mail["To"] for mail in smtp_server.messages) == Counter(
        {"martin@imprimerie.example": 3, "durand@imprimerie.example": 3}
    )


def test_a_server_that_comes_back_gets_every_mail_once(
    smtp_server: Mailbox, connection: ConnectionSecrets, config: Configuration, clock: FakeClock
) -> None:
    outbox = FakeOutbox()
    a_days_events(outbox)
    nobody = ConnectionSecrets(connection_id="chorus_smtp", host="127.0.0.1", port=9)
    assert Stage(outbox, nobody, config, clock).run().failure is not None
    clock.advance(minutes=5)
    Stage(outbox, connection, config, clock).run()
    assert arrived(smtp_server) == EXPECTED
