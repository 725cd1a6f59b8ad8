"""Pages written by hand: texts at places, one width for every sign, so that tests can say where things stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.domain.extraction.layout.cells import Layout
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.layout.rows import lines_of
from include.domain.extraction.read_fields import page_candidates
from include.domain.fields import Candidate, Value, VatRow, as_text
from include.domain.text import Page, TextSource, Word

Placed = tuple[float, float, str]
"""Left edge, upper edge, text."""

WIDTH, HEIGHT = 595.0, 842.0
SIZE = 10.0
SIGN = 5.0
"""Width of a sign; a blank in a text is as wide, half a height."""


def words(x: float, y: float, text: str, confidence: float = 1.0) -> list[Word]:
    """The words of a text."""
    found = []
    for part in text.split(" "):
        if part:
            box = (x, y, x + SIGN * len(part), y + SIZE)
            found.append(Word(text=part, box=box, confidence=confidence))
        x += SIGN * (len(part) + 1)
    return found


def page(*texts: Placed, number: int = 1, source: TextSource = TextSource.TEXT, confidence: float = 1.0) -> Page:
    """A page with these texts."""
    everything = [word for x, y, text in texts for word in words(x, y, text, confidence)]
    return Page(number=number, width=WIDTH, height=HEIGHT, source=source, lines=lines_of(everything))


def document(*texts: Placed, source: TextSource = TextSource.TEXT) -> LabelledPage:
    """A document of one page."""
    return LabelledPage(Layout([page(*texts, source=source)]))


def column(x: float, y: float, *texts: str) -> list[Placed]:
    """Texts under one another."""
    return [(x, y + 14 * index, text) for index, text in enumerate(texts)]


def read(
    *pages: Page, suppliers: Sequence[str] = (), recipients: Sequence[str] = ()
) -> dict[str, str | tuple[VatRow, ...]]:
    """The best value of each field, amounts and dates as text."""
    return {
        name: shown(found[0].value)
        for name, found in candidates(*pages, suppliers=suppliers, recipients=recipients).items()
    }


def shown(value: Value) -> str | tuple[VatRow, ...]:
    """Amounts and dates as text, so that tests are read as pages are."""
    return value if isinstance(value, tuple) else as_text(value)


def candidates(
    *pages: Page, suppliers: Sequence[str] = (), recipients: Sequence[str] = ()
) -> Mapping[str, tuple[Candidate, ...]]:
    """All candidates of each field."""
    return page_candidates(pages, supplier_sirets=frozenset(suppliers), recipient_sirets=frozenset(recipients))
