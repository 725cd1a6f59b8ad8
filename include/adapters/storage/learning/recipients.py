"""Lines learned from what was sent (port `LearnedRecipients`).

A line is written in the transaction that moves its invoice to `submitted`. It serves new invoices at once. For those
that wait already it takes effect at the start of the next pass, with one revision for all lines of a pass: raised while
others are being sent, it would make every invoice that is ready stale and cost each of them a pass.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.codec import Reasons, dump, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import AnyRow, attempts, invoices, learned_recipients, revisions
from include.adapters.storage.core.visibility import visible
from include.application.ports.configuration import Action, ConfigurationChange
from include.application.ports.recipients import OpenWording, StoredLine
from include.domain.errors import StaleError
from include.domain.lifecycle import EDITABLE, State
from include.domain.mapping import Learned, LearnedLine, bare
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.submission import SUBMISSION, AttemptState
from include.domain.transitions.change import ASSESS_AGAIN
from include.domain.transitions.sent_invoice import SentInvoice

_ROUTED_WRONGLY = "A_RECYCLER"
"""Status of an invoice that came back because recipient, service or engagement is wrong."""

_OF_BODY = ("recipient_wording_", "recipient_learned")
_OF_SERVICE = ("service_wording_unknown", "service_learned")


def learn(connection: Connection, invoice: SentInvoice, *, now: dt.datetime) -> None:
    """Learns what this invoice teaches, if the platform took it as it was assessed."""
    invoice_id = invoice.row_version.invoice_id
    if not invoice.draft.learned_lines:
        return
    sent = connection.execute(
        sa.select(attempts.c.submission, attempts.c.environment)
        .where(attempts.c.invoice_id == invoice_id, attempts.c.kind == SUBMISSION)
        .where(attempts.c.state == AttemptState.TAKEN)
        .order_by(attempts.c.id.desc())
    ).first()
    for line in invoice.draft.learned_lines:
        if sent is not None and _as_sent(line, sent.submission):
            _learn_line(connection, sent.environment, line, invoice_id, now)


def _as_sent(line: LearnedLine, submission: dict[str, Any]) -> bool:
    if line.siret != submission["recipient_siret"]:
        return False
    return line.service_code is None or line.service_code == submission["service_code"]


def _learn_line(connection: Connection, environment: str, line: LearnedLine, invoice_id: int, now: dt.datetime) -> None:
    mine = (*_same_wording(environment, line), learned_recipients.c.siret == line.siret)
    mine = (*mine, learned_recipients.c.service_code == (line.service_code or ""))
    again = {"last_invoice_id": invoice_id, "last_at": now, "times_used": learned_recipients.c.times_used + 1}
    if connection.execute(learned_recipients.update().where(*mine).values(**again)).rowcount:
        return
    first = {
        "environment": environment,
        "wording_key": bare(line.wording),
        "wording": line.wording,
        "siret": line.siret,
        "service_code": line.service_code or "",
        "first_invoice_id": invoice_id,
        "last_invoice_id": invoice_id,
        "first_at": now,
        "last_at": now,
        "times_used": 1,
        "pending": True,
    }
    if not insert_new(connection, learned_recipients, first):  # another worker learned it in this moment
        connection.execute(learned_recipients.update().where(*mine).values(**again))
        return
    _take_back(connection, environment, line, now)


def _same_wording(environment: str, line: LearnedLine) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        learned_recipients.c.environment == environment,
        learned_recipients.c.wording_key == bare(line.wording),
    )


def _take_back(connection: Connection, environment: str, line: LearnedLine, now: dt.datetime) -> None:
    """A wording that means two things now: what is ready by its old meaning is assessed again before it may go."""
    for waiting in _concerned(connection, environment, [line], (State.READY,)):
        again = {**ASSESS_AGAIN, "version": invoices.c.version + 1, "changed_at": now}
        mine = invoices.c.id == waiting.id, invoices.c.state == State.READY
        connection.execute(invoices.update().where(*mine).values(**again))
        list_again(connection, [waiting.id])


def _concerned(
    connection: Connection, environment: str, lines: Sequence[LearnedLine], states: Iterable[State] = EDITABLE
) -> Iterator[AnyRow]:
    """Invoices that these lines could change: they wait for one of the wordings, or were assessed by a learned line."""
    keys = {(bare(line.wording), line.service_code is not None) for line in lines}
    query = sa.select(invoices.c.id, invoices.c.reasons, invoices.c.warnings).where(
        invoices.c.state.in_(tuple(states)),
        sa.or_(invoices.c.environment == environment, invoices.c.environment.is_(None)),
        sa.or_(invoices.c.reasons.is_not(None), invoices.c.warnings.is_not(None)),
    )
    for row in connection.execute(query).all():
        told = [*(row.reasons or ()), *(row.warnings or ())]
        if any((bare(wording), service) in keys for wording, service in _wordings_of(told)):
            yield row


def _wordings_of(told: Iterable[dict[str, Any]]) -> Iterator[tuple[str, bool]]:
    """Wordings that these reasons speak of, and whether they name a service."""
    for reason in told:
        if reason["code"].startswith(_OF_BODY):
            yield reason["params"]["wording"], False
        elif reason["code"] in _OF_SERVICE:
            yield reason["params"]["wording"], True


class SqlLearnedRecipients:
    """`LearnedRecipients` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def learned(self, environment: str) -> Learned:
        """See `LearnedRecipients`."""
        query = _stored().where(learned_recipients.c.environment == environment)
        with self._database.read() as connection:
            rows = [_line(row) for row in connection.execute(query)]
        return Learned(
            LearnedLine(wording=row.wording, siret=row.siret, service_code=row.service_code)
            for row in rows
            if not row.doubtful
        )

    def lines(self) -> list[StoredLine]:
        """See `LearnedRecipients`."""
        with self._database.read() as connection:
            return [_line(row) for row in connection.execute(_stored())]

    def open_wordings(self, viewer: Viewer) -> list[OpenWording]:
        """See `LearnedRecipients`."""
        query = (
            sa.select(invoices.c.id, invoices.c.document_id, invoices.c.reasons)
            .where(invoices.c.state.in_(EDITABLE), invoices.c.reasons.is_not(None), visible(viewer))
            .order_by(invoices.c.id)
        )
        found: dict[str, list[tuple[AnyRow, Reason]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                for reason in load(Reasons, row.reasons):
                    if reason.code.startswith("recipient_wording_"):
                        found.setdefault(bare(reason.params["wording"]), []).append((row, reason))
        return [
            OpenWording(
                wording=asked[0][1].params["wording"],
                reason=asked[-1][1],  # the newest knows most candidates
                invoice_ids=tuple(row.id for row, _ in asked),
                document_ids=tuple(row.document_id for row, _ in asked),
            )
            for asked in found.values()
        ]

    def take_effect(self, *, now: dt.datetime) -> int | None:
        """See `LearnedRecipients`."""
        query = _stored().where(learned_recipients.c.pending)
        with self._database.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return None
        # somebody else raised a revision in this moment: the lines stay pending for the next pass
        with contextlib.suppress(StaleError), self._database.write() as connection:
            fresh = [_line(row) for row in connection.execute(query)]
            wanted = [row for row in fresh if any(_concerned(connection, row.environment, [_plain(row)]))]
            revision = None
            if wanted:
                changes = [_change(row, Action.ADDED) for row in wanted]
                revision = raise_revision(connection, changes, actor="system", source="submissions", at=now)
            mine = learned_recipients.c.id.in_([row.id for row in fresh])
            connection.execute(learned_recipients.update().where(mine).values(pending=False))
            return revision
        return None

    def mark_kept(self, ids: Sequence[int]) -> None:
        """See `LearnedRecipients`."""
        with self._database.write() as connection:
            mine = learned_recipients.c.id.in_(ids)
            connection.execute(learned_recipients.update().where(mine).values(kept=True))

    def forget(self, ids: Sequence[int], *, actor: str, now: dt.datetime) -> int:
        """See `LearnedRecipients`."""
        mine = learned_recipients.c.id.in_(ids)
        with self._database.write() as connection:
            changes = [_change(_line(row), Action.REMOVED) for row in connection.execute(_stored().where(mine))]
            connection.execute(learned_recipients.delete().where(mine))
            return raise_revision(connection, changes, actor=actor, source="recipients forget", at=now)


def _stored() -> sa.Select[Any]:
    """Every line, with whether its last invoice came back, or had to be sent on to somebody else."""
    came_back = sa.or_(invoices.c.status == _ROUTED_WRONGLY, invoices.c.rerouted)
    doubtful = sa.func.coalesce(came_back, sa.false()).label("doubtful")
    return (
        sa.select(learned_recipients, doubtful)
        .join(invoices, invoices.c.id == learned_recipients.c.last_invoice_id, isouter=True)
        .order_by(learned_recipients.c.environment, learned_recipients.c.wording_key, learned_recipients.c.id)
    )


def _line(row: AnyRow) -> StoredLine:
    return StoredLine(
        id=row.id,
        environment=row.environment,
        wording=row.wording,
        siret=row.siret,
        service_code=row.service_code or None,
        first_invoice_id=row.first_invoice_id,
        last_invoice_id=row.last_invoice_id,
        first_at=row.first_at,
        last_at=row.last_at,
        times_used=row.times_used,
        kept=row.kept,
        doubtful=bool(row.doubtful),
    )


def _plain(row: StoredLine) -> LearnedLine:
    return LearnedLine(wording=row.wording, siret=row.siret, service_code=row.service_code)


def _change(row: StoredLine, action: Action) -> ConfigurationChange:
    value = {"environment": row.environment, "siret": row.siret, "service_code": row.service_code}
    told = {"before": value} if action is Action.REMOVED else {"after": {**value, "invoice": row.last_invoice_id}}
    return ConfigurationChange(section="learned recipients", action=action, item=row.wording, **told)


def raise_revision(
    connection: Connection, changes: Sequence[ConfigurationChange], *, actor: str, source: str, at: dt.datetime
) -> int:
    """The configuration as it stands under the next revision: what is learned stands beside it and counts too."""
    newest = connection.execute(sa.select(revisions).order_by(revisions.c.revision.desc()).limit(1)).one()
    values = {
        "revision": newest.revision + 1,
        "configuration": newest.configuration,
        "changes": dump(tuple[ConfigurationChange, ...], tuple(changes)),
        "actor": actor,
        "source": source,
        "at": at,
    }
    if not insert_new(connection, revisions, values):
        raise StaleError("configuration_changed")
    return int(newest.revision) + 1
