"""Which files this process may reach from now on, by Landlock (Linux 5.13 and newer; its documentation in the kernel).

Python has no binding that is released, so the three system calls are made by number: they are the same on every
architecture that we ship for.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_ONLY = 1
_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_EXECUTE, _WRITE_FILE = 1 << 0, 1 << 1
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE, _MAKE_LINK = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_SINCE = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""Rights over files by the version of Landlock that brought them: reading and writing, moving, truncating, devices."""
_MOVE, _TRUNCATE = 1 << 13, 1 << 14
_TCP = 0b11
"""Binding and connecting, since version 4."""
_OUTSIDE = 0b11
"""Abstract sockets of others and signals to others, since version 6."""

READ = _READ_FILE | _READ_DIR
WRITE = READ | _WRITE_FILE | _MAKE_FILE | _MAKE_DIR | _MAKE_LINK | _REMOVE_FILE | _REMOVE_DIR | _MOVE | _TRUNCATE
_FILE_ONLY = _READ_FILE | _WRITE_FILE | _EXECUTE | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Of Landlock in this kernel; 0 where there is none."""
    found = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_ONLY))
    return max(int(found), 0)


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on only these files and what lies below these folders; False where the kernel cannot.

    `no_new_privs` has to be set before. Paths that do not exist are passed over. OSError if the kernel refuses.
    """
    known = version()
    if not known:
        return False
    handled = sum(bits for since, bits in _SINCE.items() if since <= known)
    rules = _Ruleset(files=handled, network=_TCP if known >= 4 else 0, scoped=_OUTSIDE if known >= 6 else 0)
    size = 8 * (1 + (known >= 4) + (known >= 6))
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0)))
    try:
        for paths, allowed in ((readable, READ), (writable, WRITE)):
            for path in paths:
                _allow(ruleset, path, allowed & handled)
        _checked(_libc.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _PathRule(allowed=allowed if path.is_dir() else allowed & _FILE_ONLY, descriptor=descriptor)
        _checked(
            _libc.syscall(
                _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)
            )
        )
    finally:
        os.close(descriptor)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
