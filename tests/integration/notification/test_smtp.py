"""The mailer against a real SMTP server, and against servers that misbehave."""

from __future__ import annotations

import dataclasses
import secrets
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from include.adapters.notification.smtp import SmtpMailer, SmtpSettings
from include.application.ports.mail import MailFailureScope
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError, MailRefusedError, MailUnavailableError, SecretMissingError
from tests.integration.notification.conftest import SENDER, a_message
from tests.services.programs import free_port
from tests.services.smtp import Mailbox

MailerTo = Callable[..., SmtpMailer]


def test_a_mail_arrives_as_it_was_written(
    smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo
) -> None:
    message = a_message()
    mailer_to(connection).send(message)
    (mail,) = smtp_server.messages
    assert mail["From"] == SENDER
    assert mail["To"] == message.recipient
    assert mail["Subject"] == message.subject
    assert mail["Message-ID"] == message.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.isoformat() == "2026-11-20T08:00:00+00:00"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content_charset() == html.get_content_charset() == "utf-8"
    assert _plain(text) == message.text
    assert _plain(html) == message.html


def _plain(part: Any) -> str:
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def test_a_refused_address_is_refused_for_good(
    smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo
) -> None:
    smtp_server.refuse_for_good("durand@imprimerie.example")
    with pytest.raises(MailRefusedError, match="550 No such mailbox"):
        mailer_to(connection).send(a_message())
    mailer_to(connection).send(a_message(recipient="martin@imprimerie.example"))
    assert [mail["To"] for mail in smtp_server.messages] == ["martin@imprimerie.example"]


def test_an_address_that_is_put_off_is_the_failure_of_that_mail_only(
    smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo
) -> None:
    smtp_server.refuse_for_now()
    with pytest.raises(MailUnavailableError, match="451") as caught:
        mailer_to(connection).send(a_message())
    assert caught.value.params["failure"] is MailFailureScope.RECIPIENT
    smtp_server.accept()
    mailer_to(connection).send(a_message())
    assert len(smtp_server.messages) == 1


def test_a_server_that_does_not_run_is_the_failure_of_every_mail(mailer_to: MailerTo) -> None:
    nobody = ConnectionSecrets(connection_id="chorus_smtp", host="127.0.0.1", port=free_port())
    with pytest.raises(MailUnavailableError) as caught:
        mailer_to(nobody).send(a_message())
    assert caught.value.params["failure"] is MailFailureScope.SERVER


