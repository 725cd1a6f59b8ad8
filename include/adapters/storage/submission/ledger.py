"""Claims and answers: each a transaction of its own (port `Ledger`, docs/reference/exactly-once.md 2 to 4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import load, load_attachment_edits
from include.adapters.storage.core.database import Database, database_clock
from include.adapters.storage.core.inserting import put
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, apply, row_version
from include.adapters.storage.core.same_number import ALONE, rival_of
from include.adapters.storage.core.tables import AnyRow, documents, invoices, revisions, uploads
from include.adapters.storage.platform.retrieval_records import own_record
from include.adapters.storage.submission.attempts import attempts_of, open_attempt, reserve_keys
from include.adapters.storage.submission.correction_leases import correction_due, expire_corrections
from include.adapters.storage.submission.foreign_twins import borne_elsewhere, has_twin, no_twin, twins_of_number
from include.adapters.storage.submission.searches import keep_search
from include.adapters.storage.submission.sent_invoices import apply_to, sent_invoice
from include.application.ports.ledger import AttemptRecord, SameNumber, SendWork, StoredContent
from include.domain.causes import Cause
from include.domain.errors import StaleError
from include.domain.internal_errors import Item, setting_aside
from include.domain.lifecycle import RowVersion, State
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.submission import RemoteInvoice, Submission, Taken, asked_for
from include.domain.transitions import submission as rules
from include.domain.transitions.sent_invoice import SentInvoice

logger = logging.getLogger(__name__)

_SEND_COLUMNS = (
    *ROW_VERSION_COLUMNS,
    invoices.c.document_id,
    documents.c.name,
    invoices.c.content_sha256,
    invoices.c.draft,
    invoices.c.provider_key,
    invoices.c.environment,
    invoices.c.ever_unknown,
    invoices.c.attachments,
    invoices.c.attachment_types,
    invoices.c.attachment_edits,
    invoices.c.empty_searches,
    invoices.c.search_after,
)


# statements of every invoice, built once
_OF_FILE = uploads.c.provider_key == sa.bindparam("provider"), uploads.c.sha256 == sa.bindparam("digest")
_UPLOAD = sa.select(uploads.c.upload_id).where(*_OF_FILE)
_STANDING = sa.select(invoices.c.environment, invoices.c.provider_key)


class SqlLedger:
    """`Ledger` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- choosing work ---------------------------------------------------------------------------------------------

    def expire_leases(
        self, *, search_after_seconds: int, now: dt.datetime, errors: dict[Item, Exception] | None = None
    ) -> int:
        """See `Ledger`."""
        lapsed = invoices.c.state == State.SUBMITTING
        with self._database.write() as connection:
            query = sa.select(invoices.c.id).where(lapsed, invoices.c.lease_until < database_clock(connection))
            ids = connection.scalars(query.order_by(invoices.c.id).with_for_update()).all()
            done = 0
            for invoice_id in ids:
                with setting_aside(errors, Item("invoice", invoice_id)), connection.begin_nested():
                    invoice = _invoice(connection, invoice_id)
                    change = rules.lease_ran_out(invoice, search_after_seconds=search_after_seconds, now=now)
                    apply_to(connection, invoice, change, now=now)
                    done += 1
            done += expire_corrections(connection, check_after_seconds=search_after_seconds, now=now, errors=errors)
        return done

    def providers_with_work(self, revision: int, *, automatic: Iterable[str], now: dt.datetime) -> list[str]:
        """See `Ledger`."""
        sendable = sa.and_(
            invoices.c.state == State.READY,
            invoices.c.provider_key.in_(sorted(automatic)),
            invoices.c.judged_revision == revision,
        )
        with self._database.read() as connection:
            claimed = invoices.c.state.in_((State.SUBMITTING, State.CORRECTING))
            lapsed = sa.and_(claimed, invoices.c.lease_until < database_clock(connection))
            due = sa.or_(sendable, lapsed, _search_due(now), correction_due(now))
            query = sa.select(invoices.c.provider_key).where(due).distinct()
            return sorted(connection.scalars(query))

    def ready(
        self,
        provider_key: str,
        revision: int,
        *,
        limit: int,
        invoice_ids: Sequence[int] | None = None,
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[SendWork]:
        """See `Ledger`."""
        return self._work(limit, invoice_ids, errors, *_ready(provider_key, revision))

    def count_ready(self, provider_key: str, revision: int, *, invoice_ids: Sequence[int] | None = None) -> int:
        """See `Ledger`."""
        query = sa.select(sa.func.count()).select_from(invoices).where(*_ready(provider_key, revision))
        if invoice_ids is not None:
            query = query.where(invoices.c.id.in_(invoice_ids))
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def unknown(
        self,
        provider_key: str,
        *,
        now: dt.datetime,
        limit: int,
        invoice_ids: Sequence[int] | None = None,
        errors: dict[RowVersion, Exception] | None = None,
    ) -> list[SendWork]:
        """See `Ledger`."""
        due = invoices.c.state == State.UNKNOWN if invoice_ids is not None else _search_due(now)
        return self._work(limit, invoice_ids, errors, due, invoices.c.provider_key == provider_key)

    def _work(
        self,
        limit: int,
        invoice_ids: Sequence[int] | None,
        errors: dict[RowVersion, Exception] | None,
        *where: sa.ColumnElement[bool],
    ) -> list[SendWork]:
        query = (
            sa.select(*_SEND_COLUMNS)
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(*where)
            .order_by(invoices.c.id)
            .limit(limit)
        )
        if invoice_ids is not None:
            query = query.where(invoices.c.id.in_(invoice_ids))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            by_invoice = attempts_of(connection, [row.invoice_id for row in rows])
        works = []
        for row in rows:
            with setting_aside(errors, row_version(row)):
                works.append(_send_work(row, by_invoice.get(row.invoice_id, ())))
        return works

    # -- the claim -------------------------------------------------------------------------------------------------

    def meet(self, work: SendWork, *, environment: str, supplier_siret: str, now: dt.datetime) -> State | None:
        """See `Ledger`."""
        number = work.draft.text("invoice_number") or ""
        with self._database.read() as connection:
            if not twins_of_number(connection, environment, supplier_siret, number):
                return None
        with self._database.write() as connection:
            own_record(connection, work.provider_key)  # a retrieval writes the same rows: they take turns
            invoice = _invoice(connection, work.row_version.invoice_id)
            if invoice.row_version != work.row_version:
                raise StaleError("changed_before_claim", invoice_id=work.row_version.invoice_id)
            invoice = dataclasses.replace(invoice, environment=environment)
            found = twins_of_number(connection, environment, supplier_siret, number)
            change = rules.met_before_claim(invoice, found, now=now)
            if change is None:
                return None
            if not apply_to(connection, invoice, change, now=now, supplier_siret=supplier_siret):
                raise StaleError("changed_before_claim", invoice_id=work.row_version.invoice_id)
            return change.after

    def rival(self, work: SendWork) -> SameNumber | None:
        """See `Ledger`."""
        with self._database.read() as connection:
            return rival_of(connection, work.row_version.invoice_id)

    def claim(
        self,
        work: SendWork,
        submission: Submission,
        body: str,
        *,
        owner: str,
        lease_seconds: int,
        revision: int,
        now: dt.datetime,
    ) -> AttemptRecord:
        """See `Ledger`."""
        with self._database.write() as connection:
            newest = sa.select(sa.func.max(revisions.c.revision)).scalar_subquery()
            claimed = apply(
                connection,
                rules.claimed(work.row_version, environment=work.environment, owner=owner),
                now=now,
                where=(
                    invoices.c.judged_revision == revision,
                    newest == revision,
                    no_twin(work.environment, submission.supplier_siret, submission.number),
                    ALONE,
                ),
                computed={"lease_until": database_clock(connection) + lease_seconds},
            )
            if not claimed:
                raise StaleError("changed_before_claim", invoice_id=work.row_version.invoice_id)
            reserve_keys(connection, work, submission)
            return open_attempt(connection, work, submission, body, owner=owner, now=now)

    # -- answers ---------------------------------------------------------------------------------------------------

    def taken(self, attempt: AttemptRecord, answer: Taken, *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _attempted(connection, attempt)
            if invoice is None:
                return False
            change = rules.taken(invoice, attempt.id, attempt.owner, answer, now=now)
            return apply_to(connection, invoice, change, now=now) and change.touches_row

    def not_sent(self, attempt: AttemptRecord, why: Cause, *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _attempted(connection, attempt)
            if invoice is None:
                return False
            change = rules.not_sent(invoice, attempt.id, attempt.owner, why, now=now)
            return apply_to(connection, invoice, change, now=now) and change.touches_row

    def unresolved(self, attempt: AttemptRecord, why: Cause, *, search_after_seconds: int, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _attempted(connection, attempt)
            if invoice is None:
                return False
            change = rules.unresolved(
                invoice, attempt.id, attempt.owner, why, search_after_seconds=search_after_seconds, now=now
            )
            return apply_to(connection, invoice, change, now=now) and change.touches_row

    def refusal(self, attempt: AttemptRecord, number: int, label: str, raw: str, *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _attempted(connection, attempt)
            if invoice is None:
                return False
            apply_to(connection, invoice, rules.refused(invoice, attempt.id, number, label, raw), now=now)
            return invoice.owned_by(attempt.id, attempt.owner)

    def apply_refusal(
        self,
        attempt: AttemptRecord,
        found: Sequence[RemoteInvoice] | None,
        *,
        search_after_seconds: int,
        now: dt.datetime,
    ) -> State | None:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _attempted(connection, attempt, found or ())
            if invoice is None or not invoice.owned_by(attempt.id, attempt.owner):
                return None
            outcome, change = rules.after_refusal_searched(
                invoice,
                found,
                search_after_seconds=search_after_seconds,
                now=now,
                elsewhere=_elsewhere(connection, invoice, found or ()),
            )
            if found is not None:
                sent = [(attempt.submission.supplier_siret, attempt.submission.number)]
                keep_search(connection, attempt.invoice_id, sent, found, outcome.cause.code, now=now)
            return change.after if apply_to(connection, invoice, change, now=now) else None

    def apply_search(
        self, work: SendWork, found: Sequence[RemoteInvoice], *, search_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _invoice(connection, work.row_version.invoice_id, found)
            if invoice.row_version != work.row_version:
                return None
            outcome, change = rules.searched(
                invoice,
                found,
                search_after_seconds=search_after_seconds,
                now=now,
                elsewhere=_elsewhere(connection, invoice, found),
            )
            asked = asked_for(invoice.facts)
            keep_search(connection, work.row_version.invoice_id, asked, found, outcome.cause.code, now=now)
            return change.after if apply_to(connection, invoice, change, now=now) else None

    def already_sent(self, work: SendWork, holder_id: int, *, now: dt.datetime) -> None:
        """See `Ledger`."""
        with self._database.read() as connection:
            holder = connection.execute(
                sa.select(documents.c.name, invoices.c.invoice_number)
                .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
                .where(invoices.c.id == holder_id)
            ).one()
        reason = rules.already_sent(holder_id, number=holder.invoice_number, document=holder.name)
        self.not_sendable(work, (reason,), now=now)

    def not_sendable(self, work: SendWork, reasons: Sequence[Reason], *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            invoice = _invoice(connection, work.row_version.invoice_id)
            seen = dataclasses.replace(invoice, row_version=work.row_version)
            return apply_to(connection, seen, rules.not_sendable(seen, reasons, now=now), now=now)

    def invoices_of(self, document_ids: Sequence[int]) -> list[int]:
        """See `Ledger`."""
        query = sa.select(invoices.c.id).where(invoices.c.document_id.in_(document_ids)).order_by(invoices.c.id)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    # -- uploads and attachments -----------------------------------------------------------------------------------

    def upload_id(self, provider_key: str, sha256: str) -> int | None:
        """See `Ledger`."""
        with self._database.read() as connection:
            found: int | None = connection.scalar(_UPLOAD, {"provider": provider_key, "digest": sha256})
            return found

    def save_upload(self, provider_key: str, sha256: str, upload_id: int, *, now: dt.datetime) -> None:
        """See `Ledger`."""
        values = {"upload_id": upload_id, "uploaded_at": now}
        # lost at a power cut it is uploaded twice, which harms nobody
        with self._database.write(durable=False) as connection:
            # another worker may have stored an upload of the same file in this moment: either will do
            put(connection, uploads, {"provider_key": provider_key, "sha256": sha256, **values})

    def forget_uploads(self, provider_key: str, sha256s: Sequence[str]) -> None:
        """See `Ledger`."""
        with self._database.write() as connection:
            connection.execute(
                uploads.delete().where(uploads.c.provider_key == provider_key, uploads.c.sha256.in_(sha256s))
            )

    def attachment(self, portal_id: str) -> StoredContent | None:
        """See `Ledger`."""
        query = sa.select(documents.c.portal_id, documents.c.name, documents.c.content_sha256)
        with self._database.read() as connection:
            row = connection.execute(query.where(documents.c.portal_id == portal_id, documents.c.latest)).one_or_none()
        return None if row is None else StoredContent(portal_id=row.portal_id, name=row.name, sha256=row.content_sha256)


def _ready(provider_key: str, revision: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        invoices.c.state == State.READY,
        invoices.c.provider_key == provider_key,
        invoices.c.judged_revision == revision,
    )


def _search_due(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        invoices.c.state == State.UNKNOWN,
        sa.or_(invoices.c.empty_searches == 0, invoices.c.search_after.is_(None), invoices.c.search_after <= now),
    )


def _send_work(row: AnyRow, of_invoice: Sequence[AttemptRecord]) -> SendWork:
    return SendWork(
        row_version=row_version(row),
        document_id=row.document_id,
        name=row.name,
        content_sha256=row.content_sha256,
        draft=load(Draft, row.draft),
        provider_key=row.provider_key,
        environment=row.environment,
        ever_unknown=row.ever_unknown,
        attachments=tuple(row.attachments or ()),
        attachment_types=row.attachment_types or {},
        attachment_edits=load_attachment_edits(row.attachment_edits),
        attempts=tuple(of_invoice),
        empty_searches=row.empty_searches,
        search_after=row.search_after,
    )


def _invoice(connection: Connection, invoice_id: int, found: Sequence[RemoteInvoice] = ()) -> SentInvoice:
    invoice = _locked(connection, invoice_id, found)
    assert invoice is not None, "what has an attempt has a document"
    return invoice


def _attempted(
    connection: Connection, attempt: AttemptRecord, found: Sequence[RemoteInvoice] = ()
) -> SentInvoice | None:
    """The invoice of an attempt; None when our database was set back to before it: its id may mean another one now.

    Then nobody believes the answer: what the platform holds is met as any other invoice of its list.
    """
    invoice = _locked(connection, attempt.invoice_id, found)
    if invoice is not None and any((one.id, one.owner) == (attempt.id, attempt.owner) for one in invoice.attempts):
        return invoice
    logger.error("Attempt %s of invoice %s is not in our database any more", attempt.id, attempt.invoice_id)
    return None


def _locked(connection: Connection, invoice_id: int, found: Sequence[RemoteInvoice]) -> SentInvoice | None:
    """Locked; before that, where a search found what was retrieved already, in turn with retrievals."""
    if found:
        row = connection.execute(_STANDING.where(invoices.c.id == invoice_id)).one_or_none()
        if row is not None and has_twin(connection, row.environment, {one.chorus_id for one in found}):
            own_record(connection, row.provider_key)
    return sent_invoice(connection, invoice_id)


def _elsewhere(connection: Connection, invoice: SentInvoice, found: Sequence[RemoteInvoice]) -> dict[int, Reason]:
    ids = {row.chorus_id for row in found}
    return borne_elsewhere(connection, invoice.environment, ids, but=invoice.row_version.invoice_id)
