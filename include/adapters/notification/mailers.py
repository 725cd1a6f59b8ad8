"""Which mailer the configuration asks for."""

from __future__ import annotations

from pathlib import Path

from include.adapters.notification.sink import SinkMailer
from include.adapters.notification.smtp import SmtpMailer
from include.application.ports.clock import Clock
from include.application.ports.mail import Mailer
from include.application.ports.secrets import Secrets
from include.domain.configuration import Mail
from include.texts import Text


def mailer_for(mail: Mail | None, *, secrets: Secrets, sink: Path, clock: Clock) -> Mailer:
    """SMTP with a mail section, else the local sink. The connection is read when a mail is sent, not here."""
    if mail is None:
        return SinkMailer(sink, clock=clock)
    connection_id = mail.connection
    return SmtpMailer(lambda: secrets.get(connection_id), sender=mail.sender, clock=clock)


def check_mail(mail: Mail | None, *, secrets: Secrets, sink: Path, clock: Clock) -> Text:
    """What the doctor says of mail: connects and logs in, sends nothing; the errors of sending."""
    if mail is None:
        return Text("check.mail_sink", {"folder": sink})
    connection_id = mail.connection
    SmtpMailer(lambda: secrets.get(connection_id), sender=mail.sender, clock=clock).check()
    return Text("check.mail_server", {"connection": connection_id})
