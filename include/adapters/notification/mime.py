"""The mail as it goes over the wire: text and HTML side by side, UTF-8, plain ASCII lines."""

from __future__ import annotations

import datetime as dt
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from include.application.ports.mail import Message
from include.domain.errors import ConfigurationError, MailRefusedError
from include.texts import Spoken, Text, foreign_failure

_POLICY = SMTP.clone(cte_type="7bit")
_UNFOLDED = _POLICY.clone(max_line_length=998)


def as_mime(message: Message, *, sender: str, at: dt.datetime) -> bytes:
    """The complete mail.

    MailRefusedError when the recipient or a header cannot stand in one, ConfigurationError for the sender.

    `Auto-Submitted` (RFC 3834) keeps absence notices from answering; Exchange heeds only the other header.
    """
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["From"] = _address(sender)
    except (ValueError, MessageError) as error:
        raise ConfigurationError("mail_sender", cause=_cause(error)) from error
    try:
        mail["To"] = _address(message.recipient)
        mail["Subject"] = message.subject
        mail["Message-ID"] = message.message_id
    except (ValueError, MessageError) as error:
        raise MailRefusedError("mail_not_built", cause=_cause(error)) from error
    mail["Date"] = format_datetime(at)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    # Python folds some ASCII subjects right after "Subject:", and then a blank is read as their first letter.
    return mail.as_bytes(policy=_UNFOLDED if message.subject.isascii() else _POLICY)


def _address(text: str) -> Address:
    """One address and nothing else: a comma in it would make two."""
    if not text.isascii():
        raise ValueError(Text("smtp.not_ascii", {"address": text}))
    address = Address(addr_spec=text)
    if not address.domain:
        raise ValueError(Text("smtp.no_domain", {"address": text}))
    return address


def _cause(error: Exception) -> Spoken:
    """Our own words, or those of the library."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Text) else foreign_failure(error)
