"""In which language a person reads (docs/reference/interfaces.md 6.3).

The switch on our pages wins, then the language that the configuration names for the person, Airflow's own choice (our
script tells it by a cookie: the server cannot see it), the browser's, French.
"""

from __future__ import annotations

import re

from fastapi import Request

from include.texts import LANGUAGES, Language
from include.web.guards.person import Person

SWITCH_COOKIE = "chorus_lang"
AIRFLOW_COOKIE = "chorus_airflow_lang"


def language_of(request: Request, person: Person | None = None) -> Language:
    """The language of the answer; without a person (an answer about an error) as far as the request tells."""
    own = next((user.language for user in _users(person) if person and user.name == person.name), None)
    told = (request.cookies.get(SWITCH_COOKIE), own, request.cookies.get(AIRFLOW_COOKIE))
    accepted = request.headers.get("accept-language", "")
    wanted = [*told, *(one for one, _ in sorted(_accepted(accepted), key=lambda entry: -entry[1]))]
    return next((known for one in wanted if (known := _known(one))), LANGUAGES[0])


def other(language: Language) -> Language:
    """The language that the switch leads to."""
    return "en" if language == "fr" else "fr"


def _users(person: Person | None) -> tuple:  # type: ignore[type-arg]
    return () if person is None else person.configuration.people.users


def _known(text: str | None) -> Language | None:
    """`fr-FR` and `fr` are French."""
    start = (text or "").lower()[:2]
    return next((language for language in LANGUAGES if language == start), None)


def _accepted(header: str) -> list[tuple[str, float]]:
    """Languages of an Accept-Language header with their weights; what is torn counts as nothing."""
    return [
        (match["tag"], float(match["weight"] or 1))
        for part in header.split(",")
        if (
            match := re.fullmatch(
                r"\s*(?P<tag>[A-Za-z]{2})(?:-[\w-]*)?\s*(?:;\s*q=(?P<weight>[01](?:\.\d{1,3})?))?\s*", part
            )
        )
    ]
