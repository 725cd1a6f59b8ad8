"""What criteria that are not saved yet would take of the portal's documents, beside what those in force take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from include.application.intake.include_older import is_older
from include.application.intake.preview_criteria import TOO_OLD, DocumentReport, report_on
from include.application.ports.portal import MAX_BYTES
from include.application.ports.portal_documents import DocumentGroup, PortalGroups, PortalStock, StoredDocument
from include.domain.configuration import Configuration, Criterion
from include.domain.configuration.base import starts_at
from include.domain.lifecycle import UNMATCHED, State
from include.domain.reasons import Reason

_TAKEN = (State.MATCHED, State.READ, State.TO_COMPLETE, State.READY)
"""States from which a document that no criterion takes any more is ignored."""

_OF_EACH = 5

MOST_GROUPS = 10_000
"""Kinds of documents that are looked at: a page answers in seconds whatever the portal holds."""

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class Outcome(StrEnum):
    """What becomes of a document."""

    MORE = "more"
    FEWER = "fewer"
    TOO_OLD = "too_old"
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"


@dataclass(frozen=True, kw_only=True)
class TriedDocument:
    """One document, and why the criterion does not take it."""

    stored: StoredDocument
    outcome: Outcome
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """`taken` and `too_old` by the one criterion; `more` and `fewer` than today by all of them together.

    `documents`: in the portal; `tried`: of these, which is all of them unless they are too different from each other.
    `sample`: some documents of each outcome, those that change first.
    """

    documents: int
    tried: int
    taken: int
    too_old: int
    more: int
    fewer: int
    sample: tuple[TriedDocument, ...]

    @property
    def effect(self) -> str:
        """What a person confirms: the same text means the same numbers."""
        return f"{self.more}/{self.fewer}"


@dataclass(frozen=True, kw_only=True)
class CriterionCounts:
    """How many documents a criterion takes, and how many only its `since` keeps out."""

    criterion: Criterion
    taken: int
    too_old: int


def count_criteria(stock: PortalStock, configuration: Configuration) -> tuple[list[CriterionCounts], PortalGroups]:
    """What each criterion takes, and the documents that were counted."""
    found = _groups(stock, configuration)
    told = [(group.documents, report_on(group.newest, configuration)) for group in found.groups]
    counts = [
        CriterionCounts(
            criterion=criterion,
            taken=sum(number for number, report in told if criterion.name in report.taken_by),
            too_old=sum(number for number, report in told if _only_too_old(report, criterion.name)),
        )
        for criterion in configuration.criteria
    ]
    return counts, found


def count_older(stock: PortalStock, configuration: Configuration, criterion: str) -> int:
    """How many documents `older_documents` would find, without a look at each."""
    found = _groups(stock, configuration).groups
    return sum(group.documents for group in found if is_older(group.newest, configuration, criterion))


def try_wanted(stock: PortalStock, current: Configuration, wanted: Configuration, name: str | None) -> Trial:
    """Holds the portal's documents against both; `name`: the criterion that is asked about, None for all of them.

    One document speaks for all that no criterion can tell from it: the numbers are those of a look at each of them.
    """
    found = _groups(stock, current, wanted)
    tried = [(group, _tried(group.newest, current, wanted, name)) for group in found.groups]

    def count(*outcomes: Outcome) -> int:
        return sum(group.documents for group, one in tried if one.outcome in outcomes)

    return Trial(
        documents=found.documents,
        tried=sum(group.documents for group, _ in tried),
        taken=count(Outcome.TAKEN, Outcome.MORE),
        too_old=count(Outcome.TOO_OLD),
        more=count(Outcome.MORE),
        fewer=count(Outcome.FEWER),
        sample=tuple(one for outcome in Outcome for one in islice(_of(tried, outcome), _OF_EACH)),
    )


def _groups(stock: PortalStock, *configurations: Configuration) -> PortalGroups:
    """The documents by what these criteria can tell apart."""
    begins = {starts_at(one.since) for configuration in configurations for one in configuration.criteria}
    moments = sorted(moment for moment in begins if moment is not None and moment < _NEVER)
    return stock.groups(moments, largest=MAX_BYTES, most=MOST_GROUPS)


def _of(tried: Iterable[tuple[DocumentGroup, TriedDocument]], outcome: Outcome) -> Iterator[TriedDocument]:
    """The newest document of each group, then the oldest ones."""
    mine = [(group, one) for group, one in tried if one.outcome == outcome]
    yield from (one for _, one in mine)
    yield from (replace(one, stored=group.oldest) for group, one in mine if group.documents > 1)


def _tried(stored: StoredDocument, current: Configuration, wanted: Configuration, name: str | None) -> TriedDocument:
    before, after = report_on(stored, current), report_on(stored, wanted)
    reasons = tuple(why.reason for why in after.reasons if name is None or why.criterion in (None, name))
    return TriedDocument(stored=stored, outcome=_outcome(after, before, name, reasons), reasons=reasons)


def _only_too_old(report: DocumentReport, criterion: str) -> bool:
    against = {why.reason.code for why in report.reasons if why.criterion == criterion}
    return bool(against) and against <= TOO_OLD


def _outcome(after: DocumentReport, before: DocumentReport, name: str | None, reasons: tuple[Reason, ...]) -> Outcome:
    state = after.stored.row_version.state
    was_taken = bool(before.taken_by)
    if was_taken and not after.taken_by and state in _TAKEN:
        return Outcome.FEWER
    if name in after.taken_by or (name is None and after.taken_by):
        return Outcome.TAKEN if was_taken or state not in UNMATCHED else Outcome.MORE
    return Outcome.TOO_OLD if reasons and {reason.code for reason in reasons} <= TOO_OLD else Outcome.NOT_TAKEN
