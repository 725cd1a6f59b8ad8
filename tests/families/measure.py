"""Reads families of made-up invoices, and says what was right and what would have gone out wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.ports.reader import DocumentReader, ReadingHints
from include.application.reading.extract import answer_of
from include.domain.configuration import ReadingLimits
from include.domain.directory import DirectoryEntry
from include.domain.reading import Reading
from tests.accuracy import Tally, print_fields, print_totals, told
from tests.families.development import DEVELOPMENT
from tests.families.development_more import MORE
from tests.families.development_opened import OPENED
from tests.families.development_reopened import REOPENED
from tests.families.held_out import HELD_OUT
from tests.families.kit import samples
from tests.families.printed import SETS, bodies, printed
from tests.families.verdict import draft_and_findings, is_ready, wrong_if_sent

KNOWN = (*DEVELOPMENT, *MORE, *OPENED, *REOPENED)
"""Families on which rules are improved."""


@dataclass(kw_only=True)
class Measured:
    """Tallies by kind of document, the verdicts, and a line for each document that was not read wholly right."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    ready: int = 0
    wrong_and_ready: list[str] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lines: list[str] = field(default_factory=list)


def measured(
    documents: Iterable[tuple[bytes, Mapping[str, Any]]],
    reader: DocumentReader,
    bodies: Mapping[str, DirectoryEntry] | None = None,
) -> Measured:
    """What the reader makes of documents with their truths; suppliers are configured, as they are in the pipeline.

    `bodies` are those of the directory, by SIRET; without them it knows whatever was read.
    """
    known = list(documents)
    found = Measured()
    sellers = frozenset(filter(None, (truth["fields"]["supplier_siret"] for _, truth in known)))
    hints = ReadingHints(supplier_sirets=sellers)
    contents = ((index, content) for index, (content, _) in enumerate(known))
    for index, result in reader.read(contents, ReadingLimits(), hints):
        truth = known[index][1]
        answer = answer_of(truth["file"], result, 0.0, "en")
        found.tallies[truth["kind"]].add(truth, answer)
        wrong = found.tallies["all"].add(truth, answer)
        if wrong:
            found.lines.append(f"{truth['file']:28} {told(wrong, truth, answer)}")
        if isinstance(result, Reading):
            _judge(found, result, truth, bodies)
    return found


def _judge(
    found: Measured, reading: Reading, truth: Mapping[str, Any], bodies: Mapping[str, DirectoryEntry] | None
) -> None:
    draft, findings = draft_and_findings(reading, truth, bodies)
    for reason in findings.reasons:
        found.held[reason.code] += 1
    if not is_ready(findings):
        return
    found.ready += 1
    if wrong := wrong_if_sent(draft, truth):
        shown = ", ".join(f"{name} {draft.value(name)} instead of {truth['fields'][name]}" for name in wrong)
        found.wrong_and_ready.append(f"{truth['file']}: {shown}")


def print_families(reader: DocumentReader) -> None:
    """Development families with each wrong field, held-out ones in figures only."""
    for title, register, lines in (
        ("Development families", KNOWN, True),
        ("Held-out families", HELD_OUT, False),
    ):
        made = ((sample.content, sample.truth) for sample in samples(register))
        print(f"\n{title}: {len(register)}")
        print_measured(measured(made, reader), lines=lines)

    for name in SETS:
        print(f"\nPrinted and scanned by other programs: {name}")
        print_measured(measured(printed(name), reader, bodies(name)))


def print_measured(found: Measured, *, lines: bool = True) -> None:
    """Everything that was measured; without `lines`, nothing that a rule could be fitted to."""
    for line in found.lines if lines else ():
        print(line)
    print_fields(found.tallies["all"])
    print_totals(found.tallies)
    print(f"ready by themselves: {found.ready}, of these with something wrong: {len(found.wrong_and_ready)}")
    for line in found.wrong_and_ready if lines else ():
        print(f"  {line}")
    held: Sequence[tuple[str, int]] = sorted(found.held.items(), key=lambda item: -item[1])
    print("held for: " + ", ".join(f"{code} {count}" for code, count in held))
