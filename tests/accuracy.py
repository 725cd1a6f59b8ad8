"""Scores what the reading stage finds in the documents of tests/resources/corpus against what they hold.

`make accuracy` prints one line for each document and each field, and the totals; integration tests hold the totals to
floors. Values are compared in one spelling: amounts absolute with two decimals, identifiers in capitals without blanks,
names folded. A value that the page does not print but that follows by arithmetic (`implied` in the truth) is neither
rewarded nor punished.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.adapters.text.reader import PdfReader
from include.application.reading.extract import extract_files
from include.domain.fields.registry import AMOUNT_FIELDS, DATE_FIELDS, READ_FIELDS

CORPUS = Path(__file__).parent / "resources" / "corpus"
SCORED = ("real", "synthetic")
SENT = frozenset(
    {"supplier_siret", "recipient_siret", "service_code", "engagement_number", "invoice_number", "issue_date", "type"}
    | {"total_excl_tax", "total_incl_tax"}
)
"""What a submission cannot go without, or goes wrong with."""

CLAIMS = (1.0, 0.97, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.0)
"""Steps of the table that holds what values claim against what is right."""

SURE = 0.9

NOTICES = frozenset({"invoicing_framework", "payment_mode", "vat_type"})
"""What invoices say in notices; it counts where a truth file says what that is, most were written without."""


@dataclass
class Tally:
    """Counts over documents and fields."""

    documents: int = 0
    fields: int = 0
    held: int = 0
    given: int = 0
    right_given: int = 0
    right: int = 0
    whole: int = 0
    sendable: int = 0
    by_field: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    by_claim: dict[float, list[bool]] = field(default_factory=lambda: defaultdict(list))
    claims: dict[str, dict[float, list[bool]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    @property
    def accuracy(self) -> float:
        """Fields whose answer equals the truth, absent ones included."""
        return self.right / self.fields

    @property
    def precision(self) -> float:
        """Right values among those given."""
        return self.right_given / self.given

    @property
    def recall(self) -> float:
        """Values found among those that the documents hold."""
        return self.right_given / self.held

    @property
    def sure_precision(self) -> float:
        """Right values among those that claim to be sure."""
        marks = [mark for claim, known in self.by_claim.items() if claim >= SURE for mark in known]
        return sum(marks) / len(marks)

    def add(self, truth: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
        """Counts one document and returns its wrong fields."""
        wrong = []
        for name in READ_FIELDS:
            if name in NOTICES and name not in truth["fields"]:
                continue
            held = plain(name, truth["fields"].get(name))
            given = plain(name, answer["fields"].get(name))
            if held is None and given == plain(name, truth["implied"].get(name)):
                given = None
            self.fields += 1
            self.held += held is not None
            self.given += given is not None
            self.right_given += held is not None and held == given
            self.right += held == given
            self.by_field[name].append(held == given)
            if given is not None:
                claim = _claimed(answer["confidence"].get(name, 0.0))
                self.by_claim[claim].append(held == given)
                self.claims[name][claim].append(held == given)
            if held != given:
                wrong.append(name)
        self.documents += 1
        self.whole += not wrong
        self.sendable += not SENT & set(wrong)
        return wrong


def plain(name: str, value: Any) -> Any:
    """A value in the spelling in which values are compared; None where there is none."""
    if value in (None, "", []):
        return None
    if name == "vat":
        return sorted((amount(row["rate"]), amount(row["base"]), amount(row["amount"])) for row in value)
    if name in AMOUNT_FIELDS:
        return amount(value)
    if name in DATE_FIELDS:
        return str(value)[:10]
    if name == "recipient_name":
        letters = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
        return " ".join(re.findall(r"[a-z0-9]+", letters))
    return re.sub(r"\s", "", str(value)).upper()


def _claimed(confidence: float) -> float:
    return next(step for step in CLAIMS if confidence >= step)


def amount(value: str) -> str:
    """Absolute, with two decimals."""
    return f"{abs(float(value)):.2f}"


def truths(folder: str) -> Iterator[dict[str, Any]]:
    """The truth of each scored document of a folder."""
    for line in (CORPUS / folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def measure(answers: Iterable[Mapping[str, Any]], *, show: bool = False) -> dict[str, Tally]:
    """Tallies by kind of document, and over all of them under `all`."""
    known = {truth["file"]: truth for folder in SCORED for truth in truths(folder)}
    tallies: dict[str, Tally] = defaultdict(Tally)
    for answer in answers:
        truth = known[answer["file"]]
        tallies[truth["kind"]].add(truth, answer)
        wrong = tallies["all"].add(truth, answer)
        if show:
            print(f"{answer['file']:48} {answer['seconds']:6.2f} s  {told(wrong, truth, answer)}", flush=True)
    return tallies


def told(wrong: list[str], truth: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Which fields are wrong, with what the document holds and what was read."""
    if not wrong:
        return "all right"
    return "; ".join(f"{name}: {truth['fields'].get(name)!r} read as {answer['fields'][name]!r}" for name in wrong)


def documents() -> list[Path]:
    """Every scored document."""
    return [CORPUS / folder / truth["file"] for folder in SCORED for truth in truths(folder)]


def print_fields(tally: Tally) -> None:
    """One line for each field: how many answers are right, and how many at each step of what they claim."""
    for name, marks in tally.by_field.items():
        steps = sorted(tally.claims[name].items(), reverse=True)
        claimed = "  ".join(f"{claim:.2f}+ {sum(known)}/{len(known)}" for claim, known in steps)
        print(f"{name:18} {sum(marks):3} of {len(marks)}  {sum(marks) / len(marks):.3f}   claims {claimed}")


def print_totals(tallies: Mapping[str, Tally]) -> None:
    """What values claim against what is right, and one line for each kind of document."""
    for claim, marks in sorted(tallies["all"].by_claim.items(), reverse=True):
        print(f"claims {claim:4.2f} and more  right {sum(marks):3} of {len(marks):3}  {sum(marks) / len(marks):.3f}")
    print(f"claims {SURE:.2f} and more, together: {tallies['all'].sure_precision:.4f} right")
    for kind, tally in sorted(tallies.items(), key=lambda item: (item[0] == "all", item[0])):
        print(
            f"{kind:8} {tally.documents:3} documents  accuracy {tally.accuracy:.3f}  precision {tally.precision:.3f}  "
            f"recall {tally.recall:.3f}  all fields right {tally.whole}  fields to send right {tally.sendable}"
        )


def main() -> None:
    """Reads the corpus and the made-up families, and prints the lines."""
    from tests.families.measure import print_families  # it uses the tallies of this module

    with PdfReader() as reader:
        tallies = measure(extract_files(documents(), reader=reader), show=True)
        print_fields(tallies["all"])
        print_totals(tallies)
        print_families(reader)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
