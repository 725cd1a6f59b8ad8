"""Can this machine recognise scans, and are the outside programs recent enough? Asked by `chorus doctor`."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from include.application.doctor import Check

ENGINE = "openvino"
PROGRAM = "tesseract"
LANGUAGE = "fra"
OLDEST = (5, 0)
"""What OCRmyPDF accepts begins at 4.1.1; the figures of this project were measured with 5.3."""

_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-fra"
_VERSION = re.compile(r"tesseract v?([0-9]+)\.([0-9]+)(\S*)")
_SECONDS = 20


def probe() -> Iterator[Check]:
    """The engine, then Tesseract and its French data: the second reader of scans, needed for searchable copies too."""
    yield _engine()
    path = shutil.which(PROGRAM)
    if path is None:
        yield Check(name=PROGRAM, ok=False, seen="not found", todo=f"Doubtful values have no second reader: {_INSTALL}")
        return
    yield _version(path)
    yield _language(path)


def _engine() -> Check:
    try:
        from include.adapters.text.recognition.models import Models

        return Check(name=ENGINE, ok=True, seen=Models().precision)
    except Exception as error:  # a missing library, a processor it does not know, a damaged model
        return Check(
            name=ENGINE,
            ok=False,
            seen=f"{type(error).__name__}: {error}",
            todo="Tesseract reads scans instead, and misreads more: install the locked packages (`make setup`).",
        )


def _version(path: str) -> Check:
    match = _VERSION.search(_output(path, "--version"))
    if match is None:
        return Check(name=PROGRAM, ok=False, seen=f"{path} does not say its version", todo=_INSTALL)
    version = (int(match.group(1)), int(match.group(2)))
    seen = f"{version[0]}.{version[1]}{match.group(3)} ({path})"
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return Check(name=PROGRAM, ok=False, seen=seen, todo=f"Install Tesseract {oldest} or newer: {_INSTALL}")
    return Check(name=PROGRAM, ok=True, seen=seen)


def _language(path: str) -> Check:
    languages = [Path(line.strip()).name for line in _output(path, "--list-langs").splitlines()[1:] if line.strip()]
    name = f"{PROGRAM}-{LANGUAGE}"
    if LANGUAGE in languages:
        return Check(name=name, ok=True, seen=", ".join(languages))
    return Check(
        name=name,
        ok=False,
        seen=", ".join(languages) or "no language data",
        todo=f"French invoices cannot be recognised: {_INSTALL}",
    )


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout or done.stderr
