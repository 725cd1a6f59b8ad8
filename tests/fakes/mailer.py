"""Mailers in memory, each named for what it does; `sent` is what the server accepted."""

from __future__ import annotations

import threading
from collections.abc import Collection

from include.application.ports.mail import MailFailureScope, Message
from include.domain.errors import MailRefusedError, MailUnavailableError


class FakeMailer:
    """Accepts everything."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.calls = 0
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        with self._lock:
            self.calls += 1
            self.answer(message)
            self.sent.append(message)

    def answer(self, message: Message) -> None:
        """Raises what the server answers instead of accepting."""

    def ids(self) -> list[str]:
        return [message.message_id for message in self.sent]


class MailerRefusesSome(FakeMailer):
    """Permanent refusal of some addresses."""

    def __init__(self, refused: Collection[str]) -> None:
        super().__init__()
        self.refused = set(refused)

    def answer(self, message: Message) -> None:
        if message.recipient in self.refused:
            raise MailRefusedError("550 No such mailbox")


class MailerIsDown(FakeMailer):
    """No mail leaves until `up` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.up = False

    def answer(self, message: Message) -> None:
        if not self.up:
            raise MailUnavailableError("Mail server: no connection", failure=MailFailureScope.SERVER)


class MailerPutsOffSome(FakeMailer):
    """Temporary refusal of some addresses, or the loss of the connection in the middle of their mails."""

    def __init__(self, put_off: Collection[str], failure: MailFailureScope = MailFailureScope.RECIPIENT) -> None:
        super().__init__()
        self.put_off = set(put_off)
        self.failure = failure

    def answer(self, message: Message) -> None:
        if message.recipient in self.put_off:
            raise MailUnavailableError("451 Try again later", failure=self.failure)
