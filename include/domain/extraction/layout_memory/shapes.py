"""What a number looks like: its letters and signs as they are, its digits as nines (`FA-9999-999`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from include.domain.values import strip_accents

_RUN = re.compile(r"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]")
_LIKE = {"O": "O0", "0": "0OQD", "I": "I1l|", "1": "1Il|", "L": "Ll1I", "S": "S5", "5": "5S", "B": "B8", "8": "8B"}


def shape_of(value: str) -> str:
    """The shape of a number."""
    return re.sub(r"[0-9]", "9", " ".join(strip_accents(value).upper().split()))


def structure_of(shape: str) -> tuple[str, ...]:
    """The kinds of its runs: letters, digits, and each sign between them."""
    return tuple(_kind(run) for run in _RUN.findall(shape))


def pattern_of(shapes: Iterable[str]) -> re.Pattern[str] | None:
    """What matches a number of one of these shapes; None without any.

    A run of digits may be one digit longer or shorter. Letters that differ between shapes of one structure may be any.
    """
    structures: dict[tuple[str, ...], list[list[str]]] = {}
    for shape in shapes:
        structures.setdefault(structure_of(shape), []).append(_RUN.findall(shape))
    parts = ["".join(_run_pattern(list(runs)) for runs in zip(*known, strict=True)) for known in structures.values()]
    return _bounded("|".join(parts)) if parts else None


def _kind(run: str) -> str:
    return "9" if run[0] == "9" else "A" if run[0].isalpha() else run


def _run_pattern(runs: list[str]) -> str:
    first, lengths = runs[0], [len(run) for run in runs]
    if first[0] == "9":
        return f"[0-9]{{{max(1, min(lengths) - 1)},{max(lengths) + 1}}}"
    if first == " ":
        return r"\s?"
    if not first[0].isalpha():
        return rf"\s?{re.escape(first)}\s?"
    return re.escape(first) if len(set(runs)) == 1 else f"[A-Z]{{{min(lengths)},{max(lengths)}}}"


def pattern_of_value(value: str, *, scanned: bool) -> re.Pattern[str]:
    """What matches this very value however it is spaced; on a scan also with signs that look alike."""
    signs = [sign for sign in strip_accents(value).upper() if not sign.isspace()]
    written = (f"[{re.escape(_LIKE[sign])}]" if scanned and sign in _LIKE else re.escape(sign) for sign in signs)
    return _bounded(r"\s?".join(written))


def _bounded(pattern: str) -> re.Pattern[str]:
    """Never a part of a longer number: `C2026` is none in `C2026/17`."""
    before, after = r"(?<![0-9A-Za-z])(?<![0-9A-Za-z][/_.+-])", r"(?![0-9A-Za-z]|[/_.+-][0-9A-Za-z])"
    return re.compile(rf"{before}(?:{pattern}){after}", re.IGNORECASE)
