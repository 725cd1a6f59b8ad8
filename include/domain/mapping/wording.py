"""Wordings as people write them, matched to the lines of the configuration.

Equal without case, accents and outer blanks comes first; then equal without punctuation and legal forms. A wording that
is merely similar is proposed to a person, never taken.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from include.domain.values import fold

_COMPANIES = "sa sas sasu sarl eurl snc sci scp scs sca selarl selas scop scic gie"
_PUBLIC_BODIES = "gip gcs sem spl spla sivu sivom epa epic epci"
LEGAL_FORMS = frozenset(f"{_COMPANIES} {_PUBLIC_BODIES}".split())
"""Abbreviations that say what kind of body it is, not which one."""

SIMILAR = 85
"""From this score of 100 on, a wording is worth proposing."""

Lines = Iterable[tuple[str, Iterable[str]]]
"""Keys (a SIRET, a service code) with the wordings that mean them."""

_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")
_PUNCTUATION = re.compile(r"[^a-z0-9]+")


@functools.lru_cache(maxsize=50_000)
def _folded(wording: str) -> str:
    return fold(wording)


@functools.lru_cache(maxsize=50_000)
def bare(wording: str) -> str:
    """The wording without punctuation and legal forms: `S.A. Mairie-d'Annecy` and `mairie d annecy` are the same."""
    plain = _PUNCTUATION.sub(" ", _INITIALS.sub(r"\1", _folded(wording))).split()
    kept = [word for word in plain if word not in LEGAL_FORMS]
    return " ".join(kept or plain)


def match_wording(wording: str, lines: Lines) -> tuple[str, ...]:
    """The keys that the wording means: none, one, or several when it is ambiguous."""
    known = [(key, text) for key, texts in lines for text in texts]
    for form in (_folded, bare):
        wanted = form(wording)
        found = dict.fromkeys(key for key, text in known if wanted and form(text) == wanted)
        if found:
            return tuple(found)
    return ()


def closest_wording(wording: str, lines: Lines) -> tuple[str, str] | None:
    """The most similar known wording as (key, wording), if any is similar enough to be proposed to a person."""
    from rapidfuzz import fuzz, process

    known = [(key, text) for key, texts in lines for text in texts]
    forms = [bare(text) for _, text in known]
    best = process.extractOne(bare(wording), forms, scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR)
    return None if best is None else known[best[2]]
