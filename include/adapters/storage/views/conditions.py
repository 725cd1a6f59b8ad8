"""Conditions that filters of documents and of invoices share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.visibility import visible_in_lists
from include.application.ports.document_views import DocumentFilter
from include.application.ports.invoice_views import InvoiceFilter
from include.domain.configuration.base import PARIS
from include.domain.rights import Viewer
from include.domain.values import compact, fold


def common(viewer: Viewer, wanted: DocumentFilter | InvoiceFilter) -> list[sa.ColumnElement[bool]]:
    """What the viewer sees of a provider, with a text, for a recipient."""
    found = [visible_in_lists(viewer)]
    if wanted.provider_key is not None:
        found.append(listed.c.provider_key == wanted.provider_key)
    if wanted.text:
        found.append(contains(wanted.text))
    if wanted.recipient:
        found.append(for_recipient(wanted.recipient))
    return found


def contains(text: str) -> sa.ColumnElement[bool]:
    """Whether one of the searched values has this part; a number may be written in groups.

    Asked apart, so that the databases look at the texts first, in their index, and only then at the rest.
    """
    found: sa.ColumnElement[bool] = listed.c.search_text.contains(fold(text), autoescape=True)
    bare = compact(text)
    if bare.isdecimal() and bare != fold(text):
        found = sa.or_(found, listed.c.search_text.contains(bare, autoescape=True))
    return among([found])


def among(conditions: Sequence[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    """The same rows, found before they are put in order: right where few of many are wanted."""
    return listed.c.invoice_id.in_(sa.select(listed.c.invoice_id).where(*conditions).correlate(None))


def for_recipient(text: str) -> sa.ColumnElement[bool]:
    """The body with this SIRET, or with this part of its name."""
    bare = compact(text)
    if bare.isdecimal():
        return listed.c.recipient_siret == bare
    return listed.c.recipient.contains(fold(text), autoescape=True)


def between(column: sa.Column[Any], first: dt.date | None, last: dt.date | None) -> list[sa.ColumnElement[bool]]:
    """Moments on these days of Paris, both included."""
    found = []
    if first is not None:
        found.append(column >= midnight(first))
    if last is not None and last < dt.date.max:
        found.append(column < midnight(last + dt.timedelta(days=1)))
    return found


def midnight(day: dt.date) -> dt.datetime:
    """When a day of Paris begins."""
    return dt.datetime.combine(day, dt.time(), tzinfo=PARIS)
