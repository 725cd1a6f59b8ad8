"""A real SMTP server on loopback that keeps what it takes, and refuses when told to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.programs import free_port


@dataclass
class Mailbox:
    """What the server took, and how it answers; also the handler that aiosmtpd calls."""

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    def refuse_for_good(self, recipient: str = "*") -> None:
        self.refusals[recipient] = "550 No such mailbox"

    def refuse_for_now(self, recipient: str = "*") -> None:
        self.refusals[recipient] = "451 Try again later"

    def accept(self) -> None:
        self.refusals.clear()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.refusals.get(address) or self.refusals.get("*")
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = cast(bytes, envelope.content)
        self.messages.append(cast(EmailMessage, message_from_bytes(content, policy=policy.default)))
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        given = cast(LoginPassword, login)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=True)


@contextlib.contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A running server; its `messages` are what arrived."""
    mailbox = Mailbox(port=free_port())
    controller = Controller(
        mailbox,
        hostname=mailbox.host,
        port=mailbox.port,
        authenticator=mailbox.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture
def smtp_server() -> Iterator[Mailbox]:
    """One for a test."""
    with mail_server() as mailbox:
        yield mailbox
