"""Sending on the real store: documents that are read, the stages that map and send, and what became of each invoice.

The platform is whatever implements `Chorus`: the fake in unit and property tests, the real client in the end-to-end
ones. The portal and the reader are left out; readings are put into the store as they would be.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, cast

import sqlalchemy as sa

from include.adapters.storage.core.tables import attempts, invoices, moves, reserved_keys
from include.adapters.storage.store import Store
from include.application.pipeline import Pipeline
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.files import Files
from include.application.ports.portal import DocumentPortal
from include.application.resend.send_again import SendAgain
from include.application.submission.sending import SubmitReport
from include.bootstrap import build_pipeline, build_send_again
from include.domain.configuration import Configuration
from include.domain.fields import Candidate, Source, vat_row
from include.domain.lifecycle import State
from include.domain.reading import DocumentKind, Reading
from include.domain.rights import OWNER, Viewer
from include.domain.submission import HOLDS_KEYS, AttemptState
from tests.factories import BODY, PROVIDER_KEY, SUPPLIER, configuration, listing, portal_document, typed

NOT_USED = cast(Any, None)


def complete_reading(number: str, issue_date: dt.date, **changes: Any) -> Reading:
    """Everything that a submission needs, 1,000.00 + 20 %, as the reader would find it."""
    values = {
        "invoice_number": number,
        "issue_date": issue_date.isoformat(),
        "type": "invoice",
        "currency": "EUR",
        "supplier_siret": SUPPLIER,
        "recipient_siret": BODY,
        "total_excl_tax": "1000.00",
        "total_tax": "200.00",
        "total_incl_tax": "1200.00",
        "vat": (vat_row("20.00", "1000.00", "200.00"),),
        **changes,
    }
    found = {name: (Candidate(value=typed(name, value), source=Source.TEXT, page=1),) for name, value in values.items()}
    return Reading(kind=DocumentKind.DIGITAL, fields=found)


class SendingBench:
    """One store with its content store, and the stages over it."""

    def __init__(self, store: Store, files: Files, chorus: Chorus, clock: Clock) -> None:
        self.store = store
        self.files = files
        self.chorus = chorus
        self.clock = clock

    # -- what there is ---------------------------------------------------------------------------------------------

    def configure(self, **changes: Any) -> int:
        """One more revision of the configuration."""
        revision, _ = self.store.configuration.current()
        return self.store.configuration.save(
            configuration(**changes),
            expected_revision=revision,
            actor="test",
            source="test",
            at=self.clock.now(),
            changes=(),
        )

    def add(
        self,
        number: str,
        *,
        content: bytes | None = None,
        path: str | None = None,
        signed: bool | None = None,
        **portal: Any,
    ) -> int:
        """A document that was read completely; the id of its invoice. `portal` changes what the portal says of it."""
        [invoice_id] = self._add([(number, content or b"%PDF-1.7 " + number.encode(), path, portal)], signed)
        return invoice_id

    def add_many(self, numbers: Iterable[str]) -> list[int]:
        """Many at once."""
        return self._add([(number, b"%PDF-1.7 " + number.encode(), None, {}) for number in numbers])

    def _add(
        self, wanted: Sequence[tuple[str, bytes, str | None, dict[str, Any]]], signed: bool | None = None
    ) -> list[int]:
        now, store = self.clock.now(), self.store
        revision, _ = store.configuration.current()
        known = tuple(store.documents.known_signatures())
        contents = {path or f"Factures/{number}.pdf": (number, content) for number, content, path, _ in wanted}
        documents = [
            portal_document(path or f"Factures/{number}.pdf", content, **portal)
            for number, content, path, portal in wanted
        ]
        store.documents.record_scan(listing(*documents, unchanged=known), now=now)
        numbers = {}
        for work in store.documents.to_match(revision, limit=1_000_000):
            if work.document.portal_id in contents:
                number, content = contents[work.document.portal_id]
                store.documents.record_match(
                    work,
                    matched=True,
                    stored_sha256=self.files.put(content),
                    criteria=["customer invoices"],
                    provider_scope=[],
                    reasons=[],
                    revision=revision,
                    now=now,
                )
                numbers[work.row_version.invoice_id] = number
        for to_read in store.documents.to_read(limit=1_000_000):
            number = numbers[to_read.row_version.invoice_id]
            reading = dataclasses.replace(complete_reading(number, now.date()), signed=signed)
            assert store.documents.record_reading(to_read, reading, now=now)
        return list(numbers)

    # -- the stages ----------------------------------------------------------------------------------------------

    def pipeline(self, owner: str = "worker 1") -> Pipeline:
        """The stages over the configuration as it stands now."""
        return build_pipeline(
            self.store,
            files=self.files,
            chorus=self.chorus,
            reader=NOT_USED,
            clock=self.clock,
            owner=owner,
            open_portal=self.open_portal,
            mailer=lambda _configuration: NOT_USED,
            renderer=lambda _configuration: NOT_USED,
        )

    def open_portal(self, _configuration: Configuration) -> DocumentPortal:
        """There is none here."""
        return cast(DocumentPortal, NOT_USED)

    def send_again(self, viewer: Viewer = OWNER) -> SendAgain:
        """Sending again, asked for by a person."""
        return build_send_again(self.store, self.pipeline(), actor="person", viewer=viewer)

    def send(self, key: str = PROVIDER_KEY, **how: Any) -> SubmitReport:
        """Assesses what is due, then one pass of sending for one provider."""
        pipeline = self.pipeline()
        pipeline.map()
        return pipeline.submit(key, **how)

    def let_the_leases_run_out(self) -> None:
        """As if the machine of each sender had been gone for longer than its lease."""
        lapsed = invoices.update().where(invoices.c.lease_until.is_not(None)).values(lease_until=1.0)
        with self.store.database.write() as connection:
            connection.execute(lapsed)

    # -- what became of it -----------------------------------------------------------------------------------------

    def row(self, invoice_id: int) -> sa.Row[Any]:
        """The invoice as stored."""
        with self.store.database.read() as connection:
            return connection.execute(sa.select(invoices).where(invoices.c.id == invoice_id)).one()

    def state(self, invoice_id: int) -> State:
        """Where it stands."""
        return State(self.row(invoice_id).state)

    def reasons(self, invoice_id: int) -> list[str]:
        """Codes of its reasons."""
        return [reason["code"] for reason in self.row(invoice_id).reasons or ()]

    def attempts(self, invoice_id: int) -> list[sa.Row[Any]]:
        """Its attempts, oldest first."""
        query = sa.select(attempts).where(attempts.c.invoice_id == invoice_id).order_by(attempts.c.id)
        with self.store.database.read() as connection:
            return list(connection.execute(query))

    def attempt_states(self, invoice_id: int) -> list[str]:
        """What became of each attempt."""
        return [attempt.state for attempt in self.attempts(invoice_id)]

    def log(self, invoice_id: int) -> list[tuple[str, str]]:
        """State and cause of every move."""
        query = sa.select(moves.c.after, moves.c.cause).where(moves.c.invoice_id == invoice_id).order_by(moves.c.id)
        with self.store.database.read() as connection:
            return [(row.after, row.cause.text("en")) for row in connection.execute(query)]

    def states(self) -> dict[int, str]:
        """All invoices."""
        with self.store.database.read() as connection:
            return {row.id: row.state for row in connection.execute(sa.select(invoices.c.id, invoices.c.state))}

    def keys_follow_the_attempts(self) -> bool:
        """An invoice holds keys exactly while one of its attempts may have reached the platform, or it stands there.

        Source: docs/reference/exactly-once.md 1.
        """
        may_have_arrived = sa.union(
            sa.select(attempts.c.invoice_id).where(attempts.c.state.in_(HOLDS_KEYS)),
            sa.select(invoices.c.id).where(invoices.c.document_id.is_not(None), invoices.c.chorus_id.is_not(None)),
        )
        with self.store.database.read() as connection:
            holding = set(connection.scalars(may_have_arrived))
            held = set(connection.scalars(sa.select(reserved_keys.c.invoice_id).distinct()))
        return holding == held


__all__ = ["PROVIDER_KEY", "AttemptState", "SendingBench", "complete_reading"]
