"""The use case: everybody hears of everything once, whatever the mail server and the process do."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.application.notification.send_notifications import LEASE, NotificationReport, Notify, pause
from include.application.ports.mail import SHOWN_EVENTS, Mailer, MailFailureScope, Message
from include.application.ports.outbox import Delivery
from include.application.progress import Reached, Step
from include.domain.configuration import Audience, Configuration, People, User
from include.domain.errors import ConfigurationError, SecretMissingError, StaleError, StoreError
from include.domain.notification import Digest, Event, EventKind, NewEvent, run_failed
from tests.fakes.clock import FakeClock
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.mailer import FakeMailer, MailerIsDown, MailerPutsOffSome, MailerRefusesSome
from tests.fakes.outbox import FakeOutbox, OutboxDiesBeforeCommit
from tests.fakes.renderer import FakeRenderer
from tests.fakes.store import MemoryStore
from tests.unit.notification.people import DURAND, MARTIN, alert, configuration, invoice_event, provider


def team(size: int) -> Configuration:
    """Several people, u0 to uN, who all hear of everything."""
    users = tuple(User(name=f"u{n}", mail=f"u{n}@x.example") for n in range(size))
    notify = Audience(users=tuple(user.name for user in users))
    return configuration(provider(notify=notify), people=People(users=users), administer=Audience(users=("u0",)))


class Stage:
    """One outbox, mailer, clock and configuration, run as often as the test likes."""

    def __init__(
        self,
        clock: FakeClock,
        mailer: Mailer | None = None,
        outbox: FakeOutbox | None = None,
        config: Configuration | None = None,
        renderer: FakeRenderer | None = None,
    ) -> None:
        self.clock = clock
        self.mailer = mailer or FakeMailer()
        self.outbox = outbox or FakeOutbox()
        self.configuration = config or configuration()
        self.renderer = renderer or FakeRenderer()
        self.internal_errors = FakeInternalErrors(MemoryStore(outbox=self.outbox))

    def tell(self, *events: NewEvent) -> None:
        for event in events:
            self.outbox.add(event)

    def run(self, owner: str = "process-1") -> NotificationReport:
        return self.notify(owner)()

    def notify(self, owner: str = "process-1") -> Notify:
        return Notify(
            outbox=self.outbox,
            mailer=self.mailer,
            renderer=self.renderer,
            internal_errors=self.internal_errors,
            configuration=self.configuration,
            clock=self.clock,
            owner=owner,
        )


def test_each_person_gets_one_mail_per_kind_and_run(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer)
    stage.tell(*(invoice_event(invoice_id=n) for n in range(1, 4)))
    stage.tell(invoice_event(EventKind.AWAITING_SUBMISSION, invoice_id=4))
    report = stage.run()
    assert Counter((m.recipient, m.subject) for m in mailer.sent) == Counter(
        {
            ("durand@imprimerie.example", "submitted 3"): 1,
            ("martin@imprimerie.example", "submitted 3"): 1,
            ("durand@imprimerie.example", "awaiting_submission 1"): 1,
            ("martin@imprimerie.example", "awaiting_submission 1"): 1,
        }
    )
    assert {m.recipient: m.text for m in mailer.sent if "3" in m.subject} == {
        "durand@imprimerie.example": "3 events in fr",
        "martin@imprimerie.example": "3 events in en",
    }
    assert (report.events, report.digests, report.mailed) == (4, 4, 4)


def test_who_watches_hears_how_many_mails_were_handled(clock: FakeClock) -> None:
    stage, heard = Stage(clock), list[Reached]()
    stage.tell(invoice_event(invoice_id=1))
    stage.notify()(watch=heard.append)
    assert heard == [Reached(step=Step.NOTIFY, done=done) for done in range(3)]


def failed(stage: Stage, run: int, dag: str = "chorus_auto_submission") -> NewEvent:
    return run_failed(dag_id=dag, run_id=f"scheduled__{run}", began="", now=stage.clock.now())


def test_failed_runs_of_one_dag_are_told_at_once_and_then_once_an_hour(clock: FakeClock) -> None:
    """The ten-minute DAG fails all night long: a mail at once, then one an hour that tells all since."""
    mailer = FakeMailer()
    stage = Stage(clock, mailer)
    sent = []
    for run in range(19):
        stage.tell(failed(stage, run))
        sent.append(stage.run().mailed)
        clock.advance(minutes=10)
    assert [run for run, mails in enumerate(sent) if mails] == [0, 6, 12, 18]
    assert [mail.text for mail in mailer.sent] == ["1 events in fr", *["6 events in fr"] * 3]


def test_what_waits_for_the_hour_is_no_work_and_is_told_when_it_has_passed(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer)
    stage.tell(failed(stage, 1))
    stage.run()
    clock.advance(minutes=10)
    stage.tell(failed(stage, 2))
    assert not stage.notify().has_work()
    assert stage.run() == NotificationReport()
    clock.advance(minutes=50)
    assert stage.notify().has_work()
    assert stage.run().mailed == 1
    assert not stage.notify().has_work()


def test_another_dag_and_other_alerts_do_not_wait(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer)
    stage.tell(failed(stage, 1))
    stage.run()
    stage.tell(failed(stage, 2), failed(stage, 3, "chorus_watchdog"), alert())
    assert stage.run().events == 2
    assert [mail.text for mail in mailer.sent] == ["1 events in fr", "2 events in fr"]


def test_a_second_run_tells_nothing_twice(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer)
    stage.tell(invoice_event())
    stage.run()
    clock.advance(hours=1)
    assert stage.run() == NotificationReport()
    assert len(mailer.sent) == 2


def test_thousands_of_events_are_still_one_mail_per_person_and_only_some_are_shown(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer)
    stage.tell(*(invoice_event(EventKind.STATUS_CHANGED, invoice_id=n, status="MANDATEE") for n in range(1, 2502)))
    stage.run()
    assert [m.subject for m in mailer.sent] == ["status_changed 2501"] * 2
    assert mailer.sent[0].text.startswith(f"{SHOWN_EVENTS} events")


def test_a_process_that_dies_after_the_acceptance_sends_the_same_message_id_again(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer, OutboxDiesBeforeCommit())
    stage.tell(invoice_event())
    with pytest.raises(StoreError):
        stage.run("process-1")
    first = list(mailer.sent)
    stage.run("process-2")
    assert [m.recipient for m in mailer.sent] == ["durand@imprimerie.example", "martin@imprimerie.example"]
    clock.advance(LEASE.total_seconds())
    stage.run("process-3")
    assert [m for m in mailer.sent if m.recipient == DURAND.mail] == [first[0], first[0]]
    assert len(mailer.sent) == 3
    assert stage.outbox.states() == {"durand": ["mailed"], "martin": ["mailed"]}


def test_a_process_that_dies_between_distribution_and_mailing_loses_nothing(clock: FakeClock) -> None:
    class MailerDies(FakeMailer):
        def answer(self, message: Message) -> None:
            raise KeyboardInterrupt

    stage = Stage(clock, MailerDies())
    stage.tell(invoice_event())
    with pytest.raises(KeyboardInterrupt):
        stage.run("process-1")
    survivor = FakeMailer()
    stage.mailer = survivor
    clock.advance(LEASE.total_seconds())
    stage.run("process-2")
    assert sorted(m.recipient for m in survivor.sent) == [DURAND.mail, MARTIN.mail]


def test_many_processes_at_once_send_each_mail_once(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer, config=team(20))
    stage.tell(*(invoice_event(invoice_id=n) for n in range(1, 30)))
    together = threading.Barrier(6)

    def process(number: int) -> NotificationReport:
        together.wait()
        return stage.run(f"process-{number}")

    with ThreadPoolExecutor(6) as pool:
        reports = list(pool.map(process, range(6)))
    stage.run()
    assert Counter(m.recipient for m in mailer.sent) == Counter({f"u{n}@x.example": 1 for n in range(20)})
    assert sum(report.digests for report in reports) == 20


def test_who_loses_the_race_of_distribution_leaves_it_to_the_winner(clock: FakeClock) -> None:
    class SomebodyWasFaster(FakeOutbox):
        def distribute(self, digests: Sequence[Digest], event_ids: Sequence[int], *, now: dt.datetime) -> None:
            raise StaleError("an event was distributed meanwhile")

    stage = Stage(clock, outbox=SomebodyWasFaster())
    stage.tell(invoice_event())
    assert stage.run() == NotificationReport()


def test_a_refused_address_fails_with_one_alert_and_the_others_are_mailed(clock: FakeClock) -> None:
    mailer = MailerRefusesSome({"durand@imprimerie.example"})
    stage = Stage(clock, mailer)
    stage.tell(invoice_event(), invoice_event(EventKind.AWAITING_SUBMISSION))
    report = stage.run()
    assert (report.mailed, report.failed, report.failure) == (2, 2, None)
    assert stage.outbox.states() == {"durand": ["failed", "failed"], "martin": ["mailed", "mailed"]}
    alerts = [event for event in stage.outbox.events.values() if event.kind is EventKind.ALERT]
    assert [(a.facts["code"], a.facts["user"], a.facts["reason"]) for a in alerts] == [
        ("mail_failed", "durand", "550 No such mailbox")
    ]
    stage.run()
    assert [m.recipient for m in mailer.sent if m.subject == "alert 1"] == ["alice@imprimerie.example"]
    assert mailer.calls == 5


def test_refused_alerts_do_not_raise_alerts_for_ever(clock: FakeClock) -> None:
    mailer = MailerRefusesSome({f"u{n}@x.example" for n in range(3)})
    config = team(3).model_copy(update={"alerts": Audience(users=("u0", "u1", "u2"))})
    stage = Stage(clock, mailer, config=config)
    stage.tell(invoice_event())
    for _ in range(6):
        stage.run()
        clock.advance(minutes=10)
    calls = mailer.calls
    for _ in range(3):
        stage.run()
    assert mailer.calls == calls
    assert not mailer.sent


def test_a_server_that_is_down_gets_one_try_per_run_and_every_mail_later(clock: FakeClock) -> None:
    mailer = MailerIsDown()
    stage = Stage(clock, mailer, config=team(10))
    stage.tell(invoice_event())
    report = stage.run()
    assert (mailer.calls, report.postponed, report.mailed) == (1, 1, 0)
    assert report.failure is not None
    mailer.up = True
    stage.run()
    assert len(mailer.sent) == 9
    clock.advance(minutes=5)
    stage.run()
    assert len(set(mailer.ids())) == len(mailer.sent) == 10


def test_a_long_outage_is_told_once_a_day_on_dashboards_only(clock: FakeClock) -> None:
    mailer = MailerIsDown()
    stage = Stage(clock, mailer)
    stage.tell(invoice_event())
    for _ in range(12):
        stage.run()
        clock.advance(minutes=10)
    told = [stage.outbox.events[event_id] for event_id in stage.outbox.told_to("alice")]
    alerts = [event for event in told if event.kind is EventKind.ALERT]
    assert [a.facts["code"] for a in alerts] == ["mail_waiting"]
    mailer.up = True
    clock.advance(hours=1)
    stage.run()
    assert {m.recipient for m in mailer.sent} == {"durand@imprimerie.example", "martin@imprimerie.example"}


def test_addresses_that_the_server_puts_off_never_stop_the_others(clock: FakeClock) -> None:
    put_off = {f"u{n}@x.example" for n in range(8)}
    mailer = MailerPutsOffSome(put_off)
    stage = Stage(clock, mailer, config=team(10))
    stage.tell(invoice_event())
    report = stage.run()
    assert {m.recipient for m in mailer.sent} == {"u8@x.example", "u9@x.example"}
    assert (report.postponed, report.failure) == (8, None)
    assert not [event for event in stage.outbox.events.values() if event.kind is EventKind.ALERT]
    mailer.put_off.clear()
    clock.advance(minutes=5)
    stage.run()
    assert Counter(m.recipient for m in mailer.sent) == Counter({f"u{n}@x.example": 1 for n in range(10)})


def test_one_lost_connection_does_not_stop_the_others_but_three_in_a_row_do(clock: FakeClock) -> None:
    one = MailerPutsOffSome({"u0@x.example"}, MailFailureScope.CONNECTION)
    stage = Stage(clock, one, config=team(10))
    stage.tell(invoice_event())
    assert (stage.run().failure, len(one.sent)) == (None, 9)

    all_of_them = MailerPutsOffSome({f"u{n}@x.example" for n in range(10)}, MailFailureScope.CONNECTION)
    stage = Stage(clock, all_of_them, config=team(10))
    stage.tell(invoice_event())
    assert stage.run().failure is not None
    assert all_of_them.calls == 3


def test_a_missing_mail_connection_keeps_the_mails_and_is_reported(clock: FakeClock) -> None:
    class NoConnection(FakeMailer):
        def answer(self, message: Message) -> None:
            raise SecretMissingError("The connection chorus_smtp is not defined.")

    stage = Stage(clock, NoConnection())
    stage.tell(invoice_event())
    report = stage.run()
    assert isinstance(report.failure, ConfigurationError)
    assert stage.outbox.states() == {"durand": ["due"], "martin": ["due"]}


def test_the_pauses_grow_to_an_hour_and_never_end() -> None:
    minutes = [pause(tries).total_seconds() / 60 for tries in (0, 1, 2, 3, 4, 500)]
    assert minutes == [5, 10, 20, 40, 60, 60]


def test_the_pause_depends_on_the_tries_before(clock: FakeClock) -> None:
    mailer = MailerPutsOffSome({"durand@imprimerie.example"})
    stage = Stage(clock, mailer)
    stage.tell(invoice_event())
    tried_at = []
    for minute in range(90):
        before = mailer.calls
        stage.run()
        if mailer.calls > before:
            tried_at.append(minute)
        clock.advance(minutes=1)
    assert tried_at == [0, 5, 15, 35, 75]


@pytest.mark.parametrize("left", [(), (User(name="durand"),)])
def test_who_left_the_configuration_or_has_no_address_any_more_is_not_mailed(
    left: tuple[User, ...], clock: FakeClock
) -> None:
    mailer = MailerIsDown()
    stage = Stage(clock, mailer)
    stage.tell(invoice_event())
    stage.run()
    mailer.up = True
    stage.configuration = configuration(people=People(users=(*left, MARTIN)))
    clock.advance(minutes=5)
    stage.run()
    assert [m.recipient for m in mailer.sent] == ["martin@imprimerie.example"]
    assert stage.outbox.states()["durand"] == ["failed"]


def test_a_corrected_address_is_used_for_mails_that_wait(clock: FakeClock) -> None:
    mailer = MailerIsDown()
    stage = Stage(clock, mailer)
    stage.tell(invoice_event())
    stage.run()
    mailer.up = True
    corrected = DURAND.model_copy(update={"mail": "new@imprimerie.example"})
    stage.configuration = configuration(people=People(users=(corrected, MARTIN)))
    clock.advance(minutes=5)
    stage.run()
    assert sorted(m.recipient for m in mailer.sent) == ["martin@imprimerie.example", "new@imprimerie.example"]


def test_a_digest_that_cannot_be_rendered_waits_and_the_others_are_mailed(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer, renderer=FakeRenderer(poisoned="durand"))
    stage.tell(invoice_event())
    report = stage.run()
    assert [m.recipient for m in mailer.sent] == ["martin@imprimerie.example"]
    assert (report.postponed, [failure.code for failure in report.failures]) == (1, ["internal"])
    stage.renderer = FakeRenderer()
    clock.advance(minutes=5)
    assert stage.run().failures == []
    # who operates the connector hears of it once
    assert [m.recipient for m in mailer.sent[1:]] == ["durand@imprimerie.example", "alice@imprimerie.example"]


def test_a_machine_that_stood_still_after_its_claim_does_not_send(clock: FakeClock) -> None:
    class SlowRenderer(FakeRenderer):
        def render(self, delivery: Delivery, events: Sequence[Event], person: User) -> Message:
            clock.advance(LEASE.total_seconds())
            return super().render(delivery, events, person)

    mailer = FakeMailer()
    stage = Stage(clock, mailer, renderer=SlowRenderer())
    stage.tell(invoice_event())
    report = stage.run()
    assert (mailer.calls, report.postponed) == (0, 2)


def test_without_mail_section_the_message_ids_have_a_neutral_host(clock: FakeClock) -> None:
    mailer = FakeMailer()
    stage = Stage(clock, mailer, config=configuration(mail=None))
    stage.tell(invoice_event())
    stage.run()
    assert all(message_id.endswith("@chorus.invalid>") for message_id in mailer.ids())