class Answers:
    """An aiosmtpd handler that gives these answers, and notes what it took."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.taken = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken += 1
        return self.answers.get("data", "250 OK")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.answers.get("quit", "221 Bye")


@contextmanager
def serving(handler: object, **options: object) -> Iterator[ConnectionSecrets]:
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)  # type: ignore[arg-type]
    controller.start()
    try:
        yield ConnectionSecrets(connection_id="chorus_smtp", host="127.0.0.1", port=controller.port)
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ({"data": "554 Spam"}, None),
        ({"mail": "552 Too big"}, None),
        ({"data": "452 Mailbox full"}, MailFailureScope.RECIPIENT),
        ({"data": "421 Closing"}, MailFailureScope.SERVER),
        ({"mail": "550 Sender not allowed"}, MailFailureScope.SERVER),
        ({"mail": "451 Later"}, MailFailureScope.SERVER),
    ],
)
def test_what_an_answer_means_depends_on_the_step(
    answers: dict[str, str], failure: MailFailureScope | None, mailer_to: MailerTo
) -> None:
    with serving(Answers(**answers)) as connection:
        if failure is None:
            with pytest.raises(MailRefusedError):
                mailer_to(connection).send(a_message())
        else:
            with pytest.raises(MailUnavailableError) as caught:
                mailer_to(connection).send(a_message())
            assert caught.value.params["failure"] is failure


def test_a_fault_after_the_acceptance_counts_no_more(mailer_to: MailerTo) -> None:
    handler = Answers(quit="500 What?")
    with serving(handler) as connection:
        mailer_to(connection).send(a_message())
    assert handler.taken == 1


def test_a_login_is_used_and_never_shown(
    smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    password = secrets.token_urlsafe()
    mailer_to(dataclasses.replace(connection, login="robot", password=password)).send(a_message())
    assert smtp_server.logins == [("robot", password)]
    assert password not in caplog.text


def test_a_refused_login_gives_no_mail_up(mailer_to: MailerTo) -> None:
    from aiosmtpd.smtp import AuthResult

    password = secrets.token_urlsafe()
    refuse = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_require_tls": False}
    with serving(Answers(), **refuse) as connection:
        mailer = mailer_to(dataclasses.replace(connection, login="robot", password=password))
        with pytest.raises(MailUnavailableError) as caught:
            mailer.send(a_message())
        with pytest.raises(MailUnavailableError):
            mailer.check()
    assert caught.value.params["failure"] is MailFailureScope.SERVER
    assert password not in str(caught.value)


def test_the_check_logs_in_and_sends_nothing(
    smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo
) -> None:
    mailer_to(dataclasses.replace(connection, login="robot", password=secrets.token_urlsafe())).check()
    assert len(smtp_server.logins) == 1
    assert not smtp_server.messages


def test_a_login_never_travels_in_clear_text_unless_that_is_wanted() -> None:
    there = ConnectionSecrets(connection_id="chorus_smtp", host="mail.example", login="robot", password="")
    with pytest.raises(ConfigurationError, match="starttls"):
        SmtpSettings.read(there)
    for extra in ({"starttls": True}, {"ssl": True}, {"plain_login": True}):
        SmtpSettings.read(dataclasses.replace(there, extra=extra))
    SmtpSettings.read(dataclasses.replace(there, login=None))
    SmtpSettings.read(dataclasses.replace(there, host="127.0.0.1"))


@pytest.mark.parametrize(("extra", "port"), [({}, 25), ({"starttls": True}, 587), ({"ssl": True}, 465)])
def test_without_a_port_the_usual_one_is_taken(extra: dict[str, bool], port: int) -> None:
    assert SmtpSettings.read(ConnectionSecrets(connection_id="c", host="h", extra=extra)).port == port


def test_a_connection_without_host_is_a_fault_of_the_configuration(mailer_to: MailerTo) -> None:
    with pytest.raises(SecretMissingError, match="has no host"):
        mailer_to(ConnectionSecrets(connection_id="chorus_smtp")).send(a_message())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_an_encrypted_mail_arrives_and_a_strange_certificate_gets_nothing(
    mode: str, certificate: tuple[Path, Path], mailer_to: MailerTo
) -> None:
    cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    options = {"tls_context": context, "require_starttls": True} if mode == "starttls" else {"ssl_context": context}
    handler = Answers()
    with serving(handler, **options) as connection:
        trusted = dataclasses.replace(connection, extra={mode: True, "ca_file": str(cert)})
        mailer_to(trusted).send(a_message())
        assert handler.taken == 1
        with pytest.raises(MailUnavailableError, match="certificate") as caught:
            mailer_to(dataclasses.replace(connection, extra={mode: True})).send(a_message())
        assert caught.value.params["failure"] is MailFailureScope.SERVER
    assert handler.taken == 1


def test_a_server_without_encryption_gets_nothing_where_it_is_demanded(
    smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo
) -> None:
    demanding = dataclasses.replace(
        connection, login="robot", password=secrets.token_urlsafe(), extra={"starttls": True}
    )
    with pytest.raises(MailUnavailableError, match="STARTTLS"):
        mailer_to(demanding).send(a_message())
    assert not smtp_server.logins
    assert not smtp_server.messages


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "a@b.example,c@d.example"},
        {"recipient": "<a@b.example"},
        {"recipient": "a@b.example\nBcc: c@d.example"},
        {"recipient": "é@b.example"},
        {"recipient": "a@é.example"},
        {"recipient": "nobody"},
        {"subject": "x\nBcc: c@d.example"},
        {"message_id": "<1@b>\r\nBcc: c@d.example"},
    ],
)
def test_nothing_gets_into_the_headers_by_a_line_break_or_a_strange_address(
    changes: dict[str, str], smtp_server: Mailbox, connection: ConnectionSecrets, mailer_to: MailerTo
) -> None:
    with pytest.raises(MailRefusedError):
        mailer_to(connection).send(a_message(**changes))
    assert not smtp_server.messages


def test_a_wrong_sender_gives_no_mail_up(connection: ConnectionSecrets, mailer_to: MailerTo) -> None:
    mailer = mailer_to(connection)
    mailer._sender = "chorus@x,y@z"
    with pytest.raises(ConfigurationError, match=r"mail\.sender"):
        mailer.send(a_message())


@contextmanager
def a_server_that(behave: Callable[[socket.socket], None]) -> Iterator[ConnectionSecrets]:
    """A bare socket that behaves badly with its one client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                behave(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield ConnectionSecrets(connection_id="chorus_smtp", host="127.0.0.1", port=listener.getsockname()[1])
        thread.join(10)
        assert not thread.is_alive()


def test_a_lost_connection_is_known_as_one(mailer_to: MailerTo) -> None:
    def hang_up_at_the_recipient(client: socket.socket) -> None:
        client.sendall(b"220 hello\r\n")
        for answer in (b"250 hello\r\n", b"250 OK\r\n"):
            client.recv(1000)
            client.sendall(answer)
        client.recv(1000)

    with a_server_that(hang_up_at_the_recipient) as connection:
        with pytest.raises(MailUnavailableError) as caught:
            mailer_to(connection).send(a_message())
        assert caught.value.params["failure"] is MailFailureScope.CONNECTION


def test_a_silent_server_is_left_after_the_time_of_a_step(mailer_to: MailerTo) -> None:
    def say_nothing(client: socket.socket) -> None:
        client.sendall(b"220 hello\r\n")
        while client.recv(1000):
            pass

    with a_server_that(say_nothing) as connection, pytest.raises(MailUnavailableError):
        mailer_to(connection, step=0.2).send(a_message())


def test_a_dripping_server_is_cut_off_when_the_total_time_is_up(mailer_to: MailerTo) -> None:
    def drip(client: socket.socket) -> None:
        client.sendall(b"220 hello\r\n")
        client.settimeout(0.05)
        while True:
            try:
                if not client.recv(1000):
                    return
            except TimeoutError:
                pass
            try:
                client.sendall(b"250-x\r\n")
            except OSError:
                return

    with a_server_that(drip) as connection, pytest.raises(MailUnavailableError):
        mailer_to(connection, step=5, total=0.5).send(a_message())
