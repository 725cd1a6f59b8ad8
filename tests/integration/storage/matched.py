"""Documents on their way through a real store, up to where they wait to be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from include.adapters.storage.store import Store
from include.application.ports.documents import ReadWork
from include.domain.document import PortalDocument
from tests.factories import listing
from tests.fakes.clock import START


def matched(
    store: Store, document: PortalDocument, *, provider_scope: Sequence[str] = (), now: dt.datetime = START
) -> ReadWork:
    """One more document in the portal, seen and matched."""
    known = tuple(store.documents.known_signatures())
    store.documents.record_scan(listing(document, unchanged=known), now=now)
    matching = next(w for w in store.documents.to_match(1, limit=99) if w.document.portal_id == document.portal_id)
    store.documents.record_match(
        matching,
        matched=True,
        stored_sha256=document.content_sha256,
        criteria=["customer invoices"],
        provider_scope=provider_scope,
        reasons=[],
        revision=1,
        now=now,
    )
    [work] = store.documents.to_read(limit=1, document_ids=[matching.document_id])
    return work
