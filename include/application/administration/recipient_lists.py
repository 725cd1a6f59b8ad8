"""The administrator's list of recipients as pages with search: what is configured, learned, or merely proposed.

The lists are short beside those of invoices and stand in the configuration, so they are searched and cut in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from include.application.administration.recipients import Row, Suggestion, list_suggestions, rows_of, use_of
from include.application.ports.paging import Key, Page, PageRequest, page_of
from include.application.ports.recipients import LearnedRecipients, StoredLine
from include.domain.configuration import Configuration
from include.domain.rights import Viewer
from include.domain.values import fold

Shown = TypeVar("Shown")

SORTS: dict[str, type[Key]] = {"position": int, "wording": str, "siret": str}
"""`position`: as the list stands in the configuration, by environment and wording, or the closest first."""


@dataclass(frozen=True, kw_only=True)
class LearnedRow:
    """A learned line; `use`: whether mapping uses it, and why not (`use_of`)."""

    line: StoredLine
    use: str


@dataclass(frozen=True, kw_only=True)
class RecipientLists:
    """The three lists, over one revision of the configuration.

    The first two are for who administers; suggestions for whoever sees the invoices that wait. `text`: part of a
    wording, or of a SIRET or service code; None: all. InputError for a sort that is none of SORTS, or a torn cursor.
    """

    configuration: Configuration
    learned: LearnedRecipients

    def configured(self, viewer: Viewer, text: str | None, request: PageRequest) -> Page[Row]:
        """What a person set."""
        rows = rows_of(self.configuration.recipients) if viewer.administers else []
        return _page(
            [
                _Place(row=row, position=position, wording=row.wording or row.service_wording, siret=row.siret)
                for position, row in enumerate(rows)
                if _has(text, row.wording, row.service_wording, row.siret, row.service_code)
            ],
            request,
        )

    def learned_lines(self, viewer: Viewer, text: str | None, request: PageRequest) -> Page[LearnedRow]:
        """What was learned from what the platform took."""
        lines = self.learned.lines() if viewer.administers else []
        recipients = self.configuration.recipients
        return _page(
            [
                _Place(
                    row=LearnedRow(line=line, use=use_of(line, lines, recipients)),
                    position=position,
                    wording=line.wording,
                    siret=line.siret,
                )
                for position, line in enumerate(lines)
                if _has(text, line.wording, line.siret, line.service_code)
            ],
            request,
        )

    def suggestions(self, viewer: Viewer, text: str | None, request: PageRequest) -> Page[Suggestion]:
        """What unknown wordings may mean."""
        return _page(
            [
                _Place(row=proposed, position=position, wording=proposed.wording, siret=proposed.siret or "")
                for position, proposed in enumerate(list_suggestions(self.learned, viewer))
                if _has(text, proposed.wording, proposed.siret, proposed.known)
            ],
            request,
        )


def suggestion_row(proposed: Suggestion) -> dict[str, Any]:
    """A suggestion as programs read it."""
    return {
        "id": proposed.id,
        "wording": proposed.wording,
        "siret": proposed.siret,
        "known": proposed.known,
        "score": proposed.score,
        "invoices": proposed.invoice_ids,
        "documents": proposed.document_ids,
    }


@dataclass(frozen=True, kw_only=True)
class _Place(Generic[Shown]):
    """A row with what it is sorted by."""

    row: Shown
    position: int
    wording: str
    siret: str


def _page(places: Sequence[_Place[Shown]], request: PageRequest) -> Page[Shown]:
    page = page_of(places, request, SORTS)
    return Page(items=tuple(place.row for place in page.items), after=page.after, before=page.before)


def _has(text: str | None, *values: str | None) -> bool:
    wanted = fold(text or "")
    return not wanted or any(wanted in fold(value) for value in values if value)
