"""Seeding through the control door: suppliers, bodies, engagements, and invoices by the ten thousand."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from include.simulator import codes
from include.simulator.answers import Json
from include.simulator.backend.directory import PRIVATE, PUBLIC
from include.simulator.backend.platform import Platform
from include.simulator.backend.store import Row
from include.simulator.control.shapes import InvoicesSeed, Seed, StructureSeed, SupplierSeed
from include.simulator.wire import PARIS

DAY = 86400
# What an invoice usually went through before it stands where it is.
_ON_THE_WAY = {codes.DEPOSITED: [], codes.AT_RECIPIENT: [codes.DEPOSITED]}


class SeedError(Exception):
    """A seed that cannot be planted."""


def plant(platform: Platform, seed: Seed) -> Json:
    """Plant a seed; gives how much of each kind."""
    for body in seed.structures:
        _structure(platform, body)
    for supplier in seed.suppliers:
        _supplier(platform, supplier)
    for number in seed.engagements:
        platform.directory.put_engagement(number)
    planted = _invoices(platform, seed.invoices) if seed.invoices else 0
    return {
        "suppliers": len(seed.suppliers),
        "structures": len(seed.structures),
        "engagements": len(seed.engagements),
        "invoices": planted,
    }


def _given(model: StructureSeed | SupplierSeed | Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(model, name) for name in names if getattr(model, name) is not None}


def _structure(platform: Platform, seed: StructureSeed) -> None:
    given = ("name", "town", "active", "service_required", "engagement_required", "either_required", "reports_payment")
    structure_id = platform.directory.put_structure(seed.siret, PUBLIC, **_given(seed, given))
    for service in seed.services:
        columns = _given(service, ("name", "active", "engagement_required"))
        platform.directory.put_service(structure_id, service.code, **columns)


def _supplier(platform: Platform, seed: SupplierSeed) -> None:
    structure_id = platform.directory.put_structure(seed.siret, PRIVATE, **_given(seed, ("name",)))
    if seed.bank_details is not None:
        platform.directory.put_bank_details(structure_id, seed.bank_details)
    account_id = _account(platform, seed, structure_id)
    changes: dict[str, Any] = _given(seed, ("password", "locked"))
    if seed.password_expires_at is not None:
        changes["password_expires_at"] = seed.password_expires_at.timestamp()
    for column, value in changes.items():
        platform.store.run(f"UPDATE accounts SET {column} = ? WHERE id = ?", value, account_id)


def _account(platform: Platform, seed: SupplierSeed, structure_id: int) -> int:
    """The account that speaks for the supplier: the named one (made when new), the former one, or the first one."""
    accounts = platform.accounts
    if seed.login is None:
        former = accounts.of_structure(structure_id) or accounts.find(platform.credentials.login)
        account_id = (
            int(former["id"]) if former else accounts.create(platform.credentials.login, platform.credentials.password)
        )
    else:
        known = accounts.find(seed.login)
        if known is None and seed.password is None:
            raise SeedError(f"the new login {seed.login} needs a password")
        account_id = int(known["id"]) if known else accounts.create(seed.login, seed.password or "")
    accounts.attach(account_id, structure_id)
    return account_id


def _spread(statuses: dict[str, float], count: int) -> list[str]:
    """One status per invoice, in the given shares, mixed evenly over the period."""
    shares = {status: share for status, share in statuses.items() if share > 0} or {codes.AT_RECIPIENT: 1.0}
    whole = sum(shares.values())
    owed = dict.fromkeys(shares, 0.0)
    chosen = []
    for _ in range(count):
        for status, share in shares.items():
            owed[status] += share / whole
        best = max(owed, key=lambda status: owed[status])
        owed[best] -= 1.0
        chosen.append(best)
    return chosen


def _midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), tzinfo=PARIS).timestamp()


def _invoices(platform: Platform, seed: InvoicesSeed) -> int:
    supplier = platform.directory.by_siret(seed.supplier_siret)
    account = platform.accounts.of_structure(supplier["id"]) if supplier else None
    if supplier is None or account is None:
        raise SeedError(f"no supplier {seed.supplier_siret}")
    bodies = platform.store.rows("SELECT id, siret FROM structures WHERE kind = ? AND active = 1 ORDER BY id", PUBLIC)
    planter = _Planter(platform, seed, supplier, account, bodies)
    platform.store.run_many(planter.invoice_sql, planter.rows())
    platform.store.run_many("INSERT INTO history (invoice_id, code, at) VALUES (?, ?, ?)", planter.history)
    return seed.count


class _Planter:
    """Makes the rows of many invoices, and their history beside them."""

    invoice_sql = (
        "INSERT INTO invoices (id, supplier_id, recipient_id, account_id, number, type, framework, mode, currency, "
        "issue_date, deposited_at, status, status_at, timed, excl, incl, due, document, payload) VALUES ("
        + ", ".join("?" * 19)
        + ")"
    )

    def __init__(self, platform: Platform, seed: InvoicesSeed, supplier: Row, account: Row, bodies: list[Row]) -> None:
        self._seed, self._supplier, self._account, self._bodies = seed, supplier, account, bodies
        now = platform.clock.now()
        self._end = min(now, _midnight(seed.end) + DAY - 1) if seed.end else now
        self._start = _midnight(seed.start) if seed.start else self._end - 30 * DAY
        self._first_id = platform.store.reserve("invoice", 8611204, seed.count)
        self._first_number = platform.store.reserve(f"seeded {supplier['id']} {seed.prefix}", 1, seed.count)
        self._statuses = _spread(seed.statuses, seed.count)
        self.history: list[tuple[int, str, float]] = []

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One row per invoice; fills the history while it goes."""
        step = (self._end - self._start) / max(1, self._seed.count)
        for index, status in enumerate(self._statuses):
            deposited = self._start + step * index
            yield self._row(index, status, deposited)

    def _row(self, index: int, status: str, deposited: float) -> tuple[Any, ...]:
        invoice_id = self._first_id + index
        path = [*_ON_THE_WAY.get(status, [codes.DEPOSITED, codes.AT_RECIPIENT]), status]
        for place, code in enumerate(path):
            self.history.append((invoice_id, code, min(self._end, deposited + place * 60)))
        reached = self.history[-1][2]
        excl, issue_date = 100 + index % 900, dt.datetime.fromtimestamp(deposited, tz=PARIS).date().isoformat()
        tax = excl / 5
        number = f"{self._seed.prefix}{self._first_number + index:06d}"
        body = self._bodies[index % len(self._bodies)]
        document: Json = {
            "vat_type": "TVA_SUR_DEBIT",
            "exemption_reason": None,
            "payment_mode": "VIREMENT",
            "comment": None,
            "lines": [],
            "vat": [],
            "excl": str(excl),
            "tax": f"{tax:.2f}",
            "incl": f"{excl + tax:.2f}",
            "due": f"{excl + tax:.2f}",
            "discount": "0",
            "discount_reason": None,
        }
        incl = round(excl + tax, 2)
        return (
            invoice_id, self._supplier["id"], body["id"], self._account["id"], number, "FACTURE", codes.FRAMEWORKS[0],
            "DEPOT_PDF_API", "EUR", issue_date, deposited, status, reached, 0, excl, incl, incl,
            json.dumps(document), None,
        )  # fmt: skip
