"""The local sink: every mail becomes a file that any mail program opens. It serves where no mail section is."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from include.adapters.local_files import private_folder
from include.adapters.notification.mime import as_mime
from include.application.ports.clock import Clock
from include.application.ports.mail import MailFailureScope, Message
from include.domain.errors import MailUnavailableError
from include.texts import os_failure

SENDER = "chorus@localhost.localdomain"


class SinkMailer:
    """Writes `<begin of the Message-ID>.eml`: files sort by time, and a mail that comes again replaces itself."""

    def __init__(self, folder: Path, *, clock: Clock, sender: str = SENDER) -> None:
        self._folder = folder
        self._clock = clock
        self._sender = sender

    def send(self, message: Message) -> None:
        """Returns when the file is complete on the disk; a reader never sees half of one."""
        content = as_mime(message, sender=self._sender, at=self._clock.now())
        target = self._folder / file_name(message.message_id)
        try:
            private_folder(self._folder)
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".part", delete=False) as file:
                part = Path(file.name)
                try:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                    part.replace(target)
                except BaseException:  # Ctrl-C too: no part of a mail is left
                    part.unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise MailUnavailableError(
                "mail_not_written", folder=self._folder, cause=os_failure(error), failure=MailFailureScope.SERVER
            ) from error


def file_name(message_id: str) -> str:
    """The part before the @, with everything unusual in a file name replaced."""
    left = message_id.strip("<>").partition("@")[0]
    return re.sub(r"[^A-Za-z0-9._-]", "_", left).lstrip(".") + ".eml"
