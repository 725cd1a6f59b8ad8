"""Mails: rendering one, sending one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from include.application.ports.outbox import Delivery
from include.domain.configuration import User
from include.domain.notification import Event

SHOWN_EVENTS = 200
"""Events that a mail shows at most; a longer digest says how many more there are."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A rendered mail; `message_id` stays the same when it has to be sent again."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Sends one mail."""

    def send(self, message: Message) -> None:
        """Returns when the server accepted it; MailRefusedError for good, MailUnavailableError for now."""


class Renderer(Protocol):
    """Turns a digest into a mail."""

    def render(self, delivery: Delivery, events: Sequence[Event], person: User) -> Message:
        """The mail in the person's language; `events` may be only the first of those that `delivery.count` counts."""


class MailFailureScope(StrEnum):
    """What a MailUnavailableError concerns; the mailer says it as `failure` in the context of the error."""

    SERVER = "server"
    """No mail can leave now: no connection, login refused, sender refused."""

    CONNECTION = "connection"
    """The connection was lost in the middle of this mail."""

    RECIPIENT = "recipient"
    """The server puts off this mail only."""
