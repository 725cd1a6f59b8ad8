"""Refusals that the dictionary of messages does not know yet, for who maintains it (`chorus messages unknown`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from include.domain.messages import meaning_of


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One refusal of the platform."""

    invoice_id: int
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
            {"number": one.number, "label": one.label, "count": 0, "first_at": one.at},
        )
        row["count"] += 1
        row.update(last_at=one.at, invoice_id=one.invoice_id)
    return sorted(found.values(), key=lambda row: -row["count"])
