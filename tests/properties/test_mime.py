"""The mail as it goes over the wire."""

from __future__ import annotations

import email
import email.policy

import pytest

from include.adapters.notification.mime import as_mime
from include.application.ports.mail import Message
from tests.unit.notification.people import AT


@pytest.mark.parametrize("words", ["Chorus ", "Été à "])
def test_a_subject_of_any_length_arrives_unchanged(words: str) -> None:
    for length in range(1, 201):
        subject = (words * 50)[:length].strip()
        message = Message(message_id="<1@x.example>", recipient="a@x.example", subject=subject, text="t", html="h")
        content = as_mime(message, sender="chorus@x.example", at=AT)
        assert email.message_from_bytes(content, policy=email.policy.default)["Subject"] == subject


def test_every_byte_is_ascii_and_no_line_of_a_body_is_long() -> None:
    message = Message(
        message_id="<1@x.example>", recipient="a@x.example", subject="s", text="é" * 3000, html="x" * 3000
    )
    content = as_mime(message, sender="chorus@x.example", at=AT)
    assert content.isascii()
    assert max(len(line) for line in content.partition(b"\r\n\r\n")[2].splitlines()) <= 78
