"""What an operating system said no to, in our words: its own text is in the language of no reader."""

from __future__ import annotations

import errno

from include.texts.catalogue import Text

_KNOWN = {
    errno.ENOENT: "not_there",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "read_only",
    errno.ENOSPC: "no_room",
    errno.EDQUOT: "no_room",
    errno.EFBIG: "too_large",
    errno.EISDIR: "is_a_folder",
    errno.ENOTDIR: "no_folder",
    errno.EEXIST: "there_already",
    errno.ENAMETOOLONG: "name_too_long",
    errno.ELOOP: "loop_of_links",
    errno.EBUSY: "in_use",
    errno.ETXTBSY: "in_use",
    errno.EMFILE: "too_many_open",
    errno.ENFILE: "too_many_open",
    errno.EIO: "device_failed",
    errno.ESTALE: "share_gone",
    errno.ENOTCONN: "share_gone",
    errno.EHOSTDOWN: "share_gone",
    errno.ENOEXEC: "not_runnable",
}
CODES = frozenset({*_KNOWN.values(), "other", "foreign"})
"""Every entry of the catalogue."""


def os_failure(error: OSError) -> Text:
    """Why a file or folder could not be used, as a part of another text; what no system names is quoted."""
    code = _KNOWN.get(error.errno or 0)
    if code is not None:
        return Text(f"system.{code}")
    if error.errno is not None and error.strerror:
        return Text("system.other", {"number": error.errno, "words": error.strerror})
    return Text("system.foreign", {"kind": type(error).__name__, "words": str(error)})


def foreign_failure(error: Exception) -> Text:
    """The words of a library that knows no language but its own, quoted as such."""
    if isinstance(error, OSError):
        return os_failure(error)
    return Text("system.foreign", {"kind": type(error).__name__, "words": str(error)})
