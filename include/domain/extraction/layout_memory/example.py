"""What is kept of an invoice whose values are known: places relative to labels, and shapes; no value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from include.domain.fields.registry import BY_NAME, FIELDS, Kind

CONSTANT_KINDS = frozenset({Kind.CHOICE, Kind.CURRENCY})
"""Kinds whose values are not printed as they are stored: learned is that documents of this layout and title have this
value."""

NEED_LABEL = frozenset(field.name for field in FIELDS if field.needs_label)
"""Fields that are believed in a learned place only beside their label: amounts are many, and the others are often not
there at all."""

LEARNED_FIELDS = tuple(field.name for field in FIELDS if field.learned)
"""Fields that are learned. The VAT table is none: its rows are found by their own arithmetic, whatever their labels."""


class Standing(StrEnum):
    """Who vouches for a value, the strongest first.

    `corrected`: a person, the portal's metadata or embedded XML says it, and the page was read otherwise or not at all.
    `confirmed`: they say it, and the page was read so. `accepted`: read off the page, and the platform took it so; the
    platform compares neither numbers nor amounts with the page, so this alone makes nothing surer.
    """

    CORRECTED = "corrected"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"

    @property
    def vouched(self) -> bool:
        """Whether something besides our own reading says so."""
        return self is not Standing.ACCEPTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """Words near a value, or a corner of the page, and where the value stands from there, in widths of the page.

    `left` and `right` are the value's edges from the anchor's left edge, `middle` how far its middle lies below the
    anchor's. `near`: it reads like the value's label. `row`: both stand on one line.
    """

    words: tuple[str, ...]
    left: float
    right: float
    middle: float
    near: bool
    row: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """One place where the value stands."""

    anchors: tuple[Anchor, ...]

    @property
    def labelled(self) -> bool:
        """Whether something beside it reads like a label."""
        return any(anchor.near for anchor in self.anchors)


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnedField:
    """What one invoice teaches of one field. `shape` is that of a number; `constant` the value of a constant field."""

    standing: Standing
    regions: tuple[Region, ...]
    shape: str | None = None
    constant: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """The words of a first page that carry no digits, as keys, each with its left edge in hundredths of the width."""

    words: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One invoice of a supplier: its fingerprint, and what it teaches of each field."""

    fingerprint: Fingerprint
    learned: Mapping[str, LearnedField] = field(default_factory=dict)
    supplier_siret: str | None = None


Memory = tuple[Example, ...]
"""What is known of a provider and classification rule, the newest example first."""


def kind_of(name: str) -> Kind:
    """How the values of a learned field are recognised."""
    return BY_NAME[name].kind


def is_constant(name: str) -> bool:
    """Whether what is learned is the value itself."""
    return kind_of(name) in CONSTANT_KINDS
