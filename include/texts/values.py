"""Amounts and dates as people write them, from values or from their canonical texts (`1800.00`, `2026-11-18`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_DATES = {"fr": "dd/MM/yyyy", "en": "d MMM yyyy"}
_TIMES = {"fr": "HH'\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}'mm", "en": "HH:mm"}
_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def show_amount(value: object, language: str) -> str:
    """`1 800,00` or `1,800.00`; a text that is no canonical amount stays as it is."""
    from babel.numbers import format_decimal

    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return text
    amount = Decimal(found.group())
    decimals = max(2, -int(amount.normalize().as_tuple().exponent))
    pattern = "#,##0." + "0" * decimals
    return format_decimal(amount, pattern, locale=_LOCALES[language])


def show_date(value: object, language: str) -> str:
    """`18/11/2026` or `18 Nov 2026`; a text that is no canonical date stays as it is."""
    from babel.dates import format_date

    text = str(value)
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    day = dt.date.fromisoformat(found.group())
    return format_date(day, _DATES[language], locale=_LOCALES[language])


def show_moment(value: object, language: str) -> str:
    """`18/11/2026 09 h 30` or `18 Nov 2026 09:30` in Paris, from an aware datetime or `2026-11-18 09:30` of Paris."""
    from babel.dates import format_datetime

    if not isinstance(value, dt.datetime):
        text = str(value)
        if not _MOMENT.fullmatch(text):
            return text
        value = dt.datetime.fromisoformat(text).replace(tzinfo=_PARIS)
    return format_datetime(value, f"{_DATES[language]} {_TIMES[language]}", tzinfo=_PARIS, locale=_LOCALES[language])


def show_time(value: dt.datetime, language: str) -> str:
    """`09 h 41` or `09:41` in Paris."""
    from babel.dates import format_datetime

    return format_datetime(value, _TIMES[language], tzinfo=_PARIS, locale=_LOCALES[language])


def show_number(value: object, language: str) -> str:
    """A number that is no amount, such as megabytes: `10,4` or `10.4`."""
    text = str(value)
    return text.replace(".", ",") if language == "fr" and _AMOUNT.fullmatch(text) else text


SHOWN_AS: dict[str, Callable[[object, str], str]] = {
    "amount": show_amount,
    "date": show_date,
    "moment": show_moment,
    "number": show_number,
}
"""What may stand after the colon of a placeholder."""
