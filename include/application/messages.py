"""The dictionary of messages (`chorus messages list`), and refusals that it lacks, for who maintains it (`unknown`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from include.domain.messages import MEANINGS, XML_FIELDS, meaning_of
from include.domain.reasons import Language
from include.domain.wordings.messages import CAUSES


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refusal of the platform; `kind` is that of the attempt, a submission or a correction."""

    invoice_id: int
    kind: str
    number: int | None
    label: str
    at: dt.datetime


class Refusals(Protocol):
    """What the platform refused."""

    def refusals(self) -> Iterable[Refusal]:
        """All of them, oldest first."""


def unknown_messages(store: Refusals) -> list[dict[str, Any]]:
    """One row for each text, digits apart, most frequent first."""
    found: dict[tuple[int | None, str], dict[str, Any]] = {}
    for one in store.refusals():
        if meaning_of(one.label) is not None:
            continue
        row = found.setdefault(
            (one.number, re.sub(r"\d+", "#", one.label)),
            {"number": one.number, "label": one.label, "kind": one.kind, "count": 0, "first_at": one.at},
        )
        row["count"] += 1
        row.update(last_at=one.at, invoice_id=one.invoice_id)
    return sorted(found.values(), key=lambda row: -row["count"])


def dictionary(language: Language) -> list[dict[str, Any]]:
    """Every meaning: field to correct, cause with next step, whether trying again without a change can help."""
    xml = ", ".join(dict.fromkeys(field for _, field in XML_FIELDS))
    return [
        {
            "code": meaning.code,
            "field": meaning.field or (xml if meaning.code.startswith("xml_") else None),
            "retry": meaning.retry,
            "message": CAUSES[meaning.code][language == "en"],
        }
        for meaning in MEANINGS
    ]
