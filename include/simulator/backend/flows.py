"""Flows: XML and Factur-X deposits that become invoices some time later, or do not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from include.simulator import codes, failures
from include.simulator.answers import Json
from include.simulator.backend.accounts import Account
from include.simulator.backend.clock import Clock
from include.simulator.backend.directory import Directory
from include.simulator.backend.drafts import Attachment
from include.simulator.backend.files import Files
from include.simulator.backend.flow_contents import Member, Unreadable, members
from include.simulator.backend.flow_invoices import FlowInvoice
from include.simulator.backend.flow_reading import read_invoice
from include.simulator.backend.invoices import Invoices
from include.simulator.backend.settings import SettingsBox
from include.simulator.backend.store import Row, Store
from include.simulator.failures import Refusal

# The platform cuts the text of an error near this length; several errors of one invoice are joined by a bar.
ERROR_LENGTH = 200
NEXT = "next flow ending"


@dataclass
class Report:
    """How a flow went: invoices taken, invoices refused, files that could not be read at all."""

    taken: int = 0
    errors: list[Json] = field(default_factory=list)
    technical: list[Json] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The end state that follows."""
        if not self.errors and not self.technical and self.taken:
            return codes.FLOW_DONE
        return codes.FLOW_PARTIAL if self.taken else codes.FLOW_REJECTED


