"""The templates, once for each language, with the words and the ways of showing values that they use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.application.administration.settings_diff import diff_lines
from include.domain.notification import headline, what_to_do
from include.domain.reasons import reason_heading
from include.texts import Language, label, said_stored, show_date, translate
from include.texts.jinja import speak
from include.web.rendering import shown

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@functools.cache
def environment(language: Language) -> Environment:
    """Everything from outside is escaped, whatever the template; a value that is not handed in is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown.plain,
    )
    made.add_extension("jinja2.ext.do")
    speak(made, language)
    made.filters.update(_filters(language))
    return made


def _filters(language: Language) -> dict[str, Callable[..., Any]]:
    return {
        "words": lambda code, part: label(part, code, language) if code else "",
        "counted": lambda code, part, count: translate(f"{part}.{code}", language, count=count),
        "said": lambda text: text.said(language),
        "message": lambda reason: reason.message_stored(language),
        "euros": lambda value: shown.euros(value, language),
        "day": lambda value: "" if value is None else show_date(value, language),
        "moment": lambda value: shown.moment(value, language),
        "brief": lambda value, now: shown.brief_moment(value, now, language),
        "time_of_day": lambda value: shown.time_of_day(value, language),
        "weekday": lambda value: shown.weekday(value, language),
        "ago": lambda value, now: shown.ago(value, now, language),
        "siret": shown.siret,
        "size": lambda number: shown.size(number, language),
        "raw": shown.raw,
        "stored": lambda text: "" if text is None else said_stored(text, language),
        "error_message": lambda error: " ".join(
            filter(None, (error.part("what", language), error.part("why", language)))
        ),
        "error_todo": lambda error: error.part("todo", language),
        "caused": lambda cause: cause.text(language),
        "headline": lambda event: headline(event, language),
        "what_to_do": lambda event: " ".join(what_to_do(event, language)),
        "diff": lambda changes: list(diff_lines(changes, language)),
        "reason_heading": lambda code: reason_heading(code, language),
    }
