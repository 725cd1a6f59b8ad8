"""A folder tree on any fsspec file system: object stores, SFTP, memory."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, cast

from include.adapters.portal.folder.names import is_noise
from include.adapters.portal.folder.tree import FileFacts, Look, root_missing
from include.domain.errors import PortalUnavailableError
from include.texts import Text, foreign_failure

logger = logging.getLogger(__name__)

_TIME_KEYS = ("mtime", "LastModified", "last_modified", "updated", "modified", "created", "ctime")
"""Under which names fsspec file systems tell a time; there is no common one."""
_VERSION_KEYS = ("ETag", "etag", "md5Hash", "generation", "VersionId", "version_id")


class RemoteTree:
    """A tree behind an fsspec file system; `root` is its path there.

    Each folder is listed by itself, so that one that cannot be listed is known as such: `find` of most file systems
    leaves it out in silence, and its documents would count as vanished.
    """

    def __init__(self, file_system: Any, root: str) -> None:
        self._fs = file_system
        self._root = root.rstrip("/")

    def look(self) -> Look:
        """One listing per folder, never from the file system's own cache."""
        self._fs.invalidate_cache()
        files: dict[str, FileFacts] = {}
        closed: list[str] = []
        pending = [""]
        while pending:
            folder = pending.pop()
            for path, info in self._list(folder, closed):
                if info.get("type") == "directory":
                    pending.append(path)
                elif info.get("type", "file") == "file":
                    files[path] = _facts(info)
        return Look(files=files, closed=tuple(closed))

    def _list(self, folder: str, closed: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
        """Relative path and facts of what lies in a folder; an object store may list the folder itself as well."""
        where = self._full(folder)
        try:
            infos = self._fs.ls(where, detail=True)
            if not folder and not self._fs.isdir(where):
                raise NotADirectoryError(where)
        except FileNotFoundError as error:
            if not folder:
                raise root_missing(self._url(), Text("system.not_there")) from error
            return []
        except Exception as error:  # fsspec file systems raise the errors of their own client libraries
            if not folder:
                raise root_missing(self._url(), foreign_failure(error)) from error
            logger.warning("Folder %r of the portal cannot be listed: %s", folder, type(error).__name__)
            closed.append(folder)
            return []
        named = [(str(info["name"]).strip("/"), info) for info in infos]
        inside = [(name.rpartition("/")[2], info) for name, info in named if name != where.strip("/")]
        return [(f"{folder}/{name}" if folder else name, info) for name, info in inside if not is_noise(name)]

    def unchanged(self, path: str, facts: FileFacts) -> bool:
        """By size and time in seconds: asked about one file, a file system tells other facts than in a listing."""
        self._fs.invalidate_cache()
        try:
            now = _facts(self._fs.info(self._full(path)))
        except FileNotFoundError:
            return False
        same_time = now.time is None or facts.time is None or abs(now.time - facts.time) < 1
        return now.size == facts.size and same_time

    def open(self, path: str) -> BinaryIO:
        """The file for reading."""
        with _as_os_errors():
            return cast(BinaryIO, self._fs.open(self._full(path), "rb"))

    def files_in(self, folder: str) -> Mapping[str, FileFacts]:
        """One listing, never from the file system's own cache."""
        self._fs.invalidate_cache()
        closed: list[str] = []
        files = {
            path.rpartition("/")[2]: _facts(info)
            for path, info in self._list(folder, closed)
            if info.get("type", "file") == "file"
        }
        if closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
        return files

    def replace(self, path: str, content: bytes, facts: FileFacts | None) -> bool:
        """An object store puts an object as a whole; elsewhere a hidden file beside it is moved over the old one."""
        target = self._full(path)
        folder, _, name = target.rpartition("/")
        beside = f"{folder}/.{name}.{secrets.token_hex(8)}.tmp"
        with _as_os_errors():
            self._fs.pipe_file(beside, content)
            self._fs.invalidate_cache()
            if self._fs.exists(target) if facts is None else not self.unchanged(path, facts):
                self._fs.rm_file(beside)
                return False
            self._fs.mv(beside, target)
        return True

    def create(self, path: str, content: bytes) -> bool:
        """An object store makes an object as a whole, and only if none has its name where it can promise that."""
        target = self._full(path)
        with _as_os_errors():
            self._fs.invalidate_cache()
            if not self._fs.isdir(self._root):
                raise root_missing(self._url(), Text("system.not_there"))
            if self._fs.exists(target):
                return False
            self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
            try:
                self._fs.pipe_file(target, content, mode="create")
            except FileExistsError:
                return False
        return True

    def remove(self, path: str) -> None:
        """Removes the object."""
        with _as_os_errors():
            self._fs.rm_file(self._full(path))

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _url(self) -> str:
        return str(self._fs.unstrip_protocol(self._root))


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    """What a file system's own client library raises has no common kind; here it is an OSError."""
    try:
        yield
    except (OSError, PortalUnavailableError):
        raise
    except Exception as error:  # see above: each client library has its own
        raise OSError(f"{type(error).__name__}: {error}") from error


def _facts(info: Mapping[str, Any]) -> FileFacts:
    told = [(key, info[key]) for key in (*_TIME_KEYS, *_VERSION_KEYS) if info.get(key) is not None]
    times = [time for key, value in told if key in _TIME_KEYS and (time := _posix(value)) is not None]
    return FileFacts(int(info.get("size") or 0), repr(told), max(times, default=None))


def _posix(value: object) -> float | None:
    """Seconds since 1970 of a time in any of the forms that fsspec file systems use."""
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, dt.datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).timestamp()
