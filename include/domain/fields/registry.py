"""The table of all fields of an invoice, each declared once below `declared/`.

Labels, conversion, thresholds, checks, the digest of what is sent, the terms of embedded XML, the names that a metadata
association may use and the documentation derive from it. Elsewhere stand only what is not a property of a field: its
words for people (`field.` in the catalogues) and its key on the wire (`adapters/chorus/wire.py`).

To add a field that is sent, CONTRIBUTING.md says where its lines go.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from include.domain.fields.declared.amounts import AMOUNTS
from include.domain.fields.declared.handling import HANDLING
from include.domain.fields.declared.heading import HEADING
from include.domain.fields.declared.parties import PARTIES
from include.domain.fields.declared.payment import PAYMENT
from include.domain.fields.declared.references import REFERENCES
from include.domain.fields.field import Compared, Field, Kind

__all__ = [
    "AMOUNT_FIELDS",
    "BY_NAME",
    "DATE_FIELDS",
    "FIELDS",
    "FIELD_NAMES",
    "READ_FIELDS",
    "TOTALS",
    "Compared",
    "Field",
    "Kind",
    "of_kind",
]

FIELDS: tuple[Field, ...] = (*HEADING, *PARTIES, *REFERENCES, *AMOUNTS, *PAYMENT, *HANDLING)

BY_NAME: Mapping[str, Field] = MappingProxyType({field.name: field for field in FIELDS})

FIELD_NAMES = tuple(field.name for field in FIELDS)
"""Every field a document can have, and that a metadata association may fill."""

READ_FIELDS = tuple(field.name for field in FIELDS if field.read)
"""What reading looks for."""


def of_kind(*kinds: Kind) -> frozenset[str]:
    """The names of all fields of some kinds."""
    return frozenset(field.name for field in FIELDS if field.kind in kinds)


AMOUNT_FIELDS = of_kind(Kind.AMOUNT)
DATE_FIELDS = of_kind(Kind.DATE)

TOTALS = ("total_excl_tax", "total_tax", "total_incl_tax")
"""The first and the second make the third."""
