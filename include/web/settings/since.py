"""From when on a criterion or a link rule counts, as forms show and read it."""

from __future__ import annotations

import datetime as dt

from include.domain.configuration import Criterion, LinkRule
from include.domain.configuration.base import starts_at
from include.domain.values import parse_date
from include.texts import Language, show_date, show_moment, translate

_ALWAYS = frozenset({"always", "toujours"})


def since_of(dated: Criterion | LinkRule, language: Language) -> str:
    """As its form shows it."""
    if dated.since is None:
        return ""
    if dated.since == "always":
        return translate("criteria.always", language)
    begins = starts_at(dated.since)
    return show_date(dated.since, language) if begins != dated.since else show_moment(begins, language)


def since_in(typed: str, stored: Criterion | LinkRule | None, language: Language) -> dt.date | dt.datetime | str | None:
    """What was typed; a moment that was not touched stays what it is, to the second."""
    if stored is not None and typed == since_of(stored, language):
        return stored.since
    return "always" if typed.casefold() in _ALWAYS else parse_date(typed) or typed or None
