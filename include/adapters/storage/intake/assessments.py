"""Mapping and completeness, and what a person does on the form (port `Assessments`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Edits, load, load_attachment_edits
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.invoice_rows import (
    DOCUMENT_COLUMNS,
    ROW_VERSION_COLUMNS,
    apply,
    apply_locked,
    portal_document,
    row_version,
    shelved_from,
)
from include.adapters.storage.core.same_number import freed_of_rivals
from include.adapters.storage.core.tables import AnyRow, attempts, documents, invoices, readings
from include.adapters.storage.intake.documents import load_reading
from include.adapters.storage.intake.links import Linked, linked_to
from include.application.ports.assessments import AssessmentWork
from include.domain.attachments import AttachmentEdits
from include.domain.errors import NotThereError, StaleError
from include.domain.internal_errors import setting_aside
from include.domain.lifecycle import ASSESSABLE, EDITABLE, RowVersion, State
from include.domain.submission import SUBMISSION, AttemptState
from include.domain.transitions import mapping as rules
from include.domain.transitions.mapping import Assessment, Edit


class SqlAssessments:
    """`Assessments` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def to_assess(
        self,
        revision: int,
        *,
        limit: int,
        document_ids: Sequence[int] = (),
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[AssessmentWork]:
        """See `Assessments`."""
        with self._database.read() as connection:
            due = _to_assess(connection, revision, document_ids)
            query = _WORK.where(*due).order_by(invoices.c.id).limit(limit)
            rows = connection.execute(query).all()
            linked = linked_to(connection, rows)
            frozen = _frozen(connection, [row.invoice_id for row in rows])
        works = []
        for row in rows:
            with setting_aside(errors, row_version(row)):
                works.append(_assessment_work(row, linked[row.document_id], frozen.get(row.invoice_id, (None, None))))
        return works

    def count_to_assess(self, revision: int, *, document_ids: Sequence[int] = ()) -> int:
        """See `Assessments`."""
        joined = invoices.join(readings, readings.c.content_sha256 == invoices.c.content_sha256)
        query = sa.select(sa.func.count()).select_from(joined)
        with self._database.read() as connection:
            return connection.scalar(query.where(*_to_assess(connection, revision, document_ids))) or 0

    def record_assessment(
        self, work: AssessmentWork, assessment: Assessment, *, revision: int, now: dt.datetime
    ) -> State | None:
        """See `Assessments`."""
        change = rules.assessed(
            work.row_version,
            assessment,
            document=work.document.name,
            refused_values=work.refused_values,
            revision=revision,
            now=now,
        )
        with self._database.write(durable=False) as connection:
            return change.after if apply(connection, change, now=now) else None

    def edit(
        self, invoice_id: int, values: Mapping[str, Any], *, actor: str, now: dt.datetime, expected: int | None = None
    ) -> None:
        """See `Assessments`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id, expected)
            edits: dict[str, Edit] = load(Edits, row.edits) if row.edits else {}
            change = rules.edited(row_version(row), edits, values, actor=actor, now=now)
            apply_locked(connection, change, now=now)

    def opened(self, document_id: int) -> AssessmentWork | None:
        """See `Assessments`."""
        mine = invoices.c.document_id == document_id, invoices.c.criteria_revision.is_not(None)
        with self._database.read() as connection:
            query = _WORK.where(*mine, invoices.c.state.in_(EDITABLE))
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            linked = linked_to(connection, [row])[document_id]
            frozen = _frozen(connection, [row.invoice_id]).get(row.invoice_id, (None, None))
        return _assessment_work(row, linked, frozen)

    def edit_attachments(
        self, invoice_id: int, edits: AttachmentEdits, *, actor: str, now: dt.datetime, expected: int
    ) -> None:
        """See `Assessments`."""
        with self._database.write() as connection:
            held = row_version(_row(connection, invoice_id, expected))
            apply_locked(connection, rules.attachments_edited(held, edits, actor=actor), now=now)

    def shelve(
        self, invoice_id: int, state: State, *, reason: str, actor: str, now: dt.datetime, expected: int | None = None
    ) -> None:
        """See `Assessments`."""
        with self._database.write() as connection:
            held = row_version(_row(connection, invoice_id, expected))
            apply_locked(connection, rules.shelved(held, state, reason=reason, actor=actor), now=now)

    def unshelve(
        self, invoice_id: int, *, actor: str, reason: str | None, now: dt.datetime, expected: int | None = None
    ) -> State:
        """See `Assessments`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id, expected)
            change = rules.unshelved(row_version(row), shelved_from(row), reason=reason, actor=actor)
            apply_locked(connection, change, now=now)
            return change.after

    def reopen(self, invoice_id: int, *, actor: str, now: dt.datetime) -> None:
        """See `Assessments`."""
        with self._database.write() as connection:
            apply_locked(connection, rules.reopened(row_version(_row(connection, invoice_id)), actor=actor), now=now)

    def reread(
        self,
        invoice_id: int,
        *,
        actor: str,
        reason: str | None,
        now: dt.datetime,
        expected: int | None = None,
        copy_again: bool = False,
    ) -> None:
        """See `Assessments`."""
        with self._database.write() as connection:
            row = _row(connection, invoice_id, expected)
            change = rules.reread(row_version(row), reason=reason, actor=actor, copy_again=copy_again)
            again = readings.update().where(readings.c.content_sha256 == row.content_sha256).values(stale=True)
            connection.execute(again)
            apply_locked(connection, change, now=now)

    def content_sha256(self, invoice_id: int) -> str | None:
        """See `Assessments`."""
        query = sa.select(invoices.c.content_sha256).where(invoices.c.id == invoice_id)
        with self._database.read() as connection:
            found: str | None = connection.scalar(query)
            return found


