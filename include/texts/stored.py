"""Texts as the database keeps them: code and parameters as JSON; words of other programs as they are."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from include.texts.catalogue import Language, Spoken, Text, restored, said


def store(value: Spoken | str) -> str:
    """What goes into a column of text."""
    kept = _kept(value)
    return kept if isinstance(kept, str) else json.dumps(kept, ensure_ascii=False)


def said_stored(stored: str, language: Language) -> str:
    """What stands in such a column, in words."""
    return said(restored(stored), language)


def _kept(value: object) -> Any:
    value = value.as_text() if isinstance(value, Spoken) else value
    if isinstance(value, Text):
        return {"text": value.code, "params": {name: _kept(one) for name, one in value.params.items()}}
    if isinstance(value, tuple):
        return [_kept(one) for one in value]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return value if value is None or isinstance(value, int) else str(value)
