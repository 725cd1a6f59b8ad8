"""The one way an invoice row changes: version and state in the WHERE, the table of moves, the log of moves, the events.

Every station writes through `move` or `touch`; whoever read an older version changes nothing (design decision 9).
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.tables import AnyRow, documents, events, invoices, moves
from include.application.storage_ports import Ticket
from include.domain.document import PortalDocument
from include.domain.errors import MoveForbiddenError
from include.domain.lifecycle import State, allowed
from include.domain.mapping import Draft
from include.domain.notification import EventKind, NewEvent, invoice_facts

SYSTEM = "system"


def ticket(row: AnyRow) -> Ticket:
    """The ticket of an invoice row."""
    return Ticket(invoice_id=row.invoice_id, state=State(row.state), version=row.invoice_version)


TICKET_COLUMNS = (invoices.c.id.label("invoice_id"), invoices.c.state, invoices.c.version.label("invoice_version"))


def move(
    connection: Connection,
    held: Ticket,
    after: State,
    *,
    cause: str,
    now: dt.datetime,
    actor: str = SYSTEM,
    shelved_from: State | None = None,
    values: Mapping[str, Any] | None = None,
    where: tuple[sa.ColumnElement[bool], ...] = (),
    proof: bool = False,
) -> bool:
    """Moves the invoice if it is still as the ticket says; False when somebody was first.

    `values` change in the same UPDATE, `where` adds conditions to it; `proof` = the platform is known to hold it.
    MoveForbiddenError when the table of moves has no such move.
    """
    if not allowed(held.state, after, shelved_from=shelved_from, proof=proof):
        raise MoveForbiddenError(f"Invoice {held.invoice_id} cannot go from {held.state} to {after}.")
    changed = _updated(connection, held, now, {"state": after, **(values or {})}, where)
    if changed:
        log_move(connection, held.invoice_id, held.state, after, cause=cause, actor=actor, now=now)
    return changed


def touch(connection: Connection, held: Ticket, values: Mapping[str, Any], *, now: dt.datetime) -> bool:
    """Changes values without a move, under the same condition."""
    return _updated(connection, held, now, values, ())


def log_move(
    connection: Connection,
    invoice_id: int,
    before: State | None,
    after: State,
    *,
    cause: str,
    now: dt.datetime,
    actor: str = SYSTEM,
) -> None:
    """One line in the log of moves."""
    line = {"invoice_id": invoice_id, "at": now, "before": before, "after": after, "cause": cause, "actor": actor}
    connection.execute(moves.insert(), line)


def announce(connection: Connection, event: NewEvent) -> None:
    """Writes an event in the transaction that caused it; one whose `once` is already stored is dropped."""
    row = {
        "kind": event.kind,
        "provider_key": event.provider_key,
        "invoice_id": event.invoice_id,
        "at": event.at,
        "facts": dict(event.facts),
        "once": event.once,
        "distributed": False,
    }
    if event.once is None:  # nothing that it could repeat
        connection.execute(events.insert(), row)
        return
    with contextlib.suppress(sa.exc.IntegrityError), connection.begin_nested():
        connection.execute(events.insert(), row)


def announce_invoice(
    connection: Connection,
    kind: EventKind,
    *,
    invoice_id: int,
    document: str | None,
    provider_key: str | None,
    draft: Draft | None,
    now: dt.datetime,
    once: str | None = None,
    **rest: Any,
) -> None:
    """An event about an invoice, with what a reader needs to recognise it; `rest` goes to `invoice_facts`."""
    values = draft or Draft()
    facts = invoice_facts(
        document=document,
        number=values.text("invoice_number"),
        recipient_name=values.text("recipient_name"),
        recipient_siret=values.text("recipient_siret"),
        total_incl_tax=values.text("total_incl_tax"),
        user_label=values.text("user_label"),
        **rest,
    )
    event = NewEvent(kind=kind, at=now, provider_key=provider_key, invoice_id=invoice_id, facts=facts, once=once)
    announce(connection, event)


def portal_document(row: AnyRow | Mapping[str, Any]) -> PortalDocument:
    """The portal's view from a row of `documents`."""
    data = row if isinstance(row, Mapping) else row._mapping
    return PortalDocument(
        portal_id=data["portal_id"],
        name=data["name"],
        folder=data["folder"],
        signature=data["signature"],
        size=data["size"],
        arrived_at=data["arrived_at"],
        content_sha256=data["document_sha256"],
        classification_rule=data["classification_rule"],
        metadata={name: tuple(values) for name, values in data["metadata"].items()},
        links=tuple(data["links"]),
    )


DOCUMENT_COLUMNS = (
    documents.c.id.label("document_id"),
    documents.c.portal_id,
    documents.c.name,
    documents.c.folder,
    documents.c.signature,
    documents.c.size,
    documents.c.arrived_at,
    documents.c.content_sha256.label("document_sha256"),
    documents.c.classification_rule,
    documents.c.metadata,
    documents.c.links,
)


def linked_documents(connection: Connection, portal_ids: set[str]) -> dict[str, PortalDocument]:
    """The latest version of each of these documents that is still there."""
    found: dict[str, PortalDocument] = {}
    wanted = sorted(portal_ids)
    for start in range(0, len(wanted), 500):  # SQLite bounds the number of parameters
        query = sa.select(*DOCUMENT_COLUMNS).where(
            documents.c.portal_id.in_(wanted[start : start + 500]), documents.c.latest, documents.c.missing_passes < 2
        )
        found.update((row.portal_id, portal_document(row)) for row in connection.execute(query))
    return found


_AS_HELD = invoices.update().where(
    invoices.c.id == sa.bindparam("held_id"),
    invoices.c.state == sa.bindparam("held_state"),
    invoices.c.version == sa.bindparam("held_version"),
)


def _updated(
    connection: Connection,
    held: Ticket,
    now: dt.datetime,
    values: Mapping[str, Any],
    where: tuple[sa.ColumnElement[bool], ...],
) -> bool:
    """The UPDATE; plain values go as parameters, so that the statement of all rows is built and compiled once."""
    computed = {name: value for name, value in values.items() if isinstance(value, sa.ClauseElement)}
    query = _AS_HELD.where(*where) if where else _AS_HELD
    if computed:
        query = query.values(**computed)
    plain = {name: value for name, value in values.items() if name not in computed}
    condition = {"held_id": held.invoice_id, "held_state": held.state, "held_version": held.version}
    parameters = {**plain, **condition, "version": held.version + 1, "changed_at": now}
    return connection.execute(query, parameters).rowcount == 1