_WORK = (
    sa.select(
        *ROW_VERSION_COLUMNS,
        *DOCUMENT_COLUMNS,
        invoices.c.edits,
        invoices.c.attachment_edits,
        invoices.c.provider_scope,
        invoices.c.content_sha256.label("stored_sha256"),
        invoices.c.refused_values,
        readings.c.reading,
        readings.c.unreadable,
    )
    .join(documents, documents.c.id == invoices.c.document_id)
    .join(readings, readings.c.content_sha256 == invoices.c.content_sha256)
)


def _to_assess(connection: Connection, revision: int, document_ids: Sequence[int]) -> list[sa.ColumnElement[bool]]:
    due = sa.or_(invoices.c.judged_revision.is_(None), invoices.c.judged_revision < revision)
    if freed := freed_of_rivals(connection):  # asked for apart: as a part of the condition it would hide the indexes
        due = sa.or_(due, invoices.c.id.in_(freed))
    touched = sa.or_(invoices.c.edits.is_not(None), invoices.c.attachment_edits.is_not(None))
    typed = sa.and_(invoices.c.state == State.UNREADABLE, touched)
    assessed = sa.or_(invoices.c.state.in_(ASSESSABLE), typed)
    named = [invoices.c.document_id.in_(document_ids)] if document_ids else []
    return [assessed, due, invoices.c.criteria_revision.is_not(None), *named]


def _row(connection: Connection, invoice_id: int, expected: int | None = None) -> AnyRow:
    """The row as it is now, locked where the database locks rows; StaleError when somebody saw another version."""
    query = sa.select(*ROW_VERSION_COLUMNS, invoices.c.edits, invoices.c.shelved_from, invoices.c.content_sha256)
    row = connection.execute(query.where(invoices.c.id == invoice_id).with_for_update()).one_or_none()
    if row is None:
        raise NotThereError("no_such_row", invoice_id=invoice_id)
    if expected is not None and row.invoice_version != expected:
        raise StaleError("invoice_changed_meanwhile", invoice_id=invoice_id)
    return row


def _frozen(connection: Connection, invoice_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Number, as it was sent, and supplier of the last unresolved attempt of each of these invoices."""
    if not invoice_ids:
        return {}
    query = (
        sa.select(attempts.c.invoice_id, attempts.c.submission)
        .where(attempts.c.state == AttemptState.UNRESOLVED, attempts.c.kind == SUBMISSION)
        .where(attempts.c.invoice_id.between(min(invoice_ids), max(invoice_ids)))
        .order_by(attempts.c.id)
    )
    return {
        row.invoice_id: (row.submission["number"], row.submission["supplier_siret"])
        for row in connection.execute(query)
    }


def _assessment_work(row: AnyRow, linked: Linked, frozen: tuple[str | None, str | None]) -> AssessmentWork:
    return AssessmentWork(
        row_version=row_version(row),
        document_id=row.document_id,
        document=portal_document(row),
        reading=load_reading(row),
        edits=load(Edits, row.edits) if row.edits else {},
        provider_scope=tuple(row.provider_scope or ()),
        content_sha256=row.stored_sha256,
        frozen_number=frozen[0],
        frozen_supplier=frozen[1],
        refused_values=row.refused_values,
        linked=linked.documents,
        attachment_edits=load_attachment_edits(row.attachment_edits),
        linked_by=linked.rules,
        missing_links=linked.missing,
    )
