"""Is this document an invoice for us? Yes or no, with reasons (docs/reference/connector-functions.md 1.5 and 2.1).

A criterion rests on a classification rule or on a folder. Documents that arrived before its `since` do not count, so
that a new criterion never sends years of old invoices by itself (docs/reference/connector-functions.md 4.8); an
explicit back-fill takes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from include.domain.configuration import Criterion
from include.domain.configuration.base import PARIS, starts_at
from include.domain.document import PortalDocument
from include.domain.reasons import Reason
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class CriterionOutcome:
    """What one criterion says of a document; no reasons: it takes it."""

    criterion: str
    reasons: tuple[Reason, ...] = ()

    @property
    def matched(self) -> bool:
        """Whether the criterion takes the document."""
        return not self.reasons


@dataclass(frozen=True, kw_only=True)
class CriteriaVerdict:
    """What all criteria together say of a document.

    `criteria` are those that take it; `providers` the only ones they leave open (empty: chosen by the supplier SIRET);
    `reasons` say why nothing takes it; `outcomes` hold each criterion's own answer.
    """

    matched: bool
    criteria: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    outcomes: tuple[CriterionOutcome, ...] = ()


def evaluate(
    document: PortalDocument,
    criteria: Sequence[Criterion],
    *,
    backfilled: Collection[str] = (),
) -> CriteriaVerdict:
    """Holds a document against every criterion; `backfilled` names criteria whose `since` is to be passed over."""
    if not document.name.casefold().endswith(".pdf"):
        return CriteriaVerdict(matched=False, reasons=(Reason(code="not_pdf"),))
    if not criteria:
        return CriteriaVerdict(matched=False, reasons=(Reason(code="no_criteria"),))
    outcomes = tuple(
        CriterionOutcome(criterion=criterion.name, reasons=tuple(_against(document, criterion, backfilled)))
        for criterion in criteria
    )
    taking = [criterion for criterion, outcome in zip(criteria, outcomes, strict=True) if outcome.matched]
    return CriteriaVerdict(
        matched=bool(taking),
        criteria=tuple(criterion.name for criterion in taking),
        providers=_providers(taking),
        reasons=() if taking else tuple(reason for outcome in outcomes for reason in outcome.reasons),
        outcomes=outcomes,
    )


def _providers(taking: Sequence[Criterion]) -> tuple[str, ...]:
    """Those named by the criteria; a criterion that names none leaves all of them open."""
    if not all(criterion.providers for criterion in taking):
        return ()
    return tuple(dict.fromkeys(name for criterion in taking for name in criterion.providers))


def _against(document: PortalDocument, criterion: Criterion, backfilled: Collection[str]) -> Iterator[Reason]:
    """Everything that speaks against taking the document under one criterion."""
    if criterion.classification_rule is None and criterion.folder is None:
        yield Reason(code="criterion_without_basis", params={"criterion": criterion.name})
        return
    if criterion.classification_rule is not None:
        yield from _rule(document.classification_rule, criterion.name, criterion.classification_rule)
    if criterion.folder is not None:
        yield from _folder(document.folder, criterion, criterion.folder)
    if criterion.name not in backfilled:
        yield from _age(document.arrived_at, criterion)


def _rule(found: str | None, criterion: str, wanted: str) -> Iterator[Reason]:
    if not found:
        yield Reason(code="criterion_rule_missing", params={"criterion": criterion, "wanted": wanted})
    elif fold(found) != fold(wanted):
        yield Reason(code="criterion_other_rule", params={"criterion": criterion, "found": found, "wanted": wanted})


def _folder(found: str, criterion: Criterion, wanted: str) -> Iterator[Reason]:
    here, there = _parts(found), _parts(wanted)
    if here == there or (criterion.subfolders and here[: len(there)] == there):
        return
    code = "criterion_subfolder" if here[: len(there)] == there else "criterion_other_folder"
    yield Reason(code=code, params={"criterion": criterion.name, "found": found, "wanted": wanted})


def _parts(folder: str) -> tuple[str, ...]:
    """The folder names on the way, folded; blank ones do not count."""
    return tuple(part for part in map(fold, folder.split("/")) if part)


def _age(arrived_at: dt.datetime, criterion: Criterion) -> Iterator[Reason]:
    """A criterion never applied takes nothing by itself; times are told as in Paris."""
    if criterion.since is None:
        yield Reason(code="criterion_never_applied", params={"criterion": criterion.name})
        return
    since = starts_at(criterion.since)
    if since is not None and arrived_at < since:
        found, wanted = (f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}" for moment in (arrived_at, since))
        yield Reason(code="criterion_too_old", params={"criterion": criterion.name, "found": found, "wanted": wanted})
