"""Words of a cell turned into the tokens in which labels are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from include.domain.text import Word
from include.domain.values import strip_accents

SKIPPED = frozenset({"a", "au", "aux", "d", "de", "des", "du", "l", "la", "le", "les", "of", "the"})
"""Words that a label may or may not have between its own: `date de la facture` is `date facture`."""

ANY = "…"
"""In a label: one to three words of any kind (`total … ht` is also `total travaux HT`)."""

SEPARATORS = frozenset("|;•·")
"""Between two parts of a line, which no label spans: a token of their own."""

SHORT_FOR = {
    "cde": "commande",
    "cmde": "commande",
    "dt": "date",
    "ech": "echeance",
    "eng": "engagement",
    "engt": "engagement",
    "exec": "executant",
    "fact": "facture",
    "mche": "marche",
    "mnt": "montant",
    "mt": "montant",
    "ref": "reference",
    "serv": "service",
    "tot": "total",
}
"""Abbreviations of words in labels, without accents; labels need not be written for both."""

_NUMBER_WORDS = frozenset({"n", "no", "nr", "num", "numero", "number"})
_TOKEN = re.compile(r"[a-z0-9](?:[a-z0-9_]*[a-z0-9])?")
"""A code like `SERVICE_ACHATS` is one token: it is a value, not a label."""

_NUMBER_SIGN = re.compile(r"\bn\s?[°*']|\bn\?(?=\s|$)|№|#")
_ABBREVIATION = re.compile(r"\b([a-z])\.(?=[a-z]\b)")
_JOINED = re.compile(r"[a-z0-9]+(?:[-/_.][a-z0-9]+)+(?![,%])")
"""`2026-ej-0042`: an identifier whose parts are joined; no rate and no amount behind a word (`TVA-20%`)."""

_CAPITALS = re.compile(r"[A-Z]{2,5}")

_LONGEST_PREFIX = 4
"""Letters of what begins an identifier (`BDC-2026-17`); a longer word is a label before its value (`Commande-17`)."""
_DUE = re.compile(r"\bdû(e?s?)\b")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, the index of the word it stands in, and where in that word it ends."""

    text: str
    word: int
    end: int


def tokens_of(words: Sequence[Word], correct: Callable[[str], tuple[str, ...]] | None = None) -> list[Token]:
    """The tokens of some words; `correct` may mend a token that was misread, or part two that were run together.

    Capitals that a colon announces and nothing follows are a value (`Code service : NUM`), whatever they are short for.
    """
    found: list[Token] = []
    for index, word in enumerate(words):
        plain = plain_letters(word.text)
        if index and index == len(words) - 1 and words[index - 1].text.endswith(":") and _CAPITALS.fullmatch(word.text):
            found.append(Token(f"{plain}-", index, len(plain)))
            continue
        if found and word.text in SEPARATORS:
            found.append(Token(word.text, index, len(word.text)))
        for match in _TOKEN.finditer(plain):
            text = normal(match.group()) if not _is_part_of_code(plain, match) else match.group() + "-"
            found.extend(Token(part, index, match.end()) for part in (correct(text) if correct else (text,)))
    return found


def _is_part_of_code(plain: str, match: re.Match[str]) -> bool:
    """Whether letters are a part of an identifier (`N-2`, `FA-NO-15`, `2026-EJ-0042`), not a word of a label."""
    if not match.group().isalpha():
        return False
    for whole in _JOINED.finditer(plain):
        if whole.start() <= match.start() < whole.end() and any(sign.isdigit() for sign in whole.group()):
            inside = any(sign.isdigit() for sign in plain[whole.start() : match.start()])
            return inside or len(match.group()) <= _LONGEST_PREFIX or match.group() in _NUMBER_WORDS
    return False


@lru_cache(maxsize=8192)
def plain_letters(text: str) -> str:
    """Lower case without accents, of the same length wherever the original signs have one letter each.

    `N°` becomes `n ` and `T.V.A.` `tva`; `dû` (owed) is kept apart from `du` (of the).
    """
    text = strip_accents(_DUE.sub("due", text.lower()))
    text = _NUMBER_SIGN.sub(lambda match: "n".ljust(len(match.group())), text)
    return _ABBREVIATION.sub(r"\1", text)


def normal(token: str) -> str:
    """One spelling for the ways to write `number`, for abbreviations, and for singular and plural."""
    if token in _NUMBER_WORDS:
        return "n"
    if token in SHORT_FOR:
        return SHORT_FOR[token]
    return token[:-1] if len(token) > 3 and token.endswith("s") and token.isalpha() else token


def label_tokens(wording: str) -> tuple[str, ...]:
    """A label's wording, as written in the table, in tokens."""
    parts = (
        part for word in wording.split() for part in ([ANY] if word == ANY else _TOKEN.findall(plain_letters(word)))
    )
    return tuple(part if part == ANY else normal(part) for part in parts if part not in SKIPPED)
