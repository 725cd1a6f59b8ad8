"""A file that is there whole or not at all: written beside its place, then moved there in one step."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from include.domain.errors import DiskFullError, InputError
from include.texts import os_failure

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NEW_FILE = 0o666


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """The file to write; it takes its place when the block ends well, and leaves nothing behind when it does not.

    A pipe or a device is written directly: it must never be replaced.
    """
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as device:
                yield device
            return
        with _beside(target.resolve()) as file:
            yield file
    except OSError as error:
        raise _told(target, error) from error


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[IO[bytes]]:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    part = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a handle, not a path
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(target.stat().st_mode & 0o7777 if target.exists() else _NEW_FILE & ~_umask())
        part.replace(target)
    except BaseException:  # Ctrl-C too: the whole file or the one before
        part.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """It can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _told(target: Path, error: OSError) -> InputError | DiskFullError:
    cause = os_failure(error)
    if error.errno in _NO_ROOM:
        return DiskFullError("disk_full", file=target, cause=cause)
    return InputError("file_not_written", file=target, cause=cause)
