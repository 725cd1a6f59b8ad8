"""Mails without templates."""

from __future__ import annotations

from collections.abc import Sequence

from include.application.ports.mail import Message
from include.application.ports.outbox import Delivery
from include.domain.configuration import User
from include.domain.notification import Event


class FakeRenderer:
    """Implements the port `Renderer`: the mail says how many events it was shown; that of `poisoned` cannot be made."""

    def __init__(self, poisoned: str = "") -> None:
        self._poisoned = poisoned

    def render(self, delivery: Delivery, events: Sequence[Event], person: User) -> Message:
        if person.name == self._poisoned:
            raise TypeError("a fault of ours")
        return Message(
            message_id=delivery.message_id,
            recipient=person.mail or "",
            subject=f"{delivery.kind.value} {delivery.count}",
            text=f"{len(events)} events in {person.reads_mails_in}",
            html="",
        )
