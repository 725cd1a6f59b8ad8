"""What each criterion takes of the portal as it stands, and why not. Looks at what is stored and changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from include.application.intake.match_criteria import verdict_on
from include.application.ports.portal_documents import PortalStock, StoredDocument
from include.domain.configuration import Configuration, Criterion
from include.domain.criteria import CriterionOutcome
from include.domain.reasons import Reason

TOO_OLD = frozenset({"criterion_too_old", "criterion_never_applied"})
"""Reasons that a back-fill passes over."""


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why one criterion, or none of them (`criterion` None), takes a document."""

    criterion: str | None
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class DocumentReport:
    """One document: `providers` are the only ones that its criteria leave open, empty: whoever the invoice names."""

    stored: StoredDocument
    taken_by: tuple[str, ...]
    providers: tuple[str, ...]
    reasons: tuple[Why, ...]


@dataclass(kw_only=True)
class CriterionReport:
    """One criterion: what it takes; how many only its `since` keeps out, and how many only its providers."""

    criterion: Criterion
    taken: list[StoredDocument] = field(default_factory=list)
    older: int = 0
    out_of_scope: int = 0


@dataclass(frozen=True, kw_only=True)
class CriteriaReport:
    """Everything, criterion by criterion and document by document."""

    criteria: Sequence[CriterionReport]
    documents: Sequence[DocumentReport]

    @property
    def not_taken(self) -> list[DocumentReport]:
        """Documents that no criterion takes."""
        return [document for document in self.documents if not document.taken_by]


def try_criteria(
    stock: PortalStock, configuration: Configuration, visible: Collection[int] | None = None
) -> CriteriaReport:
    """Holds every stored document against every criterion; given ids `visible` to somebody, those documents only.

    A criterion that names providers takes no invoice of another supplier: once the supplier was read, the document
    counts as out of its scope (it waits with that reason, and is never sent).
    """
    reports = _reports(configuration)
    documents = [
        _document(stored, configuration, reports)
        for stored in stock.documents()
        if visible is None or stored.document_id in visible
    ]
    return CriteriaReport(criteria=list(reports.values()), documents=documents)


def report_on(stored: StoredDocument, configuration: Configuration) -> DocumentReport:
    """One document alone."""
    return _document(stored, configuration, _reports(configuration))


def _reports(configuration: Configuration) -> dict[str, CriterionReport]:
    return {criterion.name: CriterionReport(criterion=criterion) for criterion in configuration.criteria}


def _document(
    stored: StoredDocument, configuration: Configuration, reports: Mapping[str, CriterionReport]
) -> DocumentReport:
    verdict = verdict_on(stored.document, configuration.criteria, stored.backfilled)
    taken_by: list[str] = []
    reasons = [Why(criterion=None, reason=reason) for reason in verdict.reasons] if not verdict.outcomes else []
    for outcome in verdict.outcomes:
        report = reports[outcome.criterion]
        against = list(outcome.reasons) or list(_scope(stored, report.criterion, configuration))
        reasons += [Why(criterion=outcome.criterion, reason=reason) for reason in against]
        if not against:
            taken_by.append(outcome.criterion)
            report.taken.append(stored)
        elif outcome.matched:
            report.out_of_scope += 1
        elif _only_too_old(outcome):
            report.older += 1
    return DocumentReport(
        stored=stored,
        taken_by=tuple(taken_by),
        providers=verdict.providers if taken_by else (),
        reasons=tuple(reasons),
    )


def _scope(stored: StoredDocument, criterion: Criterion, configuration: Configuration) -> Iterator[Reason]:
    """The supplier that was read, where it is none of the criterion's providers."""
    if stored.supplier_siret is None or not criterion.providers:
        return
    allowed = [provider for name in criterion.providers if (provider := configuration.provider(name)) is not None]
    if stored.supplier_siret not in {provider.siret for provider in allowed}:
        params = {"siret": stored.supplier_siret, "providers": ", ".join(criterion.providers)}
        yield Reason(code="supplier_out_of_scope", field="supplier_siret", params=params)


def _only_too_old(outcome: CriterionOutcome) -> bool:
    return {reason.code for reason in outcome.reasons} <= TOO_OLD
