"""One look at a folder tree: the facts of its files, without opening any.

`LocalTree` is for the local disk and network mounts (one `scandir` per folder, nanosecond times); every other fsspec
file system is a `RemoteTree` (`remote_tree.py`).
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from include.adapters.portal.folder.names import is_noise
from include.domain.errors import PortalUnavailableError
from include.texts import Text, os_failure

logger = logging.getLogger(__name__)

UNREADABLE = "portal_file_unreadable"
LEAVES_PORTAL = "portal_link_outside"


class FileFacts(NamedTuple):
    """What a file system tells of a file: size, a version that changes with the file, and its newest time (POSIX).

    `failure`: the file is there, but cannot be taken; a code of wordings/criteria.py.
    """

    size: int
    version: str
    time: float | None
    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """The files under the root by relative path (`/` between parts), in no order.

    `closed` are folders that could not be listed: what lies in them is neither seen nor gone.
    """

    files: Mapping[str, FileFacts]
    closed: tuple[str, ...] = ()


class Tree(Protocol):
    """A folder tree somewhere."""

    def look(self) -> Look:
        """Everything under the root now; PortalUnavailableError when the root is missing."""

    def unchanged(self, path: str, facts: FileFacts) -> bool:
        """Whether the file is still as the look found it."""

    def open(self, path: str) -> BinaryIO:
        """The file for reading; OSError when it cannot be opened."""

    def files_in(self, folder: str) -> Mapping[str, FileFacts]:
        """The files of one folder by name; OSError when it cannot be listed."""

    def replace(self, path: str, content: bytes, facts: FileFacts | None) -> bool:
        """Puts the whole file in place of the one that the facts tell of (None: of none); False if that one changed."""

    def create(self, path: str, content: bytes) -> bool:
        """Makes a whole new file, and its folder if need be; False where something has that name."""

    def remove(self, path: str) -> None:
        """Takes away a file that was made just now."""


def root_missing(url: str, why: Text) -> PortalUnavailableError:
    """The one error for a portal that is not there."""
    return PortalUnavailableError("portal_folder_not_listed", url=url, cause=why)


class LocalTree:
    """A tree on the local disk.

    Links to folders are not followed: what they show is either found at its real place in the tree, or lies outside it.
    A link to a file counts as a file if its target lies in the tree. So no link can loop or pull in foreign files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def look(self) -> Look:
        """One scandir per folder."""
        files: dict[str, FileFacts] = {}
        closed: list[str] = []
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(self._root / folder) as entries:
                    for entry in entries:
                        if not is_noise(entry.name):
                            path = f"{folder}/{entry.name}" if folder else entry.name
                            self._enter(entry, path, files, pending)
            except OSError as error:
                if not folder:
                    raise root_missing(str(self._root), os_failure(error)) from error
                if error.errno != errno.ENOENT:
                    closed.append(folder)
        return Look(files=files, closed=tuple(closed))

    def _enter(self, entry: os.DirEntry[str], path: str, files: dict[str, FileFacts], pending: list[str]) -> None:
        """Puts one entry of a folder where it belongs."""
        try:
            if entry.is_symlink():
                inside = self._inside(os.path.realpath(entry.path))
                if entry.is_dir():
                    logger.log(logging.DEBUG if inside else logging.WARNING, "Link to a folder, not followed: %r", path)
                    return
                if not inside:
                    files[path] = FileFacts(0, "", None, LEAVES_PORTAL)
                    return
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path)
                return
            status = entry.stat()
        except OSError as error:
            if error.errno != errno.ENOENT or entry.is_symlink():
                files[path] = FileFacts(0, "", None, UNREADABLE)
            return
        if stat.S_ISREG(status.st_mode):
            files[path] = _local_facts(status)

    def unchanged(self, path: str, facts: FileFacts) -> bool:
        """By size and both times."""
        try:
            return _local_facts((self._root / path).stat()) == facts
        except OSError:
            return False

    def open(self, path: str) -> BinaryIO:
        """Opens what the path really is, and nothing outside the root; a pipe does not hold us up."""
        real = os.path.realpath(self._root / path)
        if not self._inside(real):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return os.fdopen(handle, "rb")

    def files_in(self, folder: str) -> Mapping[str, FileFacts]:
        """One scandir."""
        files: dict[str, FileFacts] = {}
        with os.scandir(self._root / folder) as entries:
            for entry in entries:
                if not is_noise(entry.name):
                    self._enter(entry, entry.name, files, [])
        return files

    def replace(self, path: str, content: bytes, facts: FileFacts | None) -> bool:
        """Through a hidden file beside it, with the rights of the old one; never outside the root."""
        target = self._root / path
        real = Path(os.path.realpath(target))
        if not self._inside(str(real)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        beside = real.with_name(f".{real.name}.{secrets.token_hex(8)}.tmp")
        try:
            with beside.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if facts is not None:
                shutil.copymode(real, beside)
            if real.exists() if facts is None else not self.unchanged(path, facts):
                return False
            beside.replace(real)
            return True
        finally:
            beside.unlink(missing_ok=True)

    def create(self, path: str, content: bytes) -> bool:
        """Through a hidden file beside it, which gets its name only while nothing has it."""
        target = self._root / path
        if not self._root.is_dir():
            raise root_missing(str(self._root), Text("system.not_there"))
        folder = target.parent
        if folder.resolve() != self._root.resolve() / Path(path).parent:  # behind a link nothing is looked for
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{secrets.token_hex(8)}.tmp"
        try:
            with beside.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            return _named(beside, target)
        finally:
            beside.unlink(missing_ok=True)

    def remove(self, path: str) -> None:
        """Unlinks it."""
        (self._root / path).unlink(missing_ok=True)

    def _inside(self, real: str) -> bool:
        return real.startswith(os.path.realpath(self._root).rstrip("/") + "/")


def _named(made: Path, target: Path) -> bool:
    """Gives a file its name if that is free, in one step; a file system without hard links needs a copy for it."""
    try:
        target.hardlink_to(made)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        try:
            with target.open("xb") as stream:
                stream.write(made.read_bytes())
        except FileExistsError:
            return False
    return True


def _local_facts(status: os.stat_result) -> FileFacts:
    return FileFacts(
        status.st_size, f"{status.st_mtime_ns}.{status.st_ctime_ns}", max(status.st_mtime_ns, status.st_ctime_ns) / 1e9
    )
