"""Finds the labels of the tables among the tokens of a cell."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from include.domain.extraction.lexicon.excluded_labels import EXCLUDED_LABELS
from include.domain.extraction.lexicon.labels import LABELS
from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS
from include.domain.extraction.lexicon.tokens import ANY, SHORT_FOR, SKIPPED, Token, label_tokens, normal
from include.domain.text import Word
from include.domain.values import fold

EXCLUDED = ""

MOST_BETWEEN = 3
"""Words that `…` in a label may stand for."""

NOT_BETWEEN = frozenset(
    {
        "acompte",
        "anterieur",
        "anterieure",
        "avance",
        "cumul",
        "cumule",
        "deja",
        "general",
        "hors",
        "ht",
        "initial",
        "marche",
        "n",
        "paye",
    }
    | {
        "precedent",
        "precedente",
        "remise",
        "report",
        "retenue",
        "sans",
        "situation",
        "solde",
        "tax",
        "taxe",
        "ttc",
        "tva",
        "vat",
    }
)
"""Words that say that another sum follows, so that `…` does not stand for them."""

MISREAD_WORDS = {"tfc": "ttc", "tte": "ttc", "ftc": "ttc", "itc": "ttc", "t1c": "ttc", "tvà": "tva", "iva": "tva"}
"""Short words of labels as OCR misreads them; longer ones are mended by their distance from the label words."""


_GLUED = re.compile(r"(?P<value>\S*[0-9])(?P<label>[^\W\d_]{4,}|(?<=[0-9]{3})(?:du|le)):?")


@dataclass(frozen=True, slots=True)
class Label:
    """One wording in tokens, the field it announces (or none), and how surely."""

    field: str
    tokens: tuple[str, ...]
    weight: float

    @property
    def rank(self) -> tuple[int, bool]:
        """What is compared where several fit: the longest first, an exact one before one with `…`."""
        return (-sum(token != ANY for token in self.tokens), ANY in self.tokens)


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """Labels seen among tokens: one wording may announce several fields. Positions of its first token and after it."""

    labels: tuple[Label, ...]
    start: int
    end: int


def _by_first_token() -> dict[str, list[Label]]:
    table: dict[str, list[Label]] = defaultdict(list)
    for field, wordings in (*LABELS.items(), (EXCLUDED, dict.fromkeys(EXCLUDED_LABELS, 1.0))):
        for wording, weight in wordings.items():
            tokens = label_tokens(wording) or tuple(wording.split())
            table[tokens[0]].append(Label(field, tokens, weight))
    for labels in table.values():
        labels.sort(key=lambda label: (*label.rank, -label.weight))
    return dict(table)


_TABLE = _by_first_token()
VOCABULARY = frozenset(token for labels in _TABLE.values() for label in labels for token in label.tokens) - {ANY}
_LONG_WORDS = sorted(token for token in VOCABULARY if len(token) >= 5)


@lru_cache(maxsize=20_000)
def mend(token: str) -> tuple[str, ...]:
    """A misread token of a scan: the label word that differs by one sign, or the two that were run together."""
    if token in MISREAD_WORDS:
        return (MISREAD_WORDS[token],)
    if len(token) < 5 or token in VOCABULARY or token in LANGUAGE_WORDS or not token.isalpha():
        return (token,)
    for cut in range(2, len(token) - 1):
        parts = (normal(token[:cut]), normal(token[cut:]))
        if not {token[:cut], token[cut:]} & SHORT_FOR.keys() and all(
            part in VOCABULARY and part not in SKIPPED for part in parts
        ):
            return parts
    found = process.extractOne(token, _LONG_WORDS, scorer=OSA.distance, score_cutoff=1)
    return (found[0],) if found else (token,)


def parted(word: Word) -> tuple[Word, ...]:
    """A word of a scan behind which the next label was run on (`2026-17DATE`), as the two that it is."""
    glued = _GLUED.fullmatch(word.text)
    if glued is None or (len(glued["label"]) > 2 and normal(fold(glued["label"])) not in VOCABULARY):
        return (word,)
    left, top, right, bottom = word.box
    cut = left + (right - left) * len(glued["value"]) / len(word.text)
    value = Word(text=glued["value"], box=(left, top, cut, bottom), confidence=word.confidence)
    return (
        value,
        Word(text=word.text[len(glued["value"]) :], box=(cut, top, right, bottom), confidence=word.confidence),
    )


def match_labels(tokens: list[Token]) -> list[LabelMatch]:
    """The labels among tokens from left to right, at each place the longest that fits."""
    found: list[LabelMatch] = []
    position = 0
    while position < len(tokens):
        fit = _fit(tokens, position)
        if fit is None:
            position += 1
        else:
            found.append(fit)
            position = fit.end
    return found


def _fit(tokens: list[Token], position: int) -> LabelMatch | None:
    labels: list[Label] = []
    reached = position
    for label in _TABLE.get(tokens[position].text, ()):
        if labels and label.rank > labels[0].rank:
            break
        end = _end_of(label, tokens, position)
        if end and label.field not in {seen.field for seen in labels}:
            labels.append(label)
            reached = end
    while labels and reached < len(tokens) and _is_small_word(tokens, reached):
        reached += 1  # `à régler avant` may be followed by `le`
    return LabelMatch(tuple(labels), position, reached) if labels else None


def _is_small_word(tokens: list[Token], index: int) -> bool:
    """Whether a token is a small word by itself, not the beginning of an identifier (`A-0042`)."""
    alone = all(other.word != tokens[index].word for other in tokens[index + 1 : index + 2])
    return alone and tokens[index].text in SKIPPED


def _end_of(label: Label, tokens: list[Token], position: int) -> int | None:
    """Where the label ends if it begins at this position; small words between its tokens are passed over."""
    index = position
    for place, wanted in enumerate(label.tokens):
        if wanted == ANY:
            found = _after_any(tokens, index, label.tokens[place + 1])
            if found is None:
                return None
            index = found
            continue
        while position < index < len(tokens) and tokens[index].text != wanted and tokens[index].text in SKIPPED:
            index += 1
        if index >= len(tokens) or tokens[index].text != wanted:
            return None
        index += 1
    return index


def _after_any(tokens: list[Token], index: int, wanted: str) -> int | None:
    """Where the word behind `…` stands: a few words on, none of which says that another sum follows."""
    passed = 0
    while index < len(tokens) and tokens[index].text != wanted:
        text = tokens[index].text
        passed += text not in SKIPPED
        if text in NOT_BETWEEN or not text.isalpha() or passed > MOST_BETWEEN:
            return None
        index += 1
    return index if passed and index < len(tokens) else None
