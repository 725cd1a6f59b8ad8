"""Words of a page as keys that can be kept.

Only words that invoices in general are made of are kept as they are. Any other word may be a name, so it is kept as a
short digest, which can be compared and not read. Look-alike signs count as one, so that scans compare with digital
pages.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from include.domain.extraction.fields.address import CITY, PERSON, STREET
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.label_matching import VOCABULARY, mend
from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS
from include.domain.extraction.lexicon.lookalikes import shape
from include.domain.extraction.lexicon.tokens import SKIPPED, tokens_of
from include.domain.text import Box, union
from include.domain.values import fold

LONGEST = 6
"""Words of a label; more are a sentence."""

_LETTERS = re.compile(r"[a-z]{2}")
_PRIVATE = re.compile(r"@|www\.")


@dataclass(frozen=True, slots=True)
class Key:
    """One word as a key, and which word of its cell it is."""

    text: str
    word: int


@lru_cache(maxsize=20_000)
def key_of(token: str) -> str:
    """The key of a token."""
    if token in VOCABULARY or token in LANGUAGE_WORDS or f"{token}s" in LANGUAGE_WORDS:
        return token
    return "#" + hashlib.sha256(shape(token).encode()).hexdigest()[:8]


def keys_of(cell: Cell) -> list[Key]:
    """The words of a cell that have letters and no digit; small words only where there are no others."""
    tokens = [token for token in tokens_of(cell.words, mend) if token.text.isalpha() and _LETTERS.search(token.text)]
    telling = [token for token in tokens if token.text not in SKIPPED]
    return [Key(key_of(token.text), token.word) for token in telling or tokens]


def may_be_label(cell: Cell) -> bool:
    """Whether a cell may be kept as an anchor: no sentence, no line of an address, no person."""
    folded = fold(cell.text)
    if len(cell.words) > LONGEST or _PRIVATE.search(folded):
        return False
    return not (CITY.search(folded) or STREET.search(folded) or PERSON.search(folded))


def box_of(cell: Cell, keys: list[Key]) -> Box:
    """The box around some words of a cell."""
    return union(cell.words[key.word].box for key in keys)
