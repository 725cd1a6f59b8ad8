"""The local sink: one file per mail, complete or not there."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from include.adapters.notification.mailers import mailer_for
from include.adapters.notification.sink import SinkMailer
from include.adapters.notification.smtp import SmtpMailer
from include.application.ports.mail import MailFailureScope
from include.domain.configuration import Mail
from include.domain.errors import MailUnavailableError, SecretMissingError
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets
from tests.integration.notification.conftest import a_message


def test_a_mail_becomes_a_file_that_mail_programs_open(tmp_path: Path, clock: FakeClock) -> None:
    message = a_message()
    SinkMailer(tmp_path / "mails", clock=clock).send(message)
    (file,) = (tmp_path / "mails").iterdir()
    assert file.name == "20261120T080000.submitted.0123456789abcdef01234567.eml"
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (mail["To"], mail["Subject"], mail["Message-ID"]) == (message.recipient, message.subject, message.message_id)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Bonjour à tous" in body.get_content()


def test_a_mail_that_comes_again_replaces_itself(tmp_path: Path, clock: FakeClock) -> None:
    sink = SinkMailer(tmp_path, clock=clock)
    sink.send(a_message(subject="first"))
    sink.send(a_message(subject="second"))
    sink.send(a_message(message_id="<20261120T090000.alert.0@x>"))
    assert [file.name[:15] for file in sorted(tmp_path.iterdir())] == ["20261120T080000", "20261120T090000"]
    assert b"Subject: second" in sorted(tmp_path.iterdir())[0].read_bytes()


@pytest.mark.parametrize("message_id", ["<../../x@y>", "<a/b\\c@y>", "<.hidden@y>"])
def test_a_strange_message_id_stays_inside_the_folder(message_id: str, tmp_path: Path, clock: FakeClock) -> None:
    SinkMailer(tmp_path / "mails", clock=clock).send(a_message(message_id=message_id))
    (file,) = (tmp_path / "mails").iterdir()
    assert file.name.endswith(".eml")
    assert not file.name.startswith(".")


def test_a_folder_that_cannot_be_written_keeps_the_mail_for_later(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "mails").write_text("a file where the folder should be")
    with pytest.raises(MailUnavailableError) as caught:
        SinkMailer(tmp_path / "mails", clock=clock).send(a_message())
    assert caught.value.params["failure"] is MailFailureScope.SERVER


def test_a_death_in_the_middle_leaves_no_half_mail(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", die)
    with pytest.raises(KeyboardInterrupt):
        SinkMailer(tmp_path, clock=clock).send(a_message())
    assert not list(tmp_path.iterdir())


def test_without_mail_section_mails_go_to_the_sink_and_with_one_to_its_server(tmp_path: Path, clock: FakeClock) -> None:
    mail = Mail(connection="chorus_smtp", sender="chorus@imprimerie.example")
    assert isinstance(mailer_for(None, secrets=FakeSecrets(), sink=tmp_path, clock=clock), SinkMailer)
    mailer = mailer_for(mail, secrets=FakeSecrets(), sink=tmp_path, clock=clock)
    assert isinstance(mailer, SmtpMailer)
    with pytest.raises(SecretMissingError):
        mailer.send(a_message())
