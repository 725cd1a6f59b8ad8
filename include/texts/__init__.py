"""Every text that a person reads, by its code, in French and English.

The texts stand in gettext catalogues, `include/locale/<language>/LC_MESSAGES/<part>.po`; the part is what a code begins
with: `reason.two_invoices` stands in reason.po. Rules and use cases hand on codes and parameters; whoever shows them to
a person (a mail, a screen, the command line) asks here for the words.
"""

from __future__ import annotations

from include.texts.catalogue import (
    LANGUAGES,
    Language,
    Spoken,
    Text,
    has_text,
    label,
    restored,
    said,
    translate,
    translate_stored,
)
from include.texts.stored import said_stored, store
from include.texts.system import foreign_failure, os_failure
from include.texts.values import show_amount, show_date, show_moment, show_time

__all__ = [
    "LANGUAGES",
    "Language",
    "Spoken",
    "Text",
    "foreign_failure",
    "has_text",
    "label",
    "os_failure",
    "restored",
    "said",
    "said_stored",
    "show_amount",
    "show_date",
    "show_moment",
    "show_time",
    "store",
    "translate",
    "translate_stored",
]
