"""Shuts the cage around this process, and says which of its walls stand."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from include.adapters.text.cage import landlock, system_calls

_NO_NEW_PRIVILEGES, _DIE_WITH_PARENT, _NOT_DUMPABLE = 38, 1, 4
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000

_OPEN_FILES = 256
_FILE_BYTES = 1024**3
_ADDRESS_BYTES = 48 * 1024**3
"""Saxon reserves 32 GiB of addresses that it never uses."""

_READABLE = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/proc/self",
    "/proc/cgroups",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/dev/null",
    "/dev/urandom",
    "/dev/zero",
)
"""Programs' own files. Nothing of the connector's state, of Airflow's or of another process is among them."""

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class Walls:
    """What stands between a parser that is taken over and everything else.

    `network` says by which means there is none: a namespace of its own, or refused system calls.
    """

    network: str | None
    files: bool
    system_calls: bool


def limit(memory_bytes: int) -> None:
    """Bounds for memory, files and processes; they hold for whatever runs in this process from now on."""
    for name, most in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_AS, _ADDRESS_BYTES),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (most, most))


def close(project: Path, scratch: Path) -> Walls:
    """Shuts every wall that this machine has; only `scratch` can be written to afterwards.

    To be called before the first thread starts and the first foreign byte is read.
    """
    _prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    _prctl(_NOT_DUMPABLE, 0)
    _prctl(_NO_NEW_PRIVILEGES, 1)
    own_network = _libc.unshare(_NEW_USER | _NEW_NETWORK) == 0 or _libc.unshare(_NEW_NETWORK) == 0
    calls = system_calls.prepared()  # looks for its library with programs that nobody may start afterwards
    files = landlock.restrict(readable_paths(project), [scratch])
    if calls is not None:
        calls.load()
    network = "namespace" if own_network else "system calls" if calls is not None else None
    return Walls(network=network, files=files, system_calls=calls is not None)


def readable_paths(project: Path) -> list[Path]:
    """The interpreter, its packages, the product's own code, and what libraries need of the system."""
    prefixes = {sys.prefix, sys.base_prefix, os.path.realpath(sys.executable).rpartition("/bin/")[0]}
    return [*map(Path, sorted(prefixes)), project / "include", *map(Path, _READABLE)]


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
