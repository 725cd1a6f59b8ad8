"""The real SMTP server of these tests, and the mailer that talks to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.adapters.notification.smtp import SmtpMailer
from include.application.ports.mail import Message
from include.application.ports.secrets import ConnectionSecrets
from tests.fakes.clock import FakeClock
from tests.services.smtp import Mailbox, smtp_server

__all__ = ["smtp_server"]

SENDER = "chorus@imprimerie.example"


def a_message(**changes: str) -> Message:
    values = {
        "message_id": "<20261120T080000.submitted.0123456789abcdef01234567@imprimerie-durand-et-fils.example>",
        "recipient": "durand@imprimerie.example",
        "subject": "Chorus Pro : 3 factures déposées - Imprimerie Durand et Fils (simulateur), à Annecy-le-Vieux",
        "text": "Bonjour à tous,\n.\n.une ligne qui commence par un point\nFrom ici\n" + "é" * 2000 + "\n",
        "html": "<p>Bonjour à <b>tous</b>" + "x" * 5000 + "</p>\n",
    }
    return Message(**(values | changes))


@pytest.fixture
def connection(smtp_server: Mailbox) -> ConnectionSecrets:
    return ConnectionSecrets(connection_id="chorus_smtp", host=smtp_server.host, port=smtp_server.port)


@pytest.fixture
def mailer_to(clock: FakeClock) -> Callable[..., SmtpMailer]:
    """A mailer over the given connection, impatient enough for a test."""

    def make(connection: ConnectionSecrets, *, step: float = 5, total: float = 20) -> SmtpMailer:
        return SmtpMailer(lambda: connection, sender=SENDER, clock=clock, step_seconds=step, total_seconds=total)

    return make
