"""The tracking list as a file for spreadsheets: the rows of `chorus invoices list`, with the columns people ask for.

The list decides which rows there are, so filters and the viewer's rights are those of the list. UTF-8 with BOM, `;` and
decimal commas are what a French Excel expects; credit notes are negative, so that a column sums up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from include.application.listing import list_invoices, viewer_of
from include.application.storage_ports import Listings
from include.domain.configuration import Configuration
from include.domain.notification import PARIS, label, one_line
from include.domain.reasons import Language
from include.domain.wordings.export import COLUMNS
from include.domain.wordings.notification import STATUSES

_FORMULA = ("=", "+", "-", "@")
_AMOUNTS = frozenset({"total_excl_tax", "total_incl_tax", "amount_due"})


def export_invoices(
    listings: Listings,
    configuration: Configuration,
    *,
    language: Language,
    user: str | None = None,
    status: str | None = None,
    provider: str | None = None,
    from_date: dt.date | None = None,
    to_date: dt.date | None = None,
) -> list[dict[str, Any]]:
    """One mapping for each row of the list, keyed as COLUMNS; InputError for a provider that is none."""
    rows = list_invoices(
        listings,
        configuration,
        language=language,
        user=user,
        status=status,
        provider=provider,
        from_date=from_date,
        to_date=to_date,
    )
    details = listings.invoice_details(viewer_of(configuration, user), [row["id"] for row in rows])
    # what vanished between the two reads is no row any more
    return [_exported(row, details[row["id"]], language) for row in rows if row["id"] in details]


def to_csv(rows: Sequence[Mapping[str, Any]], language: Language) -> bytes:
    """The file; cells that a spreadsheet would run are written as texts."""
    import pandas as pd

    frame = pd.DataFrame([[_cell(row[name]) for name in COLUMNS] for row in rows], columns=_headings(language))
    return frame.to_csv(sep=";", index=False, lineterminator="\r\n").encode("utf-8-sig")


def _headings(language: Language) -> list[str]:
    return [label(COLUMNS, name, language) for name in COLUMNS]


def _exported(row: Mapping[str, Any], detail: Mapping[str, Any], language: Language) -> dict[str, Any]:
    found = {**detail, **{name: row[name] for name in ("provider", "invoice_number", "chorus_id", "status_at")}}
    found["recipient_siret"] = row["recipient_siret"] or detail["recipient_siret"]
    found["total_incl_tax"] = row["total_incl_tax"] or detail["total_incl_tax"]
    found["status"] = label(STATUSES, row["status"], language) if row["status"] else None
    for name in _AMOUNTS:
        found[name] = _signed(found[name], credit_note=detail["credit_note"])
    return found


def _signed(text: str | None, *, credit_note: bool) -> Decimal | str | None:
    if text is None:
        return None
    try:
        amount = abs(Decimal(text))
    except InvalidOperation:  # typed by a person and not judged yet
        return text
    return -amount if credit_note else amount


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(PARIS):%Y-%m-%d %H:%M}"
    text = "" if value is None else one_line(str(value))
    if not text.startswith(_FORMULA):
        return text
    quoted = text.replace('"', '""')
    return f'="{quoted}"'
