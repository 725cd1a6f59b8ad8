"""The fingerprint of a document: which words stand where on its first page.

Numbers, dates and whatever else has digits differ from invoice to invoice, and so do the lines of articles: lines with
an amount do not count. The recipient differs too, so only a part of the words has to come again. Heights are not
compared: tables grow. Left edges are, with room for pages that were scanned askew.
"""

from __future__ import annotations

import re

from include.domain.extraction.layout_memory.example import Fingerprint
from include.domain.extraction.layout_memory.index import Index

MOST_WORDS = 150
LEAST_WORDS = 6
"""A page with fewer words has no fingerprint."""

ROOM = 4
"""By how many hundredths of the page's width a word may have moved: a page askew by two degrees moves its ends so."""

SAME = 0.6
"""Share of the words of the poorer page that the other one has at the same place. Measured on sixty made families:
invoices of one family share four fifths and more; of two families under one letterhead about half."""

_AMOUNT = re.compile(r"[0-9][.,][0-9]{2}(?![0-9])")


def fingerprint_of(index: Index) -> Fingerprint:
    """The fingerprint of a document's first page."""
    width = index.widths[index.first_page]
    cells = [(cell, keys) for cell, keys in index.cells if cell.page == index.first_page]
    priced = {cell.row for cell, _ in cells if _AMOUNT.search(cell.text)}
    words = [
        (key.text, round(100 * cell.words[key.word].box[0] / width))
        for cell, keys in cells
        if cell.row not in priced
        for key in keys
        if len(key.text) > 2
    ]
    return Fingerprint(words=tuple(dict.fromkeys(words[:MOST_WORDS])))


def likeness(one: Fingerprint, other: Fingerprint) -> float:
    """Which share of the words of the page with fewer words stands on the other page too."""
    fewer, more = sorted((one.words, other.words), key=len)
    if len(fewer) < LEAST_WORDS:
        return 0.0
    places: dict[str, list[int]] = {}
    for word, left in more:
        places.setdefault(word, []).append(left)
    shared = sum(any(abs(left - other) <= ROOM for other in places.get(word, ())) for word, left in fewer)
    return shared / len(fewer)


def same_layout(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two documents were made by the same template."""
    return likeness(one, other) >= SAME
