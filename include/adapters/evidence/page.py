"""The page of a pack of evidence that a person reads: without scripts, everything from outside escaped."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.application.ports.evidence import Summary
from include.domain.causes import Cause
from include.domain.fields.shown import shown_value
from include.domain.notification import PARIS, one_line
from include.texts import Language, label, show_amount
from include.texts.jinja import speak

_TEMPLATES = Path(__file__).parent / "templates"


def render_summary(summary: Summary, language: Language) -> str:
    """The whole page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.add_extension("jinja2.ext.do")
    speak(environment, language)
    environment.filters.update(
        words=lambda code, part: label(part, code, language) if code else "",
        amount=lambda value: None if value is None else show_amount(value, language),
        cause=lambda cause: cause and _cause(cause, language),
        of_field=lambda value, name: shown_value(name, value, language),
    )
    return environment.get_template("summary.html").render(summary=summary, language=language)


def _shown(value: Any) -> Any:
    """Any value as one harmless line; times of Paris to the second."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        at = value.astimezone(PARIS)
        return f"{at:%d/%m/%Y}\N{NO-BREAK SPACE}{at:%H:%M:%S}"
    return one_line(value) if type(value) is str else value


def _cause(cause: Cause, language: Language) -> str:
    return cause.text(language)
