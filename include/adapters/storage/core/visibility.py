"""Who sees which invoices: one condition that every query for people carries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.list_tables import invoice_labels, listed
from include.adapters.storage.core.tables import invoices
from include.domain.rights import Viewer


def visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Which rows of `invoices` this person sees."""
    return _seen(viewer, invoices.c.provider_key, invoices.c.id)


def visible_in_lists(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The same of the rows that lists are made of."""
    return _seen(viewer, listed.c.provider_key, listed.c.invoice_id)


def _seen(viewer: Viewer, provider_key: sa.Column[Any], invoice_id: sa.Column[Any]) -> sa.ColumnElement[bool]:
    if viewer.everything:
        return sa.true()
    seen: sa.ColumnElement[bool] = provider_key.in_(sorted(viewer.provider_keys))
    if viewer.labels is not None:
        labelled = sa.select(invoice_labels.c.invoice_id).where(invoice_labels.c.label.in_(sorted(viewer.labels)))
        unfiltered = provider_key.in_(sorted(viewer.unfiltered))
        seen = sa.and_(seen, sa.or_(unfiltered, invoice_id.in_(labelled)))
    return sa.or_(seen, provider_key.is_(None)) if viewer.without_provider else seen
