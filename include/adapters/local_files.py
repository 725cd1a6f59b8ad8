"""Files of this machine: ours, which nobody else may open, and those that a person names, whatever they are.

What we make has the modes 0600 and 0700 whatever the umask.
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
from pathlib import Path
from typing import IO

from include.domain.errors import InputError
from include.texts import Text, os_failure

FOLDER_MODE, FILE_MODE = 0o700, 0o600

LARGEST_TEXT = 20_000_000
"""Bytes of a configuration, a list or a template."""
_PATIENCE_SECONDS = 5.0
_PIECE = 1 << 20


def private_folder(path: Path) -> None:
    """Makes the folder and those above it that are missing; what is there stays as it is."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was first
            folder.mkdir(mode=FOLDER_MODE)


def make_private(path: Path) -> None:
    """Makes an empty file where there is none, in a folder of its own kind."""
    private_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))


def open_private(path: Path, mode: str) -> IO[bytes]:
    """Opens for writing or appending; a file that this makes is private."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, FILE_MODE))


def read_named_file(path: Path, *, limit: int = LARGEST_TEXT) -> bytes:
    """The bytes of a file that a person names; InputError where it cannot be read, is too large, or never ends.

    A pipe is read to its end, as long as its writer keeps writing.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123 - a handle, not a path
            return _read(file.fileno(), path, limit)
    except OSError as error:
        raise InputError("file_not_read", file=path, cause=os_failure(error)) from error


def _read(handle: int, path: Path, limit: int) -> bytes:
    mode = os.fstat(handle).st_mode
    content = bytearray()
    while True:
        # a pipe that nobody opened for writing looks like an empty file
        if (
            not stat.S_ISREG(mode)
            and not stat.S_ISDIR(mode)
            and not select.select([handle], [], [], _PATIENCE_SECONDS)[0]
        ):
            raise InputError("file_not_read", file=path, cause=Text("fault.nothing_comes_out"))
        piece = os.read(handle, _PIECE)
        if not piece:
            return bytes(content)
        content += piece
        if len(content) > limit:
            raise InputError("file_not_read", file=path, cause=Text("fault.more_bytes", {"limit": limit}))
