"""Values as a page shows them: amounts, SIRETs, times of Paris, ages. All as plain text; the template escapes it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal

from include.domain.notification import harmless
from include.texts import Language, show_amount, show_date, show_moment, show_time

_PARIS = ZoneInfo("Europe/Paris")
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
NARROW_BLANK = "\N{NARROW NO-BREAK SPACE}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_LONGEST_RAW = 20_000
_LONGEST_VALUE, _SHOWN = 2_100, 100
"""A comment has 2,000 characters at most; what is longer is a file."""


def plain(value: Any) -> Any:
    """What stands in a template's braces: nothing for None; a text in full, as a form gives it back."""
    if value is None:
        return ""
    return harmless(value) if type(value) is str else value


def euros(value: str | Decimal | None, language: Language) -> str:
    """`1 800,00 €`; nothing for None."""
    if value in (None, ""):
        return ""
    amount = show_amount(value, language)
    return f"{amount}{NO_BREAK}€" if language == "fr" else f"€{amount}"


def siret(value: str | None) -> str:
    """`123 456 782 00051`; anything that is no SIRET as it is."""
    if value is None or len(value) != 14 or not value.isdecimal():
        return value or ""
    return NARROW_BLANK.join((value[:3], value[3:6], value[6:9], value[9:]))


def moment(value: dt.datetime | None, language: Language) -> str:
    """Day and time in Paris, to the minute: `27/11/2026 09 h 41`."""
    return "" if value is None else show_moment(value, language)


def time_of_day(value: dt.datetime | None, language: Language) -> str:
    """`09 h 41` in Paris."""
    return "" if value is None else show_time(value, language)


def weekday(value: dt.date, language: Language) -> str:
    """`vendredi 27 novembre 2026`; of a moment the day in Paris."""
    day = value.astimezone(_PARIS).date() if isinstance(value, dt.datetime) else value
    return format_date(day, "EEEE d MMMM yyyy", locale=_LOCALES[language])


def brief_moment(value: dt.datetime | None, now: dt.datetime, language: Language) -> str:
    """`27/11 14 h 10` in Paris; of another year the day alone."""
    if value is None:
        return ""
    here = value.astimezone(_PARIS)
    if here.year != now.astimezone(_PARIS).year:
        return show_date(here.date(), language)
    day = format_date(here.date(), "dd/MM" if language == "fr" else "d MMM", locale=_LOCALES[language])
    return f"{day} {show_time(value, language)}"


def ago(value: dt.datetime | None, now: dt.datetime, language: Language) -> str:
    """`il y a 4 heures`; what lies ahead by a clock's fault counts as now."""
    if value is None:
        return ""
    passed = min(value - now, dt.timedelta(0))
    return format_timedelta(passed, add_direction=True, format="long", threshold=1.2, locale=_LOCALES[language])


def size(number: int, language: Language) -> str:
    """`241 ko`, `1,3 Mo`: thousands of bytes, and from a million on with one decimal."""
    words = ("ko", "Mo") if language == "fr" else ("kB", "MB")
    if number < 1_000_000:
        return f"{max(1, round(number / 1000))}{NO_BREAK}{words[0]}"
    return f"{format_decimal(Decimal(number) / 1_000_000, '0.0', locale=_LOCALES[language])}{NO_BREAK}{words[1]}"


def raw(text: str) -> str:
    """What went over the wire, as far as a page shows it: JSON indented, files in it named by their length."""
    try:
        value = json.loads(text)
    except ValueError:
        return _cut(text)
    return _cut(json.dumps(_short(value), ensure_ascii=False, indent=2))


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return f"{value[:_SHOWN]}… ({len(value)})"
    return value


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_RAW else f"{text[:_LONGEST_RAW]}…"
