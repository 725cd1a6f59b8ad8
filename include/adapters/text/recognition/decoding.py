"""From what the recogniser says about a line to words with places along it and confidences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WIDE_GAP = 1.25
"""Distance, in heights of the line, from which on a blank stands between two letters, seen or not."""

LIKELY_BLANK = 0.25
"""Likelihood from which on a blank is one: between two words it counts as much that they stand apart as what the
network prefers."""

APART = ":·•"
"""Signs that stand between words whatever the recogniser says of the blanks around them."""

_HALF_LETTER = 0.24
"""Half the width of a letter, in heights of the line, where no neighbour says it better."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, how surely, and the middle of it from the start of the line, in heights of the line."""

    text: str
    sure: float
    at: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A word: where it begins and ends along its line, in heights of the line, how sure its least sure letter is."""

    text: str
    start: float
    end: float
    sure: float


def letters_of(likely: npt.NDArray[np.float32], alphabet: Sequence[str], step: float) -> list[Letter]:
    """The letters by the CTC rule: at each step the likeliest sign, repetitions and the empty sign dropped.

    `step` is the width of a step in heights of the line. A letter seen over several steps stands in their middle. The
    last sign of the alphabet is the space.
    """
    best = likely.argmax(axis=1)
    space = likely.shape[1] - 1
    best[(best == 0) & (likely[:, space] >= LIKELY_BLANK)] = space
    found: list[Letter] = []
    begun = 0
    for index in range(len(best)):
        if index + 1 < len(best) and best[index + 1] == best[index]:
            continue
        if best[index]:
            sure = float(likely[begun : index + 1, best[index]].max())
            found.append(Letter(alphabet[best[index]], sure, (begun + index + 1) / 2 * step))
        begun = index + 1
    return found


def sureness(letters: Sequence[Letter]) -> float:
    """How sure the recogniser is of a line, on the average of its letters."""
    seen = [letter.sure for letter in letters if letter.text != " "]
    return sum(seen) / len(seen) if seen else 0.0


def pieces_of(letters: Sequence[Letter], length: float) -> Iterator[Piece]:
    """The words of a line that is so long."""
    for start, end in _runs(letters):
        word = letters[start:end]
        half = _half_letter(word)
        before = letters[start - 1].at if start else 0.0
        after = letters[end].at if end < len(letters) else length
        yield Piece(
            text="".join(letter.text for letter in word),
            start=max(before, word[0].at - half),
            end=min(after, word[-1].at + half),
            sure=min(letter.sure for letter in word),
        )


def _runs(letters: Sequence[Letter]) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of letters without a blank."""
    start: int | None = None
    for index, letter in enumerate(letters):
        if start is not None and (letter.text == " " or _stands_apart(letters[index - 1], letter)):
            yield start, index
            start = None
        if letter.text != " " and start is None:
            start = index
    if start is not None:
        yield start, len(letters)


def _stands_apart(before: Letter, letter: Letter) -> bool:
    """Whether a word ends between two neighbouring letters: `Date:2026` are three words, `12:30` is one."""
    if letter.at - before.at > WIDE_GAP:
        return True
    return (letter.text in APART and not before.text.isdigit()) or (before.text in APART and letter.text != "/")


def _half_letter(word: Sequence[Letter]) -> float:
    if len(word) < 2:
        return _HALF_LETTER
    return min(0.5, (word[-1].at - word[0].at) / (len(word) - 1) / 2)
