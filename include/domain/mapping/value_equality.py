"""When two sources say the same thing."""

from __future__ import annotations

from include.domain.fields import Candidate, as_text
from include.domain.fields.registry import AMOUNT_FIELDS
from include.domain.values import compact


def same_value(name: str, one: Candidate, other: Candidate) -> bool:
    """Whether two candidates say the same; amounts without their sign, numbers without case and blanks."""
    if name in AMOUNT_FIELDS:
        return abs(one.amount) == abs(other.amount)
    return compact(as_text(one.value)) == compact(as_text(other.value))
