"""From readings, metadata and a person's edits to the values of one invoice, each with where it came from.

The order of trust is design decision 6: a person's edit > portal metadata > Factur-X > text or OCR > provider default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from include.domain.fields import Candidate, Source, Value
from include.domain.reasons import Reason
from include.domain.text import Box


@dataclass(frozen=True, kw_only=True)
class FieldValue:
    """The value chosen for one field, its evidence, and the candidates that were not chosen."""

    value: Value
    source: Source
    page: int | None = None
    box: Box | None = None
    text: str | None = None
    confidence: float = 1.0
    others: tuple[Candidate, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An invoice as it would be sent: values by field name, and what the mapping itself found wrong (conflicts,
    metadata that could not be converted, unknown wordings)."""

    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()

    def value(self, name: str) -> Value | None:
        """The value of a field, or None."""
        found = self.fields.get(name)
        return None if found is None else found.value

    def text(self, name: str) -> str | None:
        """The value of a field that is not the VAT table."""
        value = self.value(name)
        return value if isinstance(value, str) else None
