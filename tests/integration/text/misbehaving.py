"""A worker that does what the document says, in place of reading it: for tests of the cage and of its keeper."""

from __future__ import annotations

import ctypes
import io
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from include.adapters.text import worker
from include.adapters.text.protocol import Answer
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.extraction.layout_memory.example import Memory
from include.domain.reading import DocumentKind, Reading

KILL, HANG, EAT, FAIL, BABBLE, SPILL, STEAL = b"kill", b"hang", b"eat", b"fail", b"babble", b"spill", b"steal:"


def misbehave(content: bytes, _limits: ReadingLimits, _hints: ReadingHints, _memory: Memory = ()) -> Answer:
    """Stands in for `read_document`; what was stolen comes back as warnings."""
    if KILL in content:
        os.kill(os.getpid(), signal.SIGKILL)
    if HANG in content:
        signal.alarm(0)
        time.sleep(600)
    if EAT in content:
        bytearray(16 * 1024**3)
    if FAIL in content:
        raise RuntimeError("a library gave up")
    if BABBLE in content:
        return Answer(result={"kind": "no such kind", "pages": 7})  # type: ignore[arg-type]  # that is the point
    if SPILL in content:
        Path(os.environ["TMPDIR"], "large").write_bytes(b"\0" * (1024**3 + 1))
    stolen = steal(**json.loads(content.partition(STEAL)[2])) if STEAL in content else [str(os.getpid())]
    return Answer(result=Reading(kind=DocumentKind.DIGITAL, warnings=tuple(stolen)))


def steal(*, secret_file: str, port: int, parent: int) -> list[str]:
    """Tries every way out that is known; the names of those that were open."""
    libc = ctypes.CDLL(None, use_errno=True)
    ways: dict[str, Callable[[], object]] = {
        "environment": lambda: (
            [name for name in os.environ if name not in ("LANG", "LC_CTYPE", "HOME", "TMPDIR")] or _shut()
        ),
        "parent's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "parent's memory": lambda: Path(f"/proc/{parent}/mem").open("rb"),  # noqa: SIM115 - closed by `_open`
        "parent's descriptors": lambda: [*Path(f"/proc/{parent}/fd").iterdir()],
        "descriptors left open": lambda: _foreign_descriptors() or _shut(),
        "a secret file": lambda: Path(secret_file).read_bytes(),
        "home": lambda: [*Path.home().parent.iterdir()],
        "users": lambda: Path("/etc/passwd").read_bytes(),
        "writing": lambda: Path(secret_file).with_suffix(".new").write_bytes(b"x"),
        "a program": lambda: subprocess.run(["/bin/true"], check=True),
        "a process": _forked,
        "network": lambda: socket.create_connection(("127.0.0.1", port), timeout=2),
        "another socket": lambda: socket.socket(socket.AF_UNIX),
        "a signal": lambda: os.kill(parent, 0),
        "tracing": lambda: _called(libc.ptrace(16, parent, 0, 0)),
        "new namespaces": lambda: _called(libc.unshare(0x00020000)),
        "more memory": lambda: bytearray(6 * 1024**3),
        "new rights": _gains_rights,
        "many files": lambda: [os.close(one) for one in [os.open("/dev/null", os.O_RDONLY) for _ in range(300)]],
    }
    return [name for name, way in ways.items() if _open(way)]


def _open(way: Callable[[], object]) -> bool:
    try:
        got = way()
    except (OSError, MemoryError):
        return False
    if isinstance(got, io.IOBase | socket.socket):
        got.close()
    return True


def _called(result: int) -> None:
    if result < 0:
        raise OSError("refused")


def _forked() -> None:
    if os.fork() == 0:
        os._exit(0)


def _gains_rights() -> None:
    """A program with more rights than this process would give them to it."""
    if "NoNewPrivs:\t1" in Path("/proc/self/status").read_text():
        raise OSError("refused")


def _shut() -> None:
    raise OSError("nothing is there")


def _foreign_descriptors() -> list[str]:
    """Open files besides the pipes to the parent, the scratch file for errors and /dev/null."""
    known = ("pipe:", "/dev/null", "/tmp/")
    links = [str(descriptor.readlink()) for descriptor in Path("/proc/self/fd").iterdir() if descriptor.is_symlink()]
    return [link for link in links if not link.startswith(known) and "/proc/" not in link]


def main(project: str, scratch: str, memory_bytes: str) -> None:
    """As the reader's own worker, with this way of reading."""
    worker.read_document = misbehave
    worker.main(project, scratch, memory_bytes)
