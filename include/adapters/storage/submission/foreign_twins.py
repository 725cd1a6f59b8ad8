"""Invoices of the platform's list that no document of ours stands behind, and what is left of one that turns out ours.

Nothing here decides whether one is ours: that is `include/domain/transitions/adoption.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.list_tables import invoice_labels, listed
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import (
    AnyRow,
    documents,
    findings,
    invoices,
    metadata,
    remote_invoices,
    tracked_statuses,
)
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.submission import DRAFT_THERE, RemoteInvoice, number_key
from include.domain.tracking import amount_from
from include.domain.transitions.adoption import UNDER_CORRECTION
from include.domain.transitions.submission import already_sent

logger = logging.getLogger(__name__)

_MADE_ANEW = (listed, invoice_labels, findings)
"""Rows of a twin that are derived: what takes its place has its own."""

_TWIN = (
    sa.select(invoices, remote_invoices)
    .join(remote_invoices, remote_invoices.c.invoice_id == invoices.c.id)
    .where(invoices.c.document_id.is_(None))
)


def remote_invoice(row: AnyRow) -> RemoteInvoice:
    """What the platform said of a twin, from its row."""
    told = row._mapping
    return RemoteInvoice(
        chorus_id=told[invoices.c.chorus_id],
        number=told[remote_invoices.c.number],
        status=told[remote_invoices.c.code],
        status_at=told[remote_invoices.c.status_at],
        status_comment=told[remote_invoices.c.status_comment],
        credit_note=told[remote_invoices.c.credit_note],
        supplier_siret=told[remote_invoices.c.supplier_siret],
        recipient_siret=told[remote_invoices.c.recipient_siret],
        recipient_name=told[remote_invoices.c.recipient_name],
        service_code=told[remote_invoices.c.service_code],
        engagement_number=told[remote_invoices.c.engagement_number],
        total_excl_tax=amount_from(told[remote_invoices.c.total_excl_tax]),
        total_incl_tax=amount_from(told[remote_invoices.c.total_incl_tax]),
        amount_due=amount_from(told[remote_invoices.c.amount_due]),
        issue_date=told[remote_invoices.c.issue_date],
        deposited_on=told[remote_invoices.c.deposited_on],
        rejection_handled=told[remote_invoices.c.rejection_handled],
    )


def twins_of_number(connection: Connection, environment: str, supplier_siret: str, number: str) -> list[RemoteInvoice]:
    """What our copy of the platform's list has of this supplier and number, oldest first."""
    query = _TWIN.where(*_of_number(invoices, environment, supplier_siret, number)).order_by(invoices.c.id)
    return [remote_invoice(row) for row in connection.execute(query)]


def no_twin(environment: str, supplier_siret: str, number: str) -> sa.ColumnElement[bool]:
    """For the WHERE of the claim: nothing of this supplier and number was retrieved since we looked."""
    twin = invoices.alias("twin")
    return ~(
        sa.select(twin.c.id)
        .where(*_of_number(twin, environment, supplier_siret, number), twin.c.document_id.is_(None))
        .where(sa.func.coalesce(twin.c.status, "") != DRAFT_THERE)
        .exists()
    )


def twin_of(connection: Connection, environment: str | None, chorus_id: int, *, but: int) -> AnyRow | None:
    """The invoice without document that bears this number of the platform, locked where the database locks rows."""
    query = _TWIN.where(invoices.c.environment == environment, invoices.c.chorus_id == chorus_id, invoices.c.id != but)
    return connection.execute(query.with_for_update(of=invoices)).one_or_none()


def is_free(twin: AnyRow) -> bool:
    """Whether nobody corrects it at this moment: what is under way settles by its own id."""
    return State(twin.state) not in UNDER_CORRECTION


def has_twin(connection: Connection, environment: str | None, chorus_ids: Collection[int]) -> bool:
    """Whether one of these stands in our store without a document."""
    query = sa.select(invoices.c.id).where(
        invoices.c.environment == environment,
        invoices.c.chorus_id.in_(sorted(chorus_ids)),
        invoices.c.document_id.is_(None),
    )
    return bool(chorus_ids) and connection.execute(query.limit(1)).first() is not None


def borne_elsewhere(
    connection: Connection, environment: str | None, chorus_ids: Collection[int], *, but: int
) -> dict[int, Reason]:
    """Those of these numbers of the platform that other documents of ours bear, with the reason that names them."""
    if not chorus_ids:
        return {}
    query = (
        sa.select(invoices.c.id, invoices.c.chorus_id, invoices.c.invoice_number, documents.c.name)
        .join(documents, documents.c.id == invoices.c.document_id)
        .where(invoices.c.environment == environment, invoices.c.chorus_id.in_(sorted(chorus_ids)))
        .where(invoices.c.id != but)
    )
    return {
        row.chorus_id: already_sent(row.id, number=row.invoice_number, document=row.name)
        for row in connection.execute(query)
    }


def absorb(connection: Connection, twin: AnyRow, *, into: int) -> None:
    """All that is known of the twin becomes that of our invoice, and the twin is gone.

    Whatever table points at invoices follows; its own status, history, corrections, moves and events stay as they
    were stored.
    """
    told = twin._mapping
    gone: int = told[invoices.c.id]
    for table in _MADE_ANEW:
        connection.execute(table.delete().where(table.c.invoice_id == gone))
    connection.execute(remote_invoices.delete().where(remote_invoices.c.invoice_id == into))
    _drop_common_history(connection, gone, into)
    for table in metadata.sorted_tables:
        for column in _pointing_at_invoices(table):
            connection.execute(table.update().where(column == gone).values({column.name: into}))
    follower = told[invoices.c.successor_id]
    carried = {"rerouted": told[invoices.c.rerouted], "successor_id": None if follower == into else follower}
    connection.execute(invoices.update().where(invoices.c.id == into).values(**carried))
    connection.execute(invoices.delete().where(invoices.c.id == gone))
    list_again(connection, [into])
    logger.info("Invoice %s was met as invoice %s before: one row of both", into, gone)


def _drop_common_history(connection: Connection, gone: int, into: int) -> None:
    """An entry that both have is kept once."""
    ours = tracked_statuses.alias("ours")
    same = ours.c.kind == tracked_statuses.c.kind, ours.c.entry == tracked_statuses.c.entry
    both = sa.select(ours.c.id).where(ours.c.invoice_id == into, *same).exists()
    connection.execute(tracked_statuses.delete().where(tracked_statuses.c.invoice_id == gone, both))


def _pointing_at_invoices(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if any(key.column is invoices.c.id for key in column.foreign_keys)]


def _of_number(
    table: sa.FromClause, environment: str, supplier_siret: str, number: str
) -> tuple[sa.ColumnElement[bool], ...]:
    """Of what the platform still has: a number of its own that was given to another invoice leaves nothing there."""
    return (
        table.c.chorus_id.is_not(None),
        table.c.number_key == number_key(number),
        table.c.supplier_siret == supplier_siret,
        table.c.environment == environment,
    )
