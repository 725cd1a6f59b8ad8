"""Older documents for a criterion, taken by an explicit word of a person: shown first, then marked for the match.

The mark is stored with the invoice, so that neither a crash before the match nor a later revision loses it. It raises
no revision: the configuration stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.application.intake.match_criteria import verdict_on
from include.application.ports.clock import Clock
from include.application.ports.portal_documents import PortalStock, StoredDocument
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.domain.lifecycle import UNMATCHED
from include.domain.rights import Viewer


def older_documents(stock: PortalStock, configuration: Configuration, criterion: str) -> Iterator[StoredDocument]:
    """Documents that the criterion would take, were they not older than its `since`, and that no other one takes.

    InputError when there is no criterion of that name.
    """
    names = [known.name for known in configuration.criteria]
    if criterion not in names:
        raise InputError("no_such_criterion", criterion=criterion, configured=", ".join(names) or "none")
    return _older(stock, configuration, criterion)


def _older(stock: PortalStock, configuration: Configuration, criterion: str) -> Iterator[StoredDocument]:
    return (stored for stored in stock.documents() if is_older(stored, configuration, criterion))


def is_older(stored: StoredDocument, configuration: Configuration, criterion: str) -> bool:
    """Whether only its age keeps this document from being taken, by this criterion and by any other."""
    if stored.row_version.state not in UNMATCHED or criterion in stored.backfilled:
        return False
    by_itself = verdict_on(stored.document, configuration.criteria, stored.backfilled)
    asked_for = verdict_on(stored.document, configuration.criteria, {*stored.backfilled, criterion})
    return not by_itself.matched and criterion in asked_for.criteria


def take_older(
    stock: PortalStock,
    documents: Sequence[StoredDocument],
    criterion: str,
    clock: Clock,
    *,
    actor: str,
    viewer: Viewer,
) -> int:
    """Has the criterion take these in the next match; how many, without those that changed meanwhile.

    NotThereError for who does not administer.
    """
    check_administers(viewer)
    return stock.backfill(documents, criterion, actor=actor, now=clock.now())
