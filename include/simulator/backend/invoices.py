"""Invoices: deposit, status moves with their history, and what the supplier corrects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from include.simulator import answers, codes, failures
from include.simulator.backend.accounts import Account
from include.simulator.backend.clock import Clock
from include.simulator.backend.directory import Directory, placeholders
from include.simulator.backend.drafts import Attachment, Draft
from include.simulator.backend.files import Files
from include.simulator.backend.rules import Rules
from include.simulator.backend.settings import SettingsBox
from include.simulator.backend.store import Row, Store
from include.simulator.failures import Refusal


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The person at the body who changed a status."""

    first_name: str | None = None
    last_name: str | None = None
    mail: str | None = None
    phone: str | None = None


NOBODY = Agent()
# SQLite takes some 32,000 values in one statement.
CHUNK = 10_000


class Invoices:
    """Everything deposited."""

    def __init__(self, store: Store, clock: Clock, settings: SettingsBox, directory: Directory, files: Files) -> None:
        self._store, self._clock, self._settings, self._files = store, clock, settings, files
        self.rules = Rules(directory, files, self._number_used)

    def _number_used(self, supplier_id: int, number: str) -> bool:
        if not self._settings.current.unique_numbers:
            return False
        return (
            self._store.row("SELECT 1 FROM invoices WHERE supplier_id = ? AND number = ?", supplier_id, number)
            is not None
        )

    def own_number(self) -> str:
        """Number of an invoice entered without PDF: 20 digits that start with the year."""
        year = (answers.day(self._clock.now()) or "")[:4]
        return f"{year}{self._store.reserve(f'own number {year}', 1):016d}"

    def deposit(self, account: Account, draft: Draft, payload: str | None) -> Row:
        """Check an invoice and take it."""
        placed = self.rules.place(account, draft)
        now = self._clock.now()
        status = codes.TO_VALIDATE if placed.validator_id else codes.DEPOSITED
        totals = draft.totals
        invoice_id = self._store.insert(
            "invoices",
            id=self._store.reserve("invoice", 8611204),
            supplier_id=placed.supplier_id,
            supplier_service_id=draft.supplier_service_id,
            bank_id=draft.bank_id,
            recipient_id=placed.recipient_id,
            service_id=placed.service_id,
            validator_id=placed.validator_id,
            account_id=account.id,
            number=draft.number,
            type=draft.type,
            framework=draft.framework,
            mode=draft.mode,
            currency=draft.currency,
            issue_date=draft.issue_date,
            deposited_at=now,
            status=status,
            status_at=now,
            excl=float(totals.excl),
            incl=float(totals.incl),
            due=float(totals.due),
            engagement=draft.engagement,
            contract=draft.contract,
            original_number=draft.original_number,
            flux=draft.flux,
            document=json.dumps(draft.document()),
            payload=payload,
        )
        self._store.insert("history", invoice_id=invoice_id, code=status, at=now)
        if draft.main:
            self._attach(invoice_id, draft.main, main=True)
        self._attach_all(invoice_id, draft.attachments)
        return self.get(invoice_id)

    def _attach(self, invoice_id: int, attachment: Attachment, *, main: bool) -> None:
        self._files.attach(
            invoice_id,
            attachment.file_id,
            main=main,
            type_code=attachment.type,
            designation=attachment.designation,
            line=attachment.line,
        )

    def _attach_all(self, invoice_id: int, attachments: tuple[Attachment, ...]) -> None:
        for attachment in attachments:
            self._attach(invoice_id, attachment, main=False)
        total = sum(row["size"] for row in self._files.of_invoice(invoice_id))
        if total > codes.INVOICE_LIMIT:
            raise Refusal(failures.ATTACHMENTS_TOO_LARGE)
        self._store.run("UPDATE invoices SET size = ? WHERE id = ?", total, invoice_id)

    def attach_source(self, invoice_id: int, file: Attachment, *, main: bool) -> None:
        """Keep the file of a flow with the invoice it became; only a PDF is its main file."""
        self._attach(invoice_id, file, main=main)
        self._attach_all(invoice_id, ())

    def get(self, invoice_id: int) -> Row:
        """An invoice that is known to exist."""
        row = self._store.row("SELECT * FROM invoices WHERE id = ?", invoice_id)
        if row is None:
            raise LookupError(invoice_id)
        return row

    def find(self, invoice_id: int | None) -> Row | None:
        """An invoice, or None."""
        return self._store.row("SELECT * FROM invoices WHERE id = ?", invoice_id)

    def own(self, account: Account, invoice_id: int | None) -> Row:
        """An invoice of this account's suppliers, or the refusal."""
        row = self.find(invoice_id)
        if row is None or row["supplier_id"] not in account.suppliers:
            raise Refusal(failures.UNKNOWN_INVOICE)
        return row

    def is_shown(self, invoice: Row) -> bool:
        """Whether searches and history already know a new invoice."""
        delay = self._settings.current.search_delay_seconds
        return not delay or bool(invoice["deposited_at"] <= self._clock.now() - delay)

    def move(
        self,
        invoice_id: int,
        status: str,
        *,
        comment: str | None = None,
        at: float | None = None,
        agent: Agent = NOBODY,
    ) -> None:
        """Set a status and write it into the history; any string is taken."""
        when = self._clock.now() if at is None else at
        self._store.run(
            "UPDATE invoices SET status = ?, status_at = ?, status_comment = ?, rejection_handled = 0 WHERE id = ?",
            status, when, comment, invoice_id,
        )  # fmt: skip
        self._store.insert(
            "history", invoice_id=invoice_id, code=status, at=when, comment=comment,
            first_name=agent.first_name, last_name=agent.last_name, mail=agent.mail, phone=agent.phone,
        )  # fmt: skip

    def move_many(self, start: str, to: str, count: int | None, comment: str | None) -> int:
        """Move up to `count` invoices (all without) from one status to another."""
        limit = -1 if count is None else count
        rows = self._store.rows("SELECT id FROM invoices WHERE status = ? ORDER BY id LIMIT ?", start, limit)
        now = self._clock.now()
        self._store.run_many(
            "UPDATE invoices SET status = ?, status_at = ?, status_comment = ?, rejection_handled = 0 WHERE id = ?",
            ((to, now, comment, row["id"]) for row in rows),
        )
        self._store.run_many(
            "INSERT INTO history (invoice_id, code, at, comment) VALUES (?, ?, ?, ?)",
            ((row["id"], to, now, comment) for row in rows),
        )
        return len(rows)

    def settle(self) -> None:
        """Do what time does: each state of the life cycle ends when its seconds are over."""
        cycle, now = self._settings.current.life_cycle, self._clock.now()
        moved = True
        while moved:
            moved = False
            for start, step in cycle.items():
                due = self._due(start, step.to, now - step.after_seconds)
                for row in due:
                    self.move(row["id"], step.to, at=row["status_at"] + step.after_seconds)
                moved = moved or bool(due)

    def _due(self, start: str, to: str, before: float) -> list[Row]:
        sql = (
            "SELECT i.id, i.status_at FROM invoices i JOIN structures r ON r.id = i.recipient_id "
            "WHERE i.timed = 1 AND i.status = ? AND i.status_at <= ? AND (r.reports_payment OR ? <> ?)"
        )
        return self._store.rows(sql, start, before, to, codes.PAID)

    def receive(self, invoice: Row, status: str, reason: str | None) -> None:
        """The recipient treats an invoice (`traiter/recue`)."""
        if status not in codes.RECIPIENT_MOVES.get(invoice["status"], []):
            raise Refusal(failures.WRONG_STATE)
        if status in (codes.REJECTED, codes.SUSPENDED) and reason is None:
            raise Refusal(failures.REASON_REQUIRED)
        self.move(invoice["id"], status, comment=reason)

    def complete(
        self, account: Account, invoice_id: int | None, attachments: tuple[Attachment, ...], comment: str | None
    ) -> Row:
        """The supplier adds what the recipient asked for."""
        invoice = self.find(invoice_id)
        if invoice is None:
            raise Refusal(failures.NO_SUCH_REQUEST_TO_COMPLETE)
        if invoice["supplier_id"] not in account.suppliers:
            raise Refusal(failures.NO_RIGHT_TO_COMPLETE)
        if invoice["status"] != codes.SUSPENDED:
            raise Refusal(failures.NOT_SUSPENDED)
        self.rules.check_attachments(account, attachments)
        self._attach_all(invoice["id"], attachments)
        self.move(invoice["id"], codes.COMPLETED, comment=comment)
        return self.get(invoice["id"])

    def recycle(
        self, invoice: Row, *, siret: str | None, service_code: str | None, engagement: str | None, comment: str | None
    ) -> Row:
        """The supplier corrects recipient, service and engagement; number and amounts stay."""
        if invoice["status"] != codes.TO_RECYCLE:
            raise Refusal(failures.WRONG_STATE)
        body, service = self.rules.recipient(siret, service_code, engagement)
        self._store.run(
            "UPDATE invoices SET recipient_id = ?, service_id = ?, engagement = ? WHERE id = ?",
            body["id"], service["id"] if service else None, engagement, invoice["id"],
        )  # fmt: skip
        self.move(invoice["id"], codes.DEPOSITED, comment=comment)
        return self.get(invoice["id"])

    def handle_rejection(self, invoice: Row) -> None:
        """The supplier says that a rejection was dealt with."""
        if invoice["status"] != codes.REJECTED:
            raise Refusal(failures.WRONG_STATE)
        if invoice["rejection_handled"]:
            raise Refusal(failures.ALREADY_TREATED)
        self._store.run("UPDATE invoices SET rejection_handled = 1 WHERE id = ?", invoice["id"])
        self.note(invoice["id"], "TRAITEMENT_REJET")

    def correct_validator(self, invoice: Row, validator: Row) -> None:
        """The supplier names another validator."""
        if invoice["status"] != codes.WRONG_VALIDATOR:
            raise Refusal(failures.WRONG_STATE)
        self._store.run("UPDATE invoices SET validator_id = ? WHERE id = ?", validator["id"], invoice["id"])
        self.move(invoice["id"], codes.TO_VALIDATE)

    def note(self, invoice_id: int, action: str) -> None:
        """Write a user's action into the history."""
        self._store.insert("actions", invoice_id=invoice_id, code=action, at=self._clock.now())

    def history(self, invoice_id: int) -> list[Row]:
        """The statuses of an invoice, oldest first."""
        return self._store.rows("SELECT * FROM history WHERE invoice_id = ? ORDER BY id", invoice_id)

    def histories(self, invoice_ids: list[int]) -> dict[int, list[Row]]:
        """The statuses of several invoices."""
        found: dict[int, list[Row]] = {invoice_id: [] for invoice_id in invoice_ids}
        for start in range(0, len(invoice_ids), CHUNK):
            some = invoice_ids[start : start + CHUNK]
            sql = f"SELECT * FROM history WHERE invoice_id IN ({placeholders(some)}) ORDER BY id"
            for row in self._store.rows(sql, *some):
                found[row["invoice_id"]].append(row)
        return found

    def actions(self, invoice_id: int) -> list[Row]:
        """What users did with an invoice, oldest first."""
        return self._store.rows("SELECT * FROM actions WHERE invoice_id = ? ORDER BY id", invoice_id)

    def listing(self, filters: dict[str, Any], limit: int, offset: int) -> tuple[list[Row], int]:
        """Everything deposited, oldest first, for the control door."""
        columns = {"supplier": "s.siret", "number": "i.number", "status": "i.status", "flux": "i.flux"}
        given = [(columns[name], value) for name, value in filters.items() if value is not None]
        where = " AND ".join(["1", *(f"{column} = ?" for column, _ in given)])
        source = f"FROM invoices i JOIN structures s ON s.id = i.supplier_id WHERE {where}"
        values = [value for _, value in given]
        rows = self._store.rows(
            f"SELECT i.*, s.siret AS supplier_siret {source} ORDER BY i.id LIMIT ? OFFSET ?", *values, limit, offset
        )
        return rows, self._store.value(f"SELECT count(*) {source}", *values)
