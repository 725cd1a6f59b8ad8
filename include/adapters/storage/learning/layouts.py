"""What invoices teach about where values stand (port `LayoutExamples`).

At acceptance only a note is taken, in the transaction that moves the invoice to `submitted`; the next pass learns from
it. Of invoices that nobody touched a few of each provider are enough: thousands in one run cost next to nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Edits, dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new, put
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, apply, apply_locked, lock, row_version
from include.adapters.storage.core.tables import AnyRow, documents, invoices, layout_examples, readings
from include.adapters.storage.intake.documents import load_reading, stored_reading
from include.adapters.storage.learning.recipients import raise_revision
from include.application.ports.configuration import Action, ConfigurationChange
from include.application.ports.layouts import Material, ReadInvoice, Scope, StoredExample
from include.domain.extraction.layout_memory.example import Example
from include.domain.lifecycle import ASSESSABLE, State
from include.domain.mapping import Draft
from include.domain.reading import Reading
from include.domain.transitions.mapping import assessed_again, layout_forgotten
from include.domain.transitions.sent_invoice import SentInvoice
from include.domain.values import fold

ENOUGH = 5
"""Most invoices of one provider that nobody touched and that are noted to be learned from."""

_NOT_READY = (State.READ, State.TO_COMPLETE)

_T = layout_examples.c


_OTHERS = layout_examples.alias("others")

_ACCEPTED = (
    # one statement, built once: it runs inside the transaction of every acceptance
    sa.select(
        invoices.c.content_sha256,
        invoices.c.edits,
        documents.c.classification_rule,
        _T.content_sha256.label("noted"),
        sa.select(sa.func.count())
        .select_from(_OTHERS)
        .where(_OTHERS.c.provider_key == sa.bindparam("provider"), _OTHERS.c.due)
        .scalar_subquery()
        .label("waiting"),
    )
    .join(documents, documents.c.id == invoices.c.document_id)
    .join(readings, readings.c.content_sha256 == invoices.c.content_sha256)
    .join(layout_examples, _T.content_sha256 == invoices.c.content_sha256, isouter=True)
    .where(invoices.c.id == sa.bindparam("invoice"), ~readings.c.unreadable)
)


def note_accepted(connection: Connection, invoice: SentInvoice, *, now: dt.datetime) -> None:
    """Notes that there is something to learn from this invoice, if its words are known."""
    asked = {"invoice": invoice.row_version.invoice_id, "provider": invoice.provider_key}
    found = connection.execute(_ACCEPTED, asked).one_or_none()
    if found is None or invoice.provider_key is None:
        return
    if found.noted is not None:
        mine = _T.content_sha256 == found.content_sha256
        connection.execute(layout_examples.update().where(mine).values(accepted=True, due=True))
    elif found.edits or found.waiting < ENOUGH:
        values = {
            "content_sha256": found.content_sha256,
            "invoice_id": invoice.row_version.invoice_id,
            "provider_key": invoice.provider_key,
            "classification_rule": fold(found.classification_rule or ""),
            "accepted": True,
            "due": True,
            "fresh": False,
            "taught_at": now,
        }
        insert_new(connection, layout_examples, values)


class SqlLayoutExamples:
    """`LayoutExamples` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def examples(self, scopes: Sequence[Scope] | None = None) -> list[StoredExample]:
        """See `LayoutExamples`."""
        query = sa.select(layout_examples).where(_T.example.is_not(None))
        if scopes is not None:
            query = query.where(sa.or_(sa.false(), *(_within(scope) for scope in scopes)))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_T.taught_at.desc(), _T.content_sha256)).all()
        return [_example(row) for row in rows]

    def material(self, invoice_id: int) -> Material | None:
        """See `LayoutExamples`."""
        with self._database.read() as connection:
            row = connection.execute(_material().where(invoices.c.id == invoice_id)).one_or_none()
        return None if row is None else _loaded(row)

    def due(self, *, limit: int) -> list[Material]:
        """See `LayoutExamples`."""
        query = _material().where(_T.due, _T.invoice_id == invoices.c.id).order_by(_T.taught_at, invoices.c.id)
        with self._database.read() as connection:
            return [_loaded(row) for row in connection.execute(query.limit(limit))]

    def keep(
        self, content_sha256: str, taught: StoredExample | None, *, others: Sequence[StoredExample], gone: Sequence[str]
    ) -> None:
        """See `LayoutExamples`."""
        mine = _T.content_sha256 == content_sha256
        with self._database.write() as connection:
            before = connection.execute(sa.select(layout_examples).where(mine)).one_or_none()
            if taught is None:
                connection.execute(layout_examples.delete().where(mine))
            else:
                _keep(connection, taught, before)
            for other in others:
                changed = layout_examples.update().where(_T.content_sha256 == other.content_sha256)
                connection.execute(changed.values(example=dump(Example, other.example)))
            connection.execute(layout_examples.delete().where(_T.content_sha256.in_(gone), ~_T.due))

    def fresh(self) -> list[Scope]:
        """See `LayoutExamples`."""
        query = sa.select(_T.provider_key, _T.classification_rule).where(_T.fresh).distinct()
        with self._database.read() as connection:
            return [
                Scope(provider_key=row.provider_key, classification_rule=row.classification_rule)
                for row in connection.execute(query.order_by(_T.provider_key, _T.classification_rule))
            ]

    def waiting(self, scope: Scope, *, limit: int) -> list[ReadInvoice]:
        """See `LayoutExamples`."""
        with self._database.read() as connection:
            ids = [row.invoice_id for row in _of_scope(connection, scope, _NOT_READY, or_unknown=True)][:limit]
            query = (
                sa.select(*ROW_VERSION_COLUMNS, invoices.c.content_sha256, readings.c.reading, readings.c.unreadable)
                .join(readings, readings.c.content_sha256 == invoices.c.content_sha256)
                .where(invoices.c.id.in_(ids), ~readings.c.unreadable, ~readings.c.stale)
                .order_by(invoices.c.id.desc())
            )
            rows = connection.execute(query).all()
        return [_waiting(row) for row in rows]

    def renew(self, waiting: ReadInvoice, reading: Reading, *, now: dt.datetime) -> bool:
        """See `LayoutExamples`."""
        with self._database.write() as connection:
            if not apply(connection, assessed_again(waiting.row_version), now=now):
                return False
            mine = readings.c.content_sha256 == waiting.content_sha256, ~readings.c.stale
            connection.execute(readings.update().where(*mine).values(stored_reading(reading)))
            return True

    def used(self, scope: Scope) -> None:
        """See `LayoutExamples`."""
        with self._database.write() as connection:
            connection.execute(layout_examples.update().where(_within(scope)).values(fresh=False))

    def forget(self, examples: Sequence[StoredExample], *, fields: Sequence[str], actor: str, now: dt.datetime) -> int:
        """See `LayoutExamples`."""
        scopes = dict.fromkeys(example.scope for example in examples)
        with self._database.write() as connection:
            for stored in examples:
                _forget(connection, stored, fields)
            for scope in scopes:
                # what was noted and not learned yet would bring it back
                connection.execute(layout_examples.delete().where(_within(scope), _T.example.is_(None)))
                connection.execute(layout_examples.update().where(_within(scope)).values(due=False))
                _read_again(connection, scope, fields, actor=actor, now=now)
            changes = [_change(scope, examples, fields) for scope in scopes]
            return raise_revision(connection, changes, actor=actor, source="layouts forget", at=now)


