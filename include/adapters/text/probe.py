"""Can this machine recognise scans, and are the outside programs recent enough? Asked by `chorus doctor`."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from include.adapters.text.worker_process import WORKER_MEMORY, WorkerDiedError, WorkerProcess
from include.application.ports.checks import Check
from include.texts import Text, foreign_failure

CAGE = "reading processes"
ENGINE = "openvino"
PROGRAM = "tesseract"
LANGUAGE = "fra"
OLDEST = (5, 0)
"""What OCRmyPDF accepts begins at 4.1.1; the figures of this project were measured with 5.3."""

_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-fra"
_VERSION = re.compile(r"tesseract v?([0-9]+)\.([0-9]+)(\S*)")
_SECONDS = 20


def probe() -> Iterator[Check]:
    """The cage of the readers, the engine, Tesseract with its French data: the second reader, also for copies."""
    yield _cage()
    yield _engine()
    path = shutil.which(PROGRAM)
    if path is None:
        yield Check(
            name=PROGRAM,
            ok=False,
            seen=Text("check.not_found"),
            todo=Text("check.no_second_reader", {"command": _INSTALL}),
        )
        return
    yield _version(path)
    yield _language(path)


def _cage() -> Check:
    """Which walls stand around a process that reads foreign files, by starting one."""
    try:
        worker = WorkerProcess(WORKER_MEMORY)
    except (WorkerDiedError, OSError) as error:
        return Check(name=CAGE, ok=False, seen=foreign_failure(error), todo=Text("check.nothing_read"))
    worker.end()
    walls = worker.walls
    network = {"namespace": Text("check.own_network"), "system calls": Text("check.no_sockets")}
    stands = {
        "network": network.get(walls.network or "", Text("check.open")),
        "files": "Landlock" if walls.files else Text("check.open"),
        "calls": "seccomp" if walls.system_calls else Text("check.open"),
    }
    closed = walls.network is not None and walls.files and walls.system_calls
    todo = "" if closed else Text("check.cage_open")
    return Check(name=CAGE, ok=closed, seen=Text("check.cage", stands), todo=todo)


def _engine() -> Check:
    try:
        from include.adapters.text.recognition.models import Models

        return Check(name=ENGINE, ok=True, seen=Models().precision)
    except Exception as error:  # a missing library, a processor it does not know, a damaged model
        return Check(
            name=ENGINE,
            ok=False,
            seen=foreign_failure(error),
            todo=Text("check.no_engine"),
        )


def _version(path: str) -> Check:
    match = _VERSION.search(_output(path, "--version"))
    if match is None:
        return Check(
            name=PROGRAM,
            ok=False,
            seen=Text("check.no_version", {"path": path}),
            todo=Text("check.install", {"command": _INSTALL}),
        )
    version = (int(match.group(1)), int(match.group(2)))
    seen = f"{version[0]}.{version[1]}{match.group(3)} ({path})"
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        todo = Text("check.too_old", {"oldest": oldest, "command": _INSTALL})
        return Check(name=PROGRAM, ok=False, seen=seen, todo=todo)
    return Check(name=PROGRAM, ok=True, seen=seen)


def _language(path: str) -> Check:
    languages = [Path(line.strip()).name for line in _output(path, "--list-langs").splitlines()[1:] if line.strip()]
    name = f"{PROGRAM}-{LANGUAGE}"
    if LANGUAGE in languages:
        return Check(name=name, ok=True, seen=", ".join(languages))
    return Check(
        name=name,
        ok=False,
        seen=", ".join(languages) or Text("check.no_language"),
        todo=Text("check.no_french", {"command": _INSTALL}),
    )


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout or done.stderr
