"""Which mailer the configuration asks for."""

from __future__ import annotations

from pathlib import Path

from include.adapters.notification.sink import SinkMailer
from include.adapters.notification.smtp import SmtpMailer
from include.application.ports import Clock, Mailer, Secrets
from include.domain.configuration import Mail


def mailer_for(mail: Mail | None, *, secrets: Secrets, sink: Path, clock: Clock) -> Mailer:
    """SMTP with a mail section, else the local sink. The connection is read when a mail is sent, not here."""
    if mail is None:
        return SinkMailer(sink, clock=clock)
    connection_id = mail.connection
    return SmtpMailer(lambda: secrets.get(connection_id), sender=mail.sender, clock=clock)


def check_mail(mail: Mail | None, *, secrets: Secrets, sink: Path, clock: Clock) -> str:
    """What the doctor says of mail: connects and logs in, sends nothing; the errors of sending."""
    if mail is None:
        return f"no mail section: mails are put into {sink}"
    connection_id = mail.connection
    SmtpMailer(lambda: secrets.get(connection_id), sender=mail.sender, clock=clock).check()
    return f"the server of connection {connection_id} accepts our login"
