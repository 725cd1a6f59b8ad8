"""When two sources say the same thing."""

from __future__ import annotations

from decimal import Decimal

from include.domain.codes import AMOUNT_FIELDS
from include.domain.fields import Candidate
from include.domain.values import compact


def same_value(name: str, one: Candidate, other: Candidate) -> bool:
    """Whether two candidates say the same; amounts without their sign, numbers without case and blanks."""
    if name in AMOUNT_FIELDS:
        return abs(Decimal(str(one.value))) == abs(Decimal(str(other.value)))
    return compact(str(one.value)) == compact(str(other.value))