class Flows:
    """Deposited flows."""

    def __init__(
        self, store: Store, clock: Clock, settings: SettingsBox, directory: Directory, files: Files, invoices: Invoices
    ) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._directory, self._files, self._invoices = directory, files, invoices

    def deposit(self, account: Account, *, name: str, syntax: str, content: bytes) -> Row:
        """Take a flow; nothing is looked at yet but its size."""
        if len(content) > codes.FLOW_LIMIT:
            raise Refusal(failures.FLOW_TOO_LARGE)
        if not content:
            raise Refusal(failures.EMPTY_FILE)
        _, interface = codes.FLOW_SYNTAXES[syntax]
        counter = self._store.reserve("flow", 430017)
        number, now = f"CPP001{interface}{counter:015d}", self._clock.now()
        self._store.insert(
            "flows",
            number=number,
            account_id=account.id,
            syntax=syntax,
            filename=name,
            interface=f"FSO{interface}A",
            deposited_at=now,
            state=codes.FLOW_FIRST,
            state_at=now,
            ending=self._take_next(),
            content=content,
        )
        return self._get(number)

    def _take_next(self) -> str | None:
        decided = self._store.recall(NEXT)
        if decided is None:
            return None
        self._store.remember(NEXT, None)
        return json.dumps(decided)

    def _get(self, number: str) -> Row:
        row = self._store.row("SELECT * FROM flows WHERE number = ?", number)
        if row is None:
            raise LookupError(number)
        return row

    def known(self, account: Account, number: str | None) -> Row:
        """A flow the reports already know of, or the refusal (as in its first seconds)."""
        row = self._store.row("SELECT * FROM flows WHERE number = ? AND account_id = ?", number, account.id)
        settings = self._settings.current
        unknown_for = min(settings.flux_unknown_seconds, settings.integration_seconds)
        if row is None or (row["pending"] and row["deposited_at"] + unknown_for > self._clock.now()):
            raise Refusal(failures.FLOW_NOT_KNOWN, number=number)
        return row

    def settle(self) -> None:
        """Integrate the flows whose time has come."""
        before = self._clock.now() - self._settings.current.integration_seconds
        due = self._store.rows(
            "SELECT * FROM flows WHERE pending = 1 AND deposited_at <= ? ORDER BY deposited_at", before
        )
        for flow in due:
            at = flow["deposited_at"] + self._settings.current.integration_seconds
            self._finish(flow, json.loads(flow["ending"]) if flow["ending"] else None, at)

    def decide_next(self, ending: Json) -> None:
        """Say how the next deposited flow will end."""
        self._store.remember(NEXT, ending)

    def end(self, number: str, ending: Json) -> bool:
        """End a flow now, in the given way; False when there is none of this number."""
        row = self._store.row("SELECT * FROM flows WHERE number = ?", number)
        if row is None:
            return False
        self._finish(row, ending, self._clock.now())
        return True

    def _finish(self, flow: Row, ending: Json | None, at: float) -> None:
        report = Report()
        if flow["pending"] and (ending is None or ending["state"] in (codes.FLOW_DONE, codes.FLOW_PARTIAL)):
            refused = {error["number"] for error in ending["errors"]} if ending else set()
            self._integrate(flow, report, refused)
        state, errors, technical = report.state, report.errors, report.technical
        if ending is not None:
            state, technical = ending["state"], ending["technical"]
            errors = [_error(error["number"], None, None, [error["text"]]) for error in ending["errors"]]
        self._store.run(
            "UPDATE flows SET pending = 0, state = ?, state_at = ?, errors = ?, technical = ? WHERE number = ?",
            state, at, json.dumps(errors), json.dumps(technical), flow["number"],
        )  # fmt: skip

    def _integrate(self, flow: Row, report: Report, refused: set[str]) -> None:
        account = self._account(flow["account_id"])
        try:
            found = members(flow["filename"], bytes(flow["content"]))
        except Unreadable as error:
            report.technical.append(
                {"codeErreur": "TECH_001", "natureErreur": "BLOQUANTE", "libelleErreur": str(error)}
            )
            return
        for member in found:
            self._take(flow, account, member, report, refused)

    def _account(self, account_id: int) -> Account:
        row = self._store.row("SELECT * FROM accounts WHERE id = ?", account_id)
        owned = self._store.rows("SELECT structure_id FROM memberships WHERE account_id = ?", account_id)
        return Account(
            id=account_id, login=row["login"] if row else "", suppliers=tuple(one["structure_id"] for one in owned)
        )

    def _take(self, flow: Row, account: Account, member: Member, report: Report, refused: set[str]) -> None:
        try:
            invoice = read_invoice(member, flow["syntax"])
        except Unreadable as error:
            report.technical.append(
                {"codeErreur": "TECH_002", "natureErreur": "BLOQUANTE", "libelleErreur": str(error)}
            )
            return
        if invoice.number in refused:
            return
        faults = list(invoice.faults)
        if not faults:
            try:
                self._deposit(flow, account, invoice, member)
                report.taken += 1
            except Refusal as refusal:
                faults.append(refusal.label)
        if faults:
            report.errors.append(_error(invoice.number, invoice.supplier_siret, invoice.recipient_siret, faults))

    def _deposit(self, flow: Row, account: Account, invoice: FlowInvoice, member: Member) -> None:
        supplier = self._directory.by_siret(invoice.supplier_siret)
        draft = invoice.draft(supplier_id=supplier["id"] if supplier else None, flux=flow["number"])
        row = self._invoices.deposit(account, draft, None)
        content, extension = member.shown()
        digest = hashlib.sha256(content).hexdigest()
        name = f"{digest[:12]}.{extension.lower()}"
        file_id = self._files.add(
            account, name=name, extension=extension, mime=None, content=content, origin="deposer/flux"
        )
        self._invoices.attach_source(
            row["id"], Attachment(file_id=file_id, designation=member.name), main=extension == "PDF"
        )


def _error(number: str | None, supplier: str | None, recipient: str | None, texts: list[str]) -> Json:
    return {
        "numeroDP": number,
        "identifiantFournisseur": supplier,
        "identifiantDestinataire": recipient,
        "libelleErreurDP": "|".join(texts)[:ERROR_LENGTH],
    }


def report_rows(flow: Row) -> tuple[list[Any], list[Any]]:
    """The errors of a flow, per invoice and technical."""
    return json.loads(flow["errors"]), json.loads(flow["technical"])
