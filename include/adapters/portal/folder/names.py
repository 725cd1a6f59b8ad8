r"""Names of files in a folder portal: what is no document, and how a name becomes a portal id.

A file name on Linux is any bytes. A portal id must be text that every database takes, and must lead back to the file:
bytes that are no UTF-8 are written `\xNN`, and a backslash, so that nothing is ambiguous, `\\`.
"""

from __future__ import annotations

import os
import re

FOLDER_DEFAULTS = "_folder.json"

_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp", ".temp", ".swp")
"""Endings that copying programs give to a file until it is whole."""
_DEBRIS = frozenset({"thumbs.db", "desktop.ini"})
"""What Windows leaves in a folder; hidden there, but not here."""

_ESCAPED = re.compile(rb"\\(x[0-9a-f]{2}|\\)")


def is_noise(name: str) -> bool:
    """Hidden, unfinished or left behind by a system: neither a document nor a side-car, and no folder to look into."""
    folded = name.casefold()
    return folded.startswith((".", "~$")) or folded.endswith(_UNFINISHED) or folded in _DEBRIS


def is_side_car(name: str) -> bool:
    """A side-car or the defaults of a folder: never a document of its own."""
    return name.casefold().endswith(".json")


def portal_id(path: str) -> str:
    """The relative path as text without surrogates."""
    if path.isascii() and "\\" not in path:
        return path
    return os.fsencode(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def path_of(portal_id: str) -> str:
    """The relative path that a portal id stands for."""
    raw = portal_id.encode("utf-8", "surrogatepass")
    plain = _ESCAPED.sub(lambda found: b"\\" if found[1] == b"\\" else bytes.fromhex(found[1][1:].decode()), raw)
    return os.fsdecode(plain)


def leads_out(path: str) -> bool:
    """Whether a relative path is none, or could lead out of the root."""
    return not path or path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in path.split("/"))
