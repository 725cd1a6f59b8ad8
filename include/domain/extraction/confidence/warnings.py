"""Warnings about a document as a whole: several invoices in one file, text that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from include.domain.extraction.fields.amounts import amount_fields
from include.domain.extraction.fields.identifiers import invoice_numbers
from include.domain.extraction.layout.labelled_page import document_of
from include.domain.extraction.lexicon.patterns import Text, amounts
from include.domain.fields import Candidate
from include.domain.text import Page, Word
from include.domain.values import compact

TWO_INVOICES = "two_invoices"
HIDDEN_TEXT = "hidden_text"
XML_BROKEN = "facturx_unreadable"
RESTRICTED = "restricted"
ENGINE_REPLACED = "engine_replaced"
NO_ENGINE = "no_engine"
"""Codes of these warnings; their words stand in the catalogue `reason.po`. (`two_invoices` refuses the document.)"""

SURE = 0.7
"""From this weight of a label on, the number that it announces is the page's own."""

_LONG_NUMBER = re.compile(r"[0-9](?:[ .]?[0-9]){7,}")


def has_several_invoices(pages: Sequence[Page]) -> bool:
    """Whether pages carry different invoice numbers, each with a total of its own."""
    if len(pages) < 2:
        return False
    numbers = {number for page in pages if page.lines for number in _number_with_total(page)}
    return len(numbers) > 1


def _number_with_total(page: Page) -> Iterator[str]:
    document = document_of((page,))
    numbers = invoice_numbers(document)
    if not numbers or numbers[0].confidence < SURE:
        return
    totals = amount_fields(document)
    if _is_printed(totals.get("total_incl_tax", ())) and _is_printed(totals.get("total_excl_tax", ())):
        yield compact(str(numbers[0].value))


def _is_printed(candidates: Sequence[Candidate]) -> bool:
    return bool(candidates) and candidates[0].text is not None and candidates[0].confidence >= SURE


def hides_figures(hidden: str, shown: Page) -> bool:
    """Whether text that the page does not show holds other amounts or long numbers than it shows.

    Somebody may want them to be read. A copy of what is printed, as some programs put under their logo, is harmless.
    """
    secret, printed = _text(hidden.split()), _text(word.text for line in shown.lines for word in line.words)
    known = {abs(found.value) for found in amounts(printed)}
    if any(abs(found.value) not in known for found in amounts(secret)):
        return True
    digits = re.sub(r"\D", "", printed.plain)
    return any(re.sub(r"\D", "", match.group()) not in digits for match in _LONG_NUMBER.finditer(secret.plain))


def _text(parts: Iterable[str]) -> Text:
    return Text([Word(text=part, box=(0.0, 0.0, 0.0, 0.0)) for part in parts])
