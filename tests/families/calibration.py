"""What the claims about values are worth, fitted to how often values with these claims were right.

The model: a value is right with the probability that its label and its words give it, times the worth of each claim
that lowered it. What is sought are the worths that make what was seen most likely, beside a prior: each claim begins
with the worth that a person gave it, as if `PRIOR` invoices of families of their own had shown just that. So a claim
that was never seen keeps its worth, and one that was seen often says what was seen. The likelihood has one maximum.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE, MOST_WRONG
from include.domain.fields import Claim
from include.domain.fields.claims import is_fitted
from include.domain.fields.worths import WORTHS, Worth

PRIOR = 50
"""Invoices that a person's opinion of a claim counts for."""

CERTAINTY = 0.95
"""With which a share of wrong values is said not to be exceeded."""

SEEN = Path(__file__).parent / "calibration.csv"
TABLE = Path(__file__).parents[2] / "include" / "domain" / "fields" / "worths.py"

_HIGHEST = 0.9999
_ENOUGH = 1e-6


@dataclass(frozen=True, kw_only=True, order=True)
class Seen:
    """Values with the same claims: how surely label and words said them, whether they were right, and how many.

    `weight`: each field of each family counts once, however many invoices of it were read: they look alike.
    """

    claims: tuple[str, ...]
    said: float
    right: bool
    values: int
    weight: float


def fitted(seen: Sequence[Seen]) -> dict[Claim, float]:
    """The most likely worth of every claim that lowers a value, to three decimals."""
    claims = [claim for claim in Claim if is_fitted(claim)]
    holds = np.array([[claim in one.claims for claim in claims] for one in seen], dtype=float).reshape(-1, len(claims))
    said, right, weight = (
        np.array(column, dtype=float)
        for column in ([one.said for one in seen], [one.right for one in seen], [one.weight for one in seen])
    )
    logs = np.log([min(WORTHS[claim].prior, _HIGHEST) for claim in claims])
    base = np.log(np.minimum(said, _HIGHEST))
    while True:
        before = logs.copy()
        for place, claim in enumerate(claims):
            rows = holds[:, place] > 0
            if rows.any():
                others = base[rows] + holds[rows] @ logs - logs[place]
                best = _best(others, right[rows], weight[rows], WORTHS[claim].prior)
                logs[place] = min(best, math.log(_highest(claim)))
        if np.abs(logs - before).max(initial=0.0) < _ENOUGH:
            break
    found = dict(zip(claims, np.exp(logs), strict=True))
    return {claim: _worth(claim, float(found[claim]), seen) for claim in claims}


def _highest(claim: Claim) -> float:
    """A claim that is there to keep values back stays below every threshold, however often they were right."""
    lowest = min(DEFAULT_CONFIDENCE.values())
    return lowest - 0.01 if WORTHS[claim].prior < lowest else _HIGHEST


def _worth(claim: Claim, found: float, seen: Sequence[Seen]) -> float:
    return round(found, 3) if any(claim in one.claims for one in seen) else WORTHS[claim].prior


def _best(others: np.ndarray, right: np.ndarray, weight: np.ndarray, prior: float) -> float:
    """The logarithm of one worth at which the slope of the likelihood is zero; the slope falls all the way."""
    low, high = math.log(0.01), math.log(_HIGHEST)
    while high - low > _ENOUGH / 10:
        middle = (low + high) / 2
        if _slope(middle, others, right, weight, prior) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _slope(log: float, others: np.ndarray, right: np.ndarray, weight: np.ndarray, prior: float) -> float:
    chance = np.minimum(np.exp(others + log), _HIGHEST)
    believed = math.exp(log)
    opinion = PRIOR * (prior - believed) / (1 - believed)
    return float((weight * (right - chance) / (1 - chance)).sum()) + opinion


def at_most(wrong: int, values: int) -> float:
    """The share of wrong ones that is not exceeded with 95 %, after so many wrong of so many (Clopper and Pearson)."""
    low, high = wrong / values if values else 0.0, 1.0
    if wrong >= values:
        return 1.0
    while high - low > 1e-9:
        share = (low + high) / 2
        chance = sum(math.comb(values, few) * share**few * (1 - share) ** (values - few) for few in range(wrong + 1))
        low, high = (share, high) if chance > 1 - CERTAINTY else (low, share)
    return high


def needed() -> int:
    """How many values have to be right in a row to show that no more than the stated share is wrong."""
    return math.ceil(math.log(1 - CERTAINTY) / math.log(1 - MOST_WRONG))


def table_of(worths: Mapping[Claim, float], seen: Sequence[Seen]) -> dict[Claim, Worth]:
    """The whole table: what was fitted, and everything else as it was given."""
    return {
        claim: Worth(WORTHS[claim].prior, worths.get(claim, WORTHS[claim].prior), values_with(claim, seen)[0])
        for claim in Claim
    }


def as_given() -> dict[Claim, Worth]:
    """The table before anything is fitted."""
    return {claim: Worth(WORTHS[claim].prior, WORTHS[claim].prior, 0) for claim in Claim}


def values_with(claim: Claim, seen: Iterable[Seen]) -> tuple[int, int]:
    """How many values a claim lowered, and how many of these were right."""
    rows = [one for one in seen if claim in one.claims]
    return sum(one.values for one in rows), sum(one.values for one in rows if one.right)


def write_table(table: Mapping[Claim, Worth]) -> None:
    """Writes the table into the code, where it is read."""
    head = TABLE.read_text(encoding="utf-8").split("    {\n")[0]
    lines = [f'        "{claim}": Worth({one.prior}, {one.fitted}, {one.seen}),\n' for claim, one in table.items()]
    TABLE.write_text(f"{head}    {{\n{''.join(lines)}    }}\n)\n", encoding="utf-8")


def write_seen(seen: Iterable[Seen]) -> None:
    """Writes what was seen, so that the fit can be repeated without reading."""
    with SEEN.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("claims", "said", "right", "values", "weight"))
        rows.writerows((" ".join(one.claims), one.said, int(one.right), one.values, one.weight) for one in seen)


def read_seen() -> list[Seen]:
    """What was seen when the table was last fitted."""
    with SEEN.open(encoding="utf-8", newline="") as file:
        return [
            Seen(
                claims=tuple(row["claims"].split()),
                said=float(row["said"]),
                right=row["right"] == "1",
                values=int(row["values"]),
                weight=float(row["weight"]),
            )
            for row in csv.DictReader(file)
        ]
