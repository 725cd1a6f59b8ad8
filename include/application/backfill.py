"""Older documents for a criterion, taken by an explicit word of a person: shown first, then marked for the match.

The mark is stored with the invoice, so that neither a crash before the match nor a later revision loses it. It raises
no revision: the configuration stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.application.match_criteria import verdict_on
from include.application.portal_stock import PortalStock, StoredDocument
from include.application.ports import Clock
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.domain.lifecycle import State

_WAITING = (State.DETECTED, State.IGNORED)
"""Taken by nobody yet; what a person held or discarded stays where it is."""


def older_documents(stock: PortalStock, configuration: Configuration, criterion: str) -> Iterator[StoredDocument]:
    """Documents that the criterion would take, were they not older than its `since`, and that no other one takes.

    InputError when there is no criterion of that name.
    """
    names = [known.name for known in configuration.criteria]
    if criterion not in names:
        raise InputError(f"There is no criterion {criterion!r}.", todo=f"Configured: {', '.join(names) or 'none'}.")
    return _older(stock, configuration, criterion)


def _older(stock: PortalStock, configuration: Configuration, criterion: str) -> Iterator[StoredDocument]:
    for stored in stock.documents():
        if stored.ticket.state not in _WAITING or criterion in stored.backfilled:
            continue
        by_itself = verdict_on(stored.document, configuration.criteria, stored.backfilled)
        asked_for = verdict_on(stored.document, configuration.criteria, {*stored.backfilled, criterion})
        if not by_itself.matched and criterion in asked_for.criteria:
            yield stored


def take_older(
    stock: PortalStock, documents: Sequence[StoredDocument], criterion: str, clock: Clock, *, actor: str
) -> int:
    """Has the criterion take these in the next match; how many, without those that changed meanwhile."""
    return stock.backfill(documents, criterion, actor=actor, now=clock.now())
