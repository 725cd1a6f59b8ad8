"""Values of fields as people write them, from the form in which they are stored and in which JSON shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from include.domain.fields.registry import AMOUNT_FIELDS, DATE_FIELDS
from include.texts import Language, label, show_amount, show_date, translate


def shown_value(field: str, value: object, language: Language) -> str:
    """An amount or a date in the reader's way, rows of VAT (objects of rate, base and amount) in words; else itself."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [_vat_row(row, language) for row in value] or [""]
        return reduce(lambda one, other: translate("origin.vat_rows", language, first=one, second=other), rows)
    text = "" if value is None else str(value)
    if field in AMOUNT_FIELDS:
        return show_amount(text, language)
    if field == "type":
        return label("type", text, language)
    return show_date(text, language) if field in DATE_FIELDS else text


def _vat_row(row: object, language: Language) -> str:
    return translate("origin.vat_row", language, **row) if isinstance(row, Mapping) else str(row)
