"""Wordings as people write them, matched to the lines of the configuration.

Equal without case, accents and outer blanks comes first; then equal without punctuation and legal forms. A wording that
is merely similar is proposed to a person, never taken.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from include.domain.configuration import Recipient
from include.domain.values import fold

_COMPANIES = "sa sas sasu sarl eurl snc sci scp scs sca selarl selas scop scic gie"
_PUBLIC_BODIES = "gip gcs sem spl spla sivu sivom epa epic epci"
LEGAL_FORMS = frozenset(f"{_COMPANIES} {_PUBLIC_BODIES}".split())
"""Abbreviations that say what kind of body it is, not which one."""

_ARTICLES = "le la les l de du des d et un une a au aux monsieur madame mr mme"
_ROLES = "client clients acheteur destinataire facture facturation livraison adresse siege service services direction"
_OFFICES = "comptabilite achats fournisseurs finances generale general office public agence regie syndicat prefecture"
_BODIES = "mairie ville commune communaute communes conseil departemental regional centre hospitalier hopital ministere"
_SCHOOLS = "universite lycee college ecole"
GENERIC = frozenset(f"{_ARTICLES} {_ROLES} {_OFFICES} {_BODIES} {_SCHOOLS}".split())
"""Words that stand in the names of many bodies: a wording of nothing else names none of them."""

SIMILAR = 80
"""From this score of 100 on, a wording is worth proposing.

Measured on 41 spellings of 28 made-up bodies (abbreviations, slips, misread letters, words left out or added) and 30
strangers: by shared words (`token_set_ratio`) at 80, every body is proposed first and 6 strangers get a proposal; by
all words (`token_sort_ratio`) 10 of 41 bodies are missed. A person decides, so a body missed costs more.
"""

MOST_SIMILAR = 3
"""So many candidates are shown at most."""

Lines = Iterable[tuple[str, Iterable[str]]]
"""Keys (a SIRET, a service code) with the wordings that mean them."""

_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")
_PUNCTUATION = re.compile(r"[^a-z0-9]+")


@functools.lru_cache(maxsize=50_000)
def folded(wording: str) -> str:
    """The wording without case, accents and outer blanks."""
    return fold(wording)


@functools.lru_cache(maxsize=50_000)
def bare(wording: str) -> str:
    """The wording without punctuation and legal forms: `S.A. Mairie-d'Annecy` and `mairie d annecy` are the same."""
    plain = _PUNCTUATION.sub(" ", _INITIALS.sub(r"\1", folded(wording))).split()
    kept = [word for word in plain if word not in LEGAL_FORMS]
    return " ".join(kept or plain)


def forms(wording: str) -> tuple[str, ...]:
    """How a wording is compared: exact first, then bare; the mark keeps the two apart."""
    return tuple(form for form in (folded(wording), f"~{bare(wording)}") if form not in ("", "~"))


class Known:
    """Wordings and the keys that they mean, indexed so that thousands of them cost one look."""

    def __init__(self, lines: Lines) -> None:
        self.lines = [(key, tuple(texts)) for key, texts in lines]
        self._meanings: dict[str, dict[str, None]] = {}
        for key, texts in self.lines:
            for form in (form for text in texts for form in forms(text)):
                self._meanings.setdefault(form, {})[key] = None

    def match(self, wording: str) -> tuple[str, ...]:
        """The keys that the wording means: none, one, or several when it is ambiguous."""
        return next((tuple(self._meanings[form]) for form in forms(wording) if form in self._meanings), ())


def match_wording(wording: str, lines: Lines) -> tuple[str, ...]:
    """`Known.match` for a few lines that are asked once."""
    return Known(lines).match(wording)


def known_bodies(recipients: Sequence[Recipient]) -> Known:
    """The bodies of the configuration; the same sequence, asked for every invoice of a pass, is indexed once."""
    return _indexed(_Same(recipients))


class _Same:
    """A sequence compared by identity: comparing thousands of lines would cost more than the index saves."""

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        self.recipients = recipients

    def __hash__(self) -> int:
        return id(self.recipients)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.recipients is self.recipients


@functools.lru_cache(maxsize=2)
def _indexed(same: _Same) -> Known:
    return Known((recipient.siret, recipient.wordings) for recipient in same.recipients)


def is_generic(wording: str) -> bool:
    """Whether the wording would fit many bodies: `Le client`, `Mairie`, `Service comptabilité`."""
    return all(word in GENERIC or word in LEGAL_FORMS for word in bare(wording).split())


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A known wording that resembles the one asked for, what it means, and how close it is, out of 100."""

    key: str
    known: str
    score: int


def similar_wordings(wording: str, lines: Lines) -> tuple[Similar, ...]:
    """What a person may be offered for an unknown wording, the closest first, each key once."""
    from rapidfuzz import fuzz, process

    if is_generic(wording):
        return ()
    known = [(key, text) for key, texts in lines for text in texts]
    forms, asked = [bare(text) for _, text in known], bare(wording)
    close = process.extract(asked, forms, scorer=fuzz.token_set_ratio, score_cutoff=SIMILAR, limit=10 * MOST_SIMILAR)
    # among those that share as many words, the one with the fewest others
    close.sort(key=lambda found: (-round(found[1]), -fuzz.token_sort_ratio(asked, found[0]), found[2]))
    best: dict[str, Similar] = {}
    for _, score, place in close:
        key, text = known[place]
        best.setdefault(key, Similar(key=key, known=text, score=round(score)))
    return tuple(best.values())[:MOST_SIMILAR]
