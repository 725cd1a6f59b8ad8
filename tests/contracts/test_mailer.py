"""What every mailer promises: a real SMTP server, the local sink, and the fake (port `Mailer`)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.adapters.notification.sink import SinkMailer
from include.adapters.notification.smtp import SmtpMailer
from include.application.ports.mail import Mailer, MailFailureScope, Message
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import MailRefusedError, MailUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.mailer import FakeMailer, MailerIsDown, MailerPutsOffSome, MailerRefusesSome
from tests.services.programs import free_port
from tests.services.smtp import Mailbox, smtp_server

__all__ = ["smtp_server"]

DURAND, MARTIN = "durand@imprimerie.example", "martin@imprimerie.example"
FOR_GOOD, FOR_NOW, DOWN = "refuses for good", "puts off", "is down"


@dataclass
class Accepting:
    """A mailer, and the message ids that its server accepted."""

    mailer: Mailer
    accepted: Callable[[], list[str]]


def message(recipient: str = DURAND, name: str = "1") -> Message:
    text = "Bonjour à tous"
    return Message(
        message_id=f"<{name}@imprimerie.example>", recipient=recipient, subject="Trois factures", text=text, html=text
    )


def fake(behaviour: str | None = None) -> Accepting:
    mailers: dict[str | None, Callable[[], FakeMailer]] = {
        None: FakeMailer,
        FOR_GOOD: lambda: MailerRefusesSome([DURAND]),
        FOR_NOW: lambda: MailerPutsOffSome([DURAND]),
        DOWN: MailerIsDown,
    }
    made = mailers[behaviour]()
    return Accepting(made, made.ids)


def smtp(server: Mailbox, clock: FakeClock, behaviour: str | None = None) -> Accepting:
    if behaviour == FOR_GOOD:
        server.refuse_for_good(DURAND)
    elif behaviour == FOR_NOW:
        server.refuse_for_now()
    port = free_port() if behaviour == DOWN else server.port
    connection = ConnectionSecrets(connection_id="chorus_smtp", host=server.host, port=port)
    mailer = SmtpMailer(
        lambda: connection, sender="chorus@imprimerie.example", clock=clock, step_seconds=5, total_seconds=20
    )
    return Accepting(mailer, lambda: [str(mail["Message-ID"]) for mail in server.messages])


def sink(folder: Path, clock: FakeClock) -> Accepting:
    def accepted() -> list[str]:
        files = sorted(folder.glob("*.eml"))
        mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [str(mail["Message-ID"]) for mail in mails]

    return Accepting(SinkMailer(folder, clock=clock), accepted)


@pytest.fixture(params=["fake", "sink", "smtp"])
def accepting(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Accepting:
    if request.param == "fake":
        return fake()
    if request.param == "sink":
        return sink(tmp_path / "mails", clock)
    return smtp(request.getfixturevalue("smtp_server"), clock)


def test_what_is_sent_is_accepted_under_its_own_message_id(accepting: Accepting) -> None:
    accepting.mailer.send(message(name="1"))
    accepting.mailer.send(message(MARTIN, name="2"))
    assert sorted(accepting.accepted()) == ["<1@imprimerie.example>", "<2@imprimerie.example>"]


Misbehaving = Callable[[str], Accepting]


@pytest.fixture(params=["fake", "smtp"])
def misbehaving(request: pytest.FixtureRequest, clock: FakeClock) -> Misbehaving:
    """The sink takes everything."""
    if request.param == "fake":
        return fake
    server: Mailbox = request.getfixturevalue("smtp_server")
    return lambda behaviour: smtp(server, clock, behaviour)


def test_an_address_that_is_refused_for_good_is_that_mails_failure(misbehaving: Misbehaving) -> None:
    accepting = misbehaving(FOR_GOOD)
    with pytest.raises(MailRefusedError):
        accepting.mailer.send(message())
    accepting.mailer.send(message(MARTIN, name="2"))
    assert accepting.accepted() == ["<2@imprimerie.example>"]


@pytest.mark.parametrize(
    ("behaviour", "scope"), [(FOR_NOW, MailFailureScope.RECIPIENT), (DOWN, MailFailureScope.SERVER)]
)
def test_a_mail_that_cannot_leave_now_says_what_failed(
    misbehaving: Misbehaving, behaviour: str, scope: MailFailureScope
) -> None:
    accepting = misbehaving(behaviour)
    with pytest.raises(MailUnavailableError) as caught:
        accepting.mailer.send(message())
    assert (caught.value.params["failure"], accepting.accepted()) == (scope, [])
