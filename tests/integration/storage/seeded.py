"""Invoices put straight into our tables, for tests of what people see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core import listed as module
from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.codec import Reasons, dump
from include.adapters.storage.core.list_tables import invoice_labels, listed
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import attempts, documents, invoices
from include.adapters.storage.store import Store
from include.domain.fields import Candidate, Source, from_text
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue
from include.domain.reasons import Reason
from include.domain.values import fold
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START

_SENT = (State.SUBMITTED, State.TO_PROCESS, State.UNKNOWN)


def seed(
    connection: Connection,
    number: int,
    *,
    state: State = State.TO_COMPLETE,
    provider_key: str | None = PROVIDER_KEY,
    status: str | None = None,
    labels: tuple[str, ...] = (),
    reasons: tuple[str, ...] = (),
    arrived_at: dt.datetime = START,
    **values: str,
) -> int:
    """A document with its invoice; `values` are those of its draft. The document's id."""
    document_id: int = connection.execute(
        documents.insert().values(
            portal_id=f"Factures/{number}.pdf",
            name=f"{number}.pdf",
            folder="Factures",
            signature="s",
            size=1,
            arrived_at=arrived_at,
            content_sha256=f"{number:064d}",
            metadata_sha256="m",
            metadata={},
            links=[],
            first_seen_at=START,
        )
    ).inserted_primary_key[0]
    read = {name: Candidate(value=from_text(name, text), source=Source.TEXT) for name, text in values.items() if text}
    fields = {name: FieldValue(chosen=candidate) for name, candidate in read.items()}
    row: dict[str, Any] = {name: values.get(name) for name in ("invoice_number", "recipient_siret", "total_incl_tax")}
    chorus_id = 1000 + number if state in (State.SUBMITTED, State.TO_PROCESS) else None
    invoice_id: int = connection.execute(
        invoices.insert().values(
            document_id=document_id,
            state=state,
            provider_key=provider_key,
            environment="simulator",
            draft=dump(Draft, Draft(fields=fields)),
            reasons=dump(Reasons, tuple(Reason(code=code) for code in reasons)),
            labels="|" + "|".join(fold(label) for label in labels) + "|" if labels else None,
            chorus_id=chorus_id,
            status=status if chorus_id else None,
            status_at=START if chorus_id else None,
            created_at=START,
            changed_at=START,
            **row,
        )
    ).inserted_primary_key[0]
    if state in _SENT:
        connection.execute(
            attempts.insert().values(
                invoice_id=invoice_id,
                kind="submission",
                state="taken",
                environment="simulator",
                provider_key=provider_key or PROVIDER_KEY,
                owner="w",
                submission={},
                body="",
                claimed_at=arrived_at,
            )
        )
    list_again(connection, [invoice_id])
    return document_id


def list_all(connection: Connection) -> None:
    """After a test wrote into the tables by itself."""
    list_again(connection, connection.scalars(sa.select(invoices.c.id)).all())


def as_stored(store: Store) -> None:
    """Every listed row is what is made from the stored values now, and the labels are those of the rows."""
    with store.database.read() as connection:
        left = set(connection.scalars(sa.select(archived.c.invoice_id)))
        facts = [fact for fact in connection.execute(module._FACTS).all() if fact.id not in left]
        wanted = module._rows(connection, facts)
        shown = [row for row in connection.execute(sa.select(listed)) if row.invoice_id not in left]
        rows = {row.invoice_id: dict(row._mapping) for row in shown}
        labels = {tuple(row) for row in connection.execute(sa.select(invoice_labels)) if row.invoice_id not in left}
    assert rows == {row["invoice_id"]: row for row in wanted}
    assert labels == {(one, i) for i, row in rows.items() for one in (row["labels"] or "").split("|") if one}
