"""The tracking list as a table for files: the rows of `chorus invoices list`, with the columns people ask for.

The list decides which rows there are, so filters and the viewer's rights are those of the list. Credit notes are
negative, so that a column sums up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from include.application.listing import Filters, provider_key, provider_name, viewer_of
from include.application.storage_ports import Listings
from include.application.table_port import Column, Kind
from include.domain.configuration import Configuration
from include.domain.notification import label
from include.domain.reasons import Language
from include.domain.wordings.export import COLUMNS
from include.domain.wordings.notification import STATUSES

BATCH = 1000

_KINDS = {
    "issue_date": Kind.DATE,
    "deposited_on": Kind.DATE,
    "total_excl_tax": Kind.AMOUNT,
    "total_incl_tax": Kind.AMOUNT,
    "amount_due": Kind.AMOUNT,
    "status_at": Kind.TIME,
    "chorus_id": Kind.ID,
}
_OF_THE_LIST = ("invoice_number", "chorus_id", "status", "status_at")
_FIRST_OF_THE_LIST = ("recipient_siret", "total_incl_tax")


def columns(language: Language) -> list[Column]:
    """Every column, with its heading in this language."""
    return [
        Column(name=name, heading=label(COLUMNS, name, language), kind=_KINDS.get(name, Kind.TEXT)) for name in COLUMNS
    ]


def export_invoices(
    listings: Listings,
    configuration: Configuration,
    wanted: Filters,
    *,
    language: Language | None,
    user: str | None = None,
) -> Iterator[list[dict[str, Any]]]:
    """The rows, batch by batch, keyed as COLUMNS; statuses in words, or as codes where no language is given.

    InputError, before the first batch, for a provider that is none.
    """
    viewer, key = viewer_of(configuration, user), provider_key(configuration, wanted.provider)

    def batches() -> Iterator[list[dict[str, Any]]]:
        after = 0
        while rows := listings.invoices(
            viewer,
            status=wanted.status,
            provider_key=key,
            from_date=wanted.from_date,
            to_date=wanted.to_date,
            after=after,
            limit=BATCH,
        ):
            after = rows[-1]["id"]
            details = listings.invoice_details(viewer, [row["id"] for row in rows])
            # what vanished between the two reads is no row any more
            yield [_exported(row, details[row["id"]], configuration, language) for row in rows if row["id"] in details]

    return batches()


def _exported(
    row: Mapping[str, Any], detail: Mapping[str, Any], configuration: Configuration, language: Language | None
) -> dict[str, Any]:
    found = {**detail, **{name: row[name] for name in _OF_THE_LIST}}
    found.update((name, row[name]) for name in _FIRST_OF_THE_LIST if row[name])
    found["provider"] = provider_name(configuration, row["provider_key"])
    if found["status"] and language is not None:
        found["status"] = label(STATUSES, found["status"], language)
    for name, kind in _KINDS.items():
        if kind is Kind.AMOUNT:
            found[name] = _signed(found[name], credit_note=detail["credit_note"])
        elif kind is Kind.DATE:
            found[name] = _day(found[name])
    return found


def _signed(text: str | None, *, credit_note: bool) -> Decimal | str | None:
    if text is None:
        return None
    try:
        amount = abs(Decimal(text))
    except InvalidOperation:  # typed by a person and not judged yet
        return text
    if not amount.is_finite():
        return text
    return -amount if credit_note else amount


def _day(value: dt.date | str | None) -> dt.date | None:
    """A document's date is a text, the platform's a date."""
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
