"""`make calibrate`: fits what the claims about values are worth, and prints what that comes to.

Fitted to the development families and to what other programs printed. What values claim is then held against what is
right on the held-out families and the corpus, which no worth was fitted to.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE, MOST_WRONG
from include.domain.fields import Candidate, Source, as_json
from include.domain.fields.claims import acting, is_fitted
from include.domain.fields.registry import READ_FIELDS
from include.domain.fields.worths import WORTHS
from include.domain.reading import Reading
from tests.accuracy import CLAIMS, NOTICES, SCORED, documents, plain, truths
from tests.families.calibration import (
    CERTAINTY,
    Seen,
    as_given,
    at_most,
    fitted,
    needed,
    table_of,
    values_with,
    write_seen,
    write_table,
)
from tests.families.held_out import HELD_OUT
from tests.families.kit import samples
from tests.families.measure import KNOWN
from tests.families.printed import SETS, printed
from tests.families.verdict import WORKED_OUT

Made = tuple[bytes, Mapping[str, Any]]

FOLLOWS = WORKED_OUT | {"supplier_siret"}
"""What need not be printed to be known: it follows from the rest, or from the configuration."""

_ON_PAGE = frozenset({Source.TEXT, Source.OCR})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One value that was read: of which field and family, with what claims, and whether it is right."""

    field: str
    family: str
    found: Candidate
    right: bool


def outcomes(made: Iterable[Made]) -> list[Outcome]:
    """The values that are read off the pages of documents, each against its truth."""
    known = list(made)
    sellers = frozenset(filter(None, (truth["fields"]["supplier_siret"] for _, truth in known)))
    contents = ((index, content) for index, (content, _) in enumerate(known))
    with PdfReader() as reader:
        results = list(reader.read(contents, ReadingLimits(), ReadingHints(supplier_sirets=sellers)))
    return [
        one
        for index, result in sorted(results, key=lambda pair: pair[0])
        if isinstance(result, Reading)
        for one in _of_document(result, known[index][1])
    ]


def _of_document(reading: Reading, truth: Mapping[str, Any]) -> Iterator[Outcome]:
    """What the page does not print and that follows from the rest is neither right nor wrong."""
    family = f"{truth.get('layout') or re.sub(r'_[0-9]+.*', '', truth['file'])} {truth['kind']}"
    for name in READ_FIELDS:
        best = next((one for one in reading.fields.get(name, ()) if one.source in _ON_PAGE), None)
        if best is None or (name in NOTICES and name not in truth["fields"]):
            continue
        held, given = plain(name, truth["fields"].get(name)), plain(name, as_json(best.value))
        unprinted = best.text is None or name in FOLLOWS or given == plain(name, truth["implied"].get(name))
        if held is None and unprinted:
            continue
        yield Outcome(field=name, family=family, found=best, right=held == given)


def development() -> Iterator[Made]:
    """The documents that worths are fitted to."""
    yield from ((made.content, made.truth) for made in samples(KNOWN))
    for name in SETS:
        yield from printed(name)


def unseen() -> Iterator[Made]:
    """The documents that no worth is fitted to."""
    yield from ((made.content, made.truth) for made in samples(HELD_OUT))
    known = {truth["file"]: truth for folder in SCORED for truth in truths(folder)}
    yield from ((path.read_bytes(), known[path.name]) for path in documents())


def seen_in(found: Sequence[Outcome]) -> list[Seen]:
    """Values with at least one claim that lowers them, those that are alike together."""
    alike = Counter((one.field, one.family) for one in found)
    values: Counter[tuple[tuple[str, ...], float, bool]] = Counter()
    weights: dict[tuple[tuple[str, ...], float, bool], float] = defaultdict(float)
    for one in found:
        said, claims = acting(one.found.confidence, one.found.claims)
        if claims:
            key = (tuple(sorted(claims)), round(said, 2), one.right)
            values[key] += 1
            weights[key] += 1 / alike[one.field, one.family]
    rows = (
        Seen(claims=key[0], said=key[1], right=key[2], values=values[key], weight=round(weights[key], 3))
        for key in values
    )
    return sorted(rows)


def print_worths(table: Mapping[Any, Any], seen: Sequence[Seen]) -> None:
    """Each claim that lowers a value: how often, how many of these were right, what it was and is worth."""
    print(f"{'claim':24} {'values':>6} {'right':>6}  {'share':>5}  {'given':>5} {'before':>6} {'fitted':>6}")
    for claim, one in table.items():
        values, right = values_with(claim, seen)
        share = f"{right / values:.3f}" if values else "never"
        if is_fitted(claim):
            before = WORTHS[claim].fitted
            print(f"{claim:24} {values:6} {right:6}  {share:>5}  {one.prior:5.2f} {before:6.3f} {one.fitted:6.3f}")


def print_reliability(found: Sequence[Outcome]) -> None:
    """What values claim against what is right."""
    for low, high in zip(CLAIMS, (math.inf, *CLAIMS), strict=False):
        marks = [one.right for one in found if low <= one.found.confidence < high]
        if marks:
            said = sum(one.found.confidence for one in found if low <= one.found.confidence < high) / len(marks)
            print(
                f"claims {low:4.2f} and more  on average {said:.3f}  right {sum(marks):4} of {len(marks):4}", end="  "
            )
            print(f"{sum(marks) / len(marks):.3f}")


def print_thresholds(found: Sequence[Outcome]) -> None:
    """For each field the lowest confidence above which nothing was wrong, and how much that says."""
    print(f"At most {MOST_WRONG:.3f} may be wrong; {needed()} values right in a row show that with {CERTAINTY:.0%}.")
    print(f"{'field':22} {'now':>4} {'values':>6} {'wrong':>5} {'at most':>7}  {'no wrong from':>13}  threshold")
    for name, now in DEFAULT_CONFIDENCE.items():
        mine = [one for one in found if one.field == name]
        sent = [one for one in mine if one.found.confidence >= now]
        wrong = sum(not one.right for one in sent)
        most = at_most(wrong, len(sent))
        highest = max((one.found.confidence for one in mine if not one.right), default=0.0)
        follows = "follows" if most <= MOST_WRONG else "stays: too few values" if not wrong else "too low"
        print(f"{name:22} {now:4.2f} {len(sent):6} {wrong:5} {most:7.3f}  {highest:13.3f}  {follows}")


def main() -> None:
    """Reads, fits, writes the table and what it was fitted to, and reads what was held out with the new table.

    Readers are processes of their own and begin with the table as it stands then: first with the worths that people
    gave, so that what was fitted before makes no difference.
    """
    write_table(as_given())
    seen = seen_in(outcomes(development()))
    table = table_of(fitted(seen), seen)
    print_worths(table, seen)
    write_seen(seen)
    write_table(table)
    print("\nHeld-out families and the corpus, which nothing was fitted to")
    found = outcomes(unseen())
    print_reliability(found)
    print()
    print_thresholds(found)


if __name__ == "__main__":
    sys.exit(main())
