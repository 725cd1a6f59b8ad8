"""Lowest confidence with which a value goes out without a person, where the provider says nothing else.

Chosen on the corpus and on the development families as they were first read, before any rule was written for them
(`make accuracy` prints the table of today). Then a wrong total without its sum claimed .70 at most, a wrong recipient
.85, a wrong date .30, a wrong invoice number .70. Three things that were wrong and claimed more were mended by rules,
because no threshold would have caught them: one row of a VAT table taken for the totals (.98), a number cut before
`bis` (1.0), the number of another invoice in a list (.80). What a person types, metadata and embedded data are not
read, and are not asked. A service code is asked for less, because the recipient's own list in the directory has to hold
it as well.

`make calibrate` holds each threshold against `MOST_WRONG` on documents that no worth was fitted to. What was measured
is too little to show that one may be lower, so none was lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from include.domain.fields.registry import FIELDS

MOST_WRONG = 0.001
"""Share of the values sent with nobody looking that may be wrong. `make calibrate` says for each threshold how far what
was measured shows that."""

DEFAULT_CONFIDENCE: Mapping[str, float] = MappingProxyType(
    {field.name: field.confidence for field in FIELDS if field.confidence}
)
"""By field; others are not sent, or say nothing that could be wrong."""