def _keep(connection: Connection, taught: StoredExample, before: AnyRow | None) -> None:
    """Stores an example; one that says what was known already changes nothing but that it is learned now."""
    mine = _T.content_sha256 == taught.content_sha256
    example = dump(Example, taught.example)
    if before is not None and before.example == example:
        connection.execute(layout_examples.update().where(mine).values(due=False))
        return
    values = {
        "invoice_id": taught.invoice_id,
        "provider_key": taught.scope.provider_key,
        "classification_rule": taught.scope.classification_rule,
        "example": example,
        "accepted": taught.accepted,
        "due": False,
        "fresh": taught.by_person,
        "taught_at": taught.taught_at,
    }
    put(connection, layout_examples, {"content_sha256": taught.content_sha256, **values})


def _within(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(_T.provider_key == scope.provider_key, _T.classification_rule == scope.classification_rule)


def _example(row: AnyRow) -> StoredExample:
    return StoredExample(
        content_sha256=row.content_sha256,
        invoice_id=row.invoice_id,
        scope=Scope(provider_key=row.provider_key, classification_rule=row.classification_rule),
        example=load(Example, row.example),
        accepted=row.accepted,
        taught_at=row.taught_at,
    )


def _material() -> sa.Select[Any]:
    """Invoices whose content was read, with what was noted of them."""
    noted = sa.and_(_T.content_sha256 == invoices.c.content_sha256, _T.invoice_id == invoices.c.id)
    return (
        sa.select(
            invoices.c.id,
            invoices.c.content_sha256,
            invoices.c.provider_key,
            invoices.c.provider_scope,
            invoices.c.edits,
            invoices.c.draft,
            documents.c.classification_rule,
            readings.c.reading,
            readings.c.unreadable,
            _T.accepted,
        )
        .join(documents, documents.c.id == invoices.c.document_id)
        .join(readings, readings.c.content_sha256 == invoices.c.content_sha256)
        .join(layout_examples, noted, isouter=True)
        .where(~readings.c.unreadable)
    )


def _loaded(row: AnyRow) -> Material:
    reading = load_reading(row)
    assert isinstance(reading, Reading)
    return Material(
        content_sha256=row.content_sha256,
        invoice_id=row.id,
        provider_key=row.provider_key,
        classification_rule=fold(row.classification_rule or ""),
        provider_scope=tuple(row.provider_scope or ()),
        reading=reading,
        edits={name: edit.value for name, edit in load(Edits, row.edits).items()} if row.edits else {},
        draft=load(Draft, row.draft) if row.draft else Draft(),
        accepted=bool(row.accepted),
    )


def _waiting(row: AnyRow) -> ReadInvoice:
    reading = load_reading(row)
    assert isinstance(reading, Reading)
    return ReadInvoice(row_version=row_version(row), content_sha256=row.content_sha256, reading=reading)


def _of_scope(
    connection: Connection, scope: Scope, states: Iterable[State], *, or_unknown: bool = False
) -> list[AnyRow]:
    """Invoices of a scope in some states, the newest first; `or_unknown`: also those without a provider so far."""
    owner = invoices.c.provider_key == scope.provider_key
    if or_unknown:
        owner = sa.or_(owner, invoices.c.provider_key.is_(None))
    query = (
        sa.select(*ROW_VERSION_COLUMNS, invoices.c.content_sha256, invoices.c.draft, documents.c.classification_rule)
        .join(documents, documents.c.id == invoices.c.document_id)
        .where(invoices.c.state.in_(tuple(states)), owner)
        .order_by(invoices.c.id.desc())
    )
    found = connection.execute(query).all()
    return [row for row in found if fold(row.classification_rule or "") == scope.classification_rule]


def _forget(connection: Connection, stored: StoredExample, fields: Sequence[str]) -> None:
    mine = _T.content_sha256 == stored.content_sha256
    kept = {name: field for name, field in stored.example.learned.items() if fields and name not in fields}
    if kept:
        example = Example(
            fingerprint=stored.example.fingerprint, learned=kept, supplier_siret=stored.example.supplier_siret
        )
        connection.execute(layout_examples.update().where(mine).values(example=dump(Example, example)))
    else:
        connection.execute(layout_examples.delete().where(mine))


def _read_again(connection: Connection, scope: Scope, fields: Sequence[str], *, actor: str, now: dt.datetime) -> None:
    """Invoices that are not sent yet and hold a value that memory proposed: they are read as if it had never been."""
    for row in _of_scope(connection, scope, ASSESSABLE):
        draft: Draft = load(Draft, row.draft) if row.draft else Draft()
        told = (name for name, found in draft.fields.items() if found.chosen.remembered)
        if any(not fields or name in fields for name in told):
            mine = readings.c.content_sha256 == row.content_sha256
            connection.execute(readings.update().where(mine).values(stale=True))
            held = lock(connection, row.invoice_id)
            if held.state in ASSESSABLE:
                apply_locked(connection, layout_forgotten(held, actor=actor), now=now)


def _change(scope: Scope, examples: Sequence[StoredExample], fields: Sequence[str]) -> ConfigurationChange:
    mine = [stored for stored in examples if stored.scope == scope]
    known = sorted({name for stored in mine for name in stored.example.learned})
    value = {
        "classification_rule": scope.classification_rule,
        "invoices": [stored.invoice_id for stored in mine],
        "fields": [name for name in known if not fields or name in fields],
    }
    return ConfigurationChange(section="layouts", action=Action.REMOVED, item=scope.provider_key, before=value)
