"""The dictionary of messages (`chorus messages list`), and refusals that it lacks, for who maintains it (`unknown`)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from include.application.ports.refusals import Refusal, Refusals
from include.domain.refusal_catalog import MEANINGS, XML_FIELDS, meaning_of
from include.texts import Language, translate


@dataclass(frozen=True, kw_only=True)
class UnknownMessage:
    """A text that the dictionary lacks; `kind`, `invoice_id` and `last_at` are those of the newest refusal with it."""

    number: int | None
    label: str
    kind: str
    count: int
    first_at: dt.datetime
    last_at: dt.datetime
    invoice_id: int


def unknown_messages(store: Refusals) -> list[UnknownMessage]:
    """One for each text, digits apart, most frequent first."""
    alike: dict[tuple[int | None, str], list[Refusal]] = {}
    for one in store.refusals():
        if meaning_of(one.label) is None:
            alike.setdefault((one.number, re.sub(r"\d+", "#", one.label)), []).append(one)
    found = [
        UnknownMessage(
            number=first.number,
            label=first.label,
            kind=last.kind,
            count=len(all_of_it),
            first_at=first.at,
            last_at=last.at,
            invoice_id=last.invoice_id,
        )
        for all_of_it in alike.values()
        for first, last in [(all_of_it[0], all_of_it[-1])]
    ]
    return sorted(found, key=lambda message: -message.count)


def dictionary(language: Language) -> list[dict[str, object]]:
    """Every meaning: field to correct, cause with next step, whether trying again without a change can help."""
    xml = ", ".join(dict.fromkeys(field for _, field in XML_FIELDS))
    return [
        {
            "code": meaning.code,
            "field": meaning.field or (xml if meaning.code.startswith("xml_") else None),
            "retry": meaning.retry,
            "message": translate(f"refusal.todo.{meaning.code}", language),
        }
        for meaning in MEANINGS
    ]
