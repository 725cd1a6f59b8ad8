"""The one way an invoice changes its state: version and state in the WHERE, the table of moves, their log, the events.

What is written was decided by `include/domain/transitions` (docs/adr/0016-pure-decisions.md); whoever read an older
version changes nothing (docs/adr/0009-state-table.md). Elsewhere rows only get marks without a state, many at a time:
to be assessed again, linked, archived.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Edits, Reasons, dump
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import AnyRow, documents, events, invoices, moves
from include.adapters.storage.core.task_runs import task_run_id
from include.domain.attachments import AttachmentEdits
from include.domain.document import PortalDocument
from include.domain.errors import StaleError
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import Draft
from include.domain.notification import NewEvent
from include.domain.transitions.change import SYSTEM, Change, Move

_STORED_AS: dict[str, Any] = {
    "reasons": Reasons,
    "warnings": Reasons,
    "draft": Draft,
    "edits": Edits,
    "attachment_edits": AttachmentEdits,
}
"""Values of a change that are stored as JSON, with their types."""


def row_version(row: AnyRow) -> RowVersion:
    """The row version of a row of `invoices`."""
    return RowVersion(invoice_id=row.invoice_id, state=State(row.state), version=row.invoice_version)


ROW_VERSION_COLUMNS = (invoices.c.id.label("invoice_id"), invoices.c.state, invoices.c.version.label("invoice_version"))


def lock(connection: Connection, invoice_id: int) -> RowVersion:
    """The row version as it is now, which nobody changes before this transaction ends."""
    query = sa.select(*ROW_VERSION_COLUMNS).where(invoices.c.id == invoice_id).with_for_update()
    return row_version(connection.execute(query).one())


def apply(
    connection: Connection,
    change: Change,
    *,
    now: dt.datetime,
    where: tuple[sa.ColumnElement[bool], ...] = (),
    computed: Mapping[str, Any] | None = None,
) -> bool:
    """Writes a decision: row, log of moves and events; False when somebody was first.

    `where` adds conditions to the UPDATE, `computed` values that the database makes (its clock). MoveForbiddenError
    when the table of moves has no such move.
    """
    change.check()
    held = change.row_version
    if change.touches_row:
        values = {name: _stored(name, value) for name, value in change.values.items()}
        if not _updated(connection, held, now, {"state": change.after, **values, **(computed or {})}, where):
            return False
    before = held.state
    for made in change.moves:
        line = {"invoice_id": held.invoice_id, "at": now, "before": before, "after": made.after}
        who = {"actor": change.actor, "task_run_id": task_run_id(connection)}
        connection.execute(moves.insert(), {**line, **who, "cause": made.cause})
        before = made.after
    for event in change.events:
        announce(connection, event)
    return True


def apply_locked(connection: Connection, change: Change, *, now: dt.datetime) -> None:
    """`apply` to a row that this transaction locked when it read it (`with_for_update`): nobody can have been first.

    Without the lock the decision could be lost in silence: a new content never matched, a hold of a person never held.
    """
    if not apply(connection, change, now=now):
        raise StaleError("invoice_changed_meanwhile", invoice_id=change.row_version.invoice_id)


def _stored(name: str, value: Any) -> Any:
    kind = _STORED_AS.get(name)
    return value if kind is None or value is None else dump(kind, value)


def log_first_moves(connection: Connection, made: Sequence[tuple[int, Move]], *, now: dt.datetime) -> None:
    """The first line in the log of each of these new invoices."""
    common = {"at": now, "before": None, "actor": SYSTEM, "task_run_id": task_run_id(connection)}
    rows = [{**common, "invoice_id": i, "after": one.after, "cause": one.cause} for i, one in made]
    connection.execute(moves.insert(), rows)


def announce(connection: Connection, event: NewEvent) -> None:
    """Writes an event in the transaction that caused it; one whose `once` is already stored is dropped."""
    if event.once is None:  # nothing that it could repeat
        connection.execute(events.insert(), event_row(event))
        return
    insert_new(connection, events, event_row(event))


def event_row(event: NewEvent) -> dict[str, Any]:
    """The row of an event that nobody was told of yet."""
    return {
        "kind": event.kind,
        "provider_key": event.provider_key,
        "invoice_id": event.invoice_id,
        "at": event.at,
        "facts": dict(event.facts),
        "once": event.once,
        "distributed": False,
    }


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


def shelved_from(row: AnyRow) -> State | None:
    """The state before it was held or discarded."""
    return None if row.shelved_from is None else State(row.shelved_from)


_AS_HELD = invoices.update().where(
    invoices.c.id == sa.bindparam("held_id"),
    invoices.c.state == sa.bindparam("held_state"),
    invoices.c.version == sa.bindparam("held_version"),
)


def _updated(
    connection: Connection,
    held: RowVersion,
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
    list_again(connection, [held.invoice_id])
    return connection.execute(query, parameters).rowcount == 1
