"""Claims and answers: each a transaction of its own (port `Ledger`, exactly-once 2 to 4)."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.attempts import (
    attempts_of,
    close_attempt,
    open_attempt,
    reserve_keys,
)
from include.adapters.storage.codec import Reasons, dump, load
from include.adapters.storage.corrections import correction_due, expire_corrections
from include.adapters.storage.database import Database, database_clock
from include.adapters.storage.invoice_rows import TICKET_COLUMNS, move, ticket
from include.adapters.storage.searches import keep_search
from include.adapters.storage.settlement import NO_OWNER, announce_row, settle, to_submitted, to_unknown
from include.adapters.storage.tables import AnyRow, attempts, documents, invoices, revisions, uploads
from include.application.storage_ports import AttemptRecord, SendWork, StoredContent
from include.domain.errors import StaleError
from include.domain.lifecycle import FROZEN, UNSENT, State
from include.domain.mapping import Draft, sent_digest
from include.domain.notification import EventKind
from include.domain.reasons import Reason
from include.domain.submission import (
    AttemptState,
    RemoteInvoice,
    Submission,
    Taken,
    Verdict,
    after_refusal,
    after_search,
    already_taken,
    asked_for,
)

_MAY_BECOME_SUBMITTED = UNSENT | FROZEN | {State.REFUSED, State.HELD, State.DISCARDED}

_SEND_COLUMNS = (
    *TICKET_COLUMNS,
    invoices.c.document_id,
    documents.c.name,
    invoices.c.content_sha256,
    invoices.c.draft,
    invoices.c.provider_key,
    invoices.c.environment,
    invoices.c.ever_unknown,
    invoices.c.attachments,
    invoices.c.attachment_types,
    invoices.c.empty_searches,
    invoices.c.search_after,
)


# statements of every invoice, built once
_ONE_INVOICE = (
    sa.select(*_SEND_COLUMNS, invoices.c.owner)
    .join(documents, documents.c.id == invoices.c.document_id)
    .where(invoices.c.id == sa.bindparam("invoice"))
    .with_for_update(of=invoices)
)
_NEWEST_ATTEMPT = sa.select(sa.func.max(attempts.c.id)).where(attempts.c.invoice_id == sa.bindparam("invoice"))
_OF_FILE = uploads.c.provider_key == sa.bindparam("provider"), uploads.c.sha256 == sa.bindparam("digest")
_UPLOAD = sa.select(uploads.c.upload_id).where(*_OF_FILE)
_UPLOADED_AGAIN = uploads.update().where(*_OF_FILE)


class SqlLedger:
    """`Ledger` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- choosing work ---------------------------------------------------------------------------------------------

    def expire_leases(self, *, search_after_seconds: int, now: dt.datetime) -> int:
        """See `Ledger`."""
        with self._database.write() as connection:
            lapsed = connection.execute(
                sa.select(*TICKET_COLUMNS)
                .where(invoices.c.state == State.SUBMITTING, invoices.c.lease_until < database_clock(connection))
                .order_by(invoices.c.id)
                .with_for_update()
            ).all()
            for row in lapsed:
                still_open = attempts.c.invoice_id == row.invoice_id, attempts.c.state == AttemptState.OPEN
                connection.execute(
                    attempts.update().where(*still_open).values(state=AttemptState.UNRESOLVED, note="lease ran out")
                )
                to_unknown(
                    connection, ticket(row), "the lease ran out", search_after_seconds=search_after_seconds, now=now
                )
            corrections = expire_corrections(connection, check_after_seconds=search_after_seconds, now=now)
        return len(lapsed) + corrections

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
        self, provider_key: str, revision: int, *, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[SendWork]:
        """See `Ledger`."""
        return self._work(
            limit,
            invoice_ids,
            invoices.c.state == State.READY,
            invoices.c.provider_key == provider_key,
            invoices.c.judged_revision == revision,
        )

    def unknown(
        self, provider_key: str, *, now: dt.datetime, limit: int, invoice_ids: Sequence[int] | None = None
    ) -> list[SendWork]:
        """See `Ledger`."""
        due = invoices.c.state == State.UNKNOWN if invoice_ids is not None else _search_due(now)
        return self._work(limit, invoice_ids, due, invoices.c.provider_key == provider_key)

    def _work(self, limit: int, invoice_ids: Sequence[int] | None, *where: sa.ColumnElement[bool]) -> list[SendWork]:
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
        return [_send_work(row, by_invoice.get(row.invoice_id, ())) for row in rows]

    # -- the claim -------------------------------------------------------------------------------------------------

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
            claimed = move(
                connection,
                work.ticket,
                State.SUBMITTING,
                cause="claimed",
                actor=owner,
                now=now,
                values={
                    "owner": owner,
                    "lease_until": database_clock(connection) + lease_seconds,
                    "environment": work.environment,
                },
                where=(invoices.c.judged_revision == revision, newest == revision),
            )
            if not claimed:
                raise StaleError(f"Invoice {work.ticket.invoice_id} changed before it was claimed.")
            reserve_keys(connection, work, submission)
            return open_attempt(connection, work, submission, body, owner=owner, now=now)

    # -- answers ---------------------------------------------------------------------------------------------------

    def taken(self, attempt: AttemptRecord, answer: Taken, *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            row = _invoice(connection, attempt.invoice_id)
            proof = {"answer": answer.raw, "chorus_id": answer.chorus_id}
            close_attempt(connection, row.invoice_id, attempt.id, AttemptState.TAKEN, now=now, **proof)
            mine = row.state != State.SUBMITTING or row.owner == attempt.owner
            if row.state not in _MAY_BECOME_SUBMITTED or not mine:
                return False
            return to_submitted(connection, row, answer.chorus_id, answer.status, cause="taken by Chorus Pro", now=now)

    def not_sent(self, attempt: AttemptRecord, why: str, *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            row = _owned(connection, attempt)
            close_attempt(connection, attempt.invoice_id, attempt.id, AttemptState.NOT_SENT, now=now, note=why)
            if row is None:
                return False
            known = already_taken(_facts(connection, row.invoice_id))
            if known is not None:
                return settle(connection, row, known, search_after_seconds=0, now=now) is not None
            return move(connection, ticket(row), State.READY, cause=f"not sent: {why}", now=now, values=NO_OWNER)

    def unresolved(self, attempt: AttemptRecord, why: str, *, search_after_seconds: int, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            row = _owned(connection, attempt)
            if row is None:
                return False
            close_attempt(connection, row.invoice_id, attempt.id, AttemptState.UNRESOLVED, now=now, note=why)
            return to_unknown(connection, ticket(row), why, search_after_seconds=search_after_seconds, now=now)

    def refusal(self, attempt: AttemptRecord, number: int, label: str, raw: str, *, now: dt.datetime) -> bool:
        """See `Ledger`."""
        with self._database.write() as connection:
            owned = _owned(connection, attempt) is not None
            close_attempt(
                connection,
                attempt.invoice_id,
                attempt.id,
                AttemptState.REFUSED,
                now=now,
                answer=raw,
                refusal_number=number,
                refusal_label=label,
            )
            return owned

    def settle_refusal(
        self,
        attempt: AttemptRecord,
        found: Sequence[RemoteInvoice] | None,
        *,
        search_after_seconds: int,
        now: dt.datetime,
    ) -> State | None:
        """See `Ledger`."""
        with self._database.write() as connection:
            row = _owned(connection, attempt)
            if row is None:
                return None
            outcome = after_refusal(_facts(connection, attempt.invoice_id), found)
            if found is not None:
                sent = [(attempt.submission.supplier_siret, attempt.submission.number)]
                keep_search(connection, attempt.invoice_id, sent, found, outcome.cause, now=now)
            return settle(connection, row, outcome, search_after_seconds=search_after_seconds, now=now)

    def settle_search(
        self, work: SendWork, found: Sequence[RemoteInvoice], *, search_after_seconds: int, now: dt.datetime
    ) -> State | None:
        """See `Ledger`."""
        with self._database.write() as connection:
            row = _invoice(connection, work.ticket.invoice_id)
            if (row.state, row.invoice_version) != (work.ticket.state, work.ticket.version):
                return None
            facts = _facts(connection, row.invoice_id)
            outcome = after_search(
                facts,
                found,
                again_allowed=row.empty_searches > 0 and row.search_after is not None and row.search_after <= now,
            )
            keep_search(connection, row.invoice_id, asked_for(facts), found, outcome.cause, now=now)
            if row.state == State.READY and not found and outcome.verdict is not Verdict.SUBMITTED:
                return State.READY  # looked before a resend, nothing there: the claim may go on
            return settle(connection, row, outcome, search_after_seconds=search_after_seconds, now=now)

    def already_sent(self, work: SendWork, holder_id: int, *, now: dt.datetime) -> None:
        """See `Ledger`."""
        with self._database.read() as connection:
            holder = connection.execute(
                sa.select(documents.c.name, invoices.c.invoice_number, invoices.c.chorus_id)
                .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
                .where(invoices.c.id == holder_id)
            ).one()
        params = {"number": holder.invoice_number or "?", "document": holder.name or "?", "invoice": str(holder_id)}
        self.not_sendable(work, (Reason(code="already_sent", field="invoice_number", params=params),), now=now)

    def not_sendable(self, work: SendWork, reasons: Sequence[Reason], *, now: dt.datetime) -> bool:
        """See `Ledger`; told once for the same values: with each new configuration it is judged and found again."""
        values = {"reasons": dump(Reasons, tuple(reasons))}
        cause = ", ".join(reason.code for reason in reasons)
        digest = sent_digest(work.draft, work.provider_key, work.attachments, work.attachment_types)
        with self._database.write() as connection:
            moved = move(connection, work.ticket, State.TO_COMPLETE, cause=cause, now=now, values=values)
            if moved:
                row = _invoice(connection, work.ticket.invoice_id)
                announce_row(
                    connection,
                    row,
                    EventKind.AWAITING_SUBMISSION,
                    now=now,
                    once=f"not_sendable:{work.ticket.invoice_id}:{cause}:{digest}",
                    state=State.TO_COMPLETE,
                    reasons=reasons,
                )
            return moved

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
        key = {"provider": provider_key, "digest": sha256}
        # lost at a power cut it is uploaded twice, which harms nobody
        with self._database.write(durable=False) as connection:
            if connection.execute(_UPLOADED_AGAIN, {**key, **values}).rowcount == 1:
                return
            # another worker may have stored an upload of the same file in this moment: either will do
            with contextlib.suppress(sa.exc.IntegrityError), connection.begin_nested():
                row = {"provider_key": provider_key, "sha256": sha256, **values}
                connection.execute(uploads.insert(), row)

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


def _search_due(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        invoices.c.state == State.UNKNOWN,
        sa.or_(invoices.c.empty_searches == 0, invoices.c.search_after.is_(None), invoices.c.search_after <= now),
    )


def _send_work(row: AnyRow, of_invoice: Sequence[AttemptRecord]) -> SendWork:
    return SendWork(
        ticket=ticket(row),
        document_id=row.document_id,
        name=row.name,
        content_sha256=row.content_sha256,
        draft=load(Draft, row.draft),
        provider_key=row.provider_key,
        environment=row.environment,
        ever_unknown=row.ever_unknown,
        attachments=tuple(row.attachments or ()),
        attachment_types=row.attachment_types or {},
        attempts=tuple(of_invoice),
        empty_searches=row.empty_searches,
        search_after=row.search_after,
    )


def _invoice(connection: Connection, invoice_id: int) -> AnyRow:
    """The row, locked where the database locks rows: nobody moves it between our look and our UPDATE."""
    return connection.execute(_ONE_INVOICE, {"invoice": invoice_id}).one()


def _facts(connection: Connection, invoice_id: int) -> list[tuple[AttemptState, Submission]]:
    """State and content of all its attempts, as the rules want them."""
    return [(a.state, a.submission) for a in attempts_of(connection, [invoice_id]).get(invoice_id, ())]


def _owned(connection: Connection, attempt: AttemptRecord) -> AnyRow | None:
    """The row if this attempt's sender still owns it: no newer attempt, no lapsed lease that somebody acted on."""
    row = _invoice(connection, attempt.invoice_id)
    newest = connection.scalar(_NEWEST_ATTEMPT, {"invoice": attempt.invoice_id})
    return row if row.state == State.SUBMITTING and row.owner == attempt.owner and newest == attempt.id else None
