"""Whether a font draws its signs as what it says they are, told by their shapes.

A font with a wrong map gives other numbers than the page shows, in perfect order (`G37112` for `F26001`). Outlines
tell: a 0 has two, a 1 has one, an 8 has three, in nearly every font there is. A font that writes words which we know
is believed without a look at its shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS

OUTLINES: Mapping[str, frozenset[int]] = {
    **dict.fromkeys("12357CEFHKLMNSTUVXYZ", frozenset({1})),
    **dict.fromkeys("069ADOPR", frozenset({2})),
    **dict.fromkeys("4", frozenset({1, 2})),
    **dict.fromkeys("8B", frozenset({3})),
}
"""How many outlines a sign may have; signs that differ from font to font are left out."""

LEAST_WRONG = 2
"""Signs of a font that are drawn as others; a single one may be a fancy letter."""

WRONG_SHARE = 0.25

LONG_WORD = 4
"""Letters of a word that does not come about by accident; so many different ones prove a map."""
PROVEN_BY = 3


class FontCheck:
    """The signs that each font of a page is used for, as far as they can be told by their outlines."""

    def __init__(self) -> None:
        self._fonts: dict[int, Any] = {}
        self._signs: dict[int, set[str]] = {}
        self._words: dict[int, set[str]] = {}

    def saw(self, key: int, font: Any, word: str) -> None:
        """A word in a font; `key` tells one font from another."""
        self._fonts[key] = font
        if any(map(str.isdigit, word)):
            self._signs.setdefault(key, set()).update(sign for sign in word if sign in OUTLINES)
        elif len(word) >= LONG_WORD and (plain := word.lower().rstrip(".:,")) in LANGUAGE_WORDS:
            self._words.setdefault(key, set()).add(plain)

    def wrong(self) -> frozenset[int]:
        """Keys of the fonts that draw other signs than they say."""
        doubtful = {key: signs for key, signs in self._signs.items() if len(self._words.get(key, ())) < PROVEN_BY}
        return frozenset(key for key, signs in doubtful.items() if _is_wrong(self._fonts[key], signs))


def _is_wrong(font: Any, signs: set[str]) -> bool:
    drawn = {sign: outlines for sign in signs if (outlines := _outlines(font, sign))}
    wrong = sum(outlines not in OUTLINES[sign] for sign, outlines in drawn.items())
    return wrong >= LEAST_WRONG and wrong >= WRONG_SHARE * len(drawn)


def _outlines(font: Any, sign: str) -> int:
    """How many closed lines the sign is drawn with; 0 where the font does not tell."""
    import pypdfium2.raw as pdfium_c

    path = pdfium_c.FPDFFont_GetGlyphPath(font, ord(sign), 10.0)
    if not path:
        return 0
    parts = range(pdfium_c.FPDFGlyphPath_CountGlyphSegments(path))
    kinds = (pdfium_c.FPDFPathSegment_GetType(pdfium_c.FPDFGlyphPath_GetGlyphPathSegment(path, part)) for part in parts)
    return sum(kind == pdfium_c.FPDF_SEGMENT_MOVETO for kind in kinds)
