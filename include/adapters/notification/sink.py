"""The local sink: every mail becomes a file that any mail program opens. It serves where no mail section is."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from include.adapters.notification.mime import as_mime
from include.application.outbox_port import Trouble
from include.application.ports import Clock, Message
from include.domain.errors import MailUnavailableError

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
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".part", delete=False) as file:
                part = Path(file.name)
                try:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                    part.replace(target)
                except BaseException:
                    part.unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise MailUnavailableError(
                f"The mail cannot be written into {self._folder}: {error.strerror}",
                why="Without a mail section in the configuration, mails are kept in this folder.",
                todo="Make room or correct the rights of the folder; the mail is written in a later run.",
                trouble=Trouble.SERVER,
            ) from error


def file_name(message_id: str) -> str:
    """The part before the @, with everything unusual in a file name replaced."""
    left = message_id.strip("<>").partition("@")[0]
    return re.sub(r"[^A-Za-z0-9._-]", "_", left).lstrip(".") + ".eml"
