"""Searching invoices: the filters of `rechercher/fournisseur`, in SQL, over tens of thousands of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from include.simulator.answers import Page
from include.simulator.backend.clock import Clock
from include.simulator.backend.directory import placeholders
from include.simulator.backend.settings import SettingsBox
from include.simulator.backend.store import Row, Store

SOURCE = (
    "FROM invoices i JOIN structures s ON s.id = i.supplier_id JOIN structures r ON r.id = i.recipient_id "
    "LEFT JOIN services v ON v.id = i.service_id "
)
COLUMNS = (
    "i.*, s.siret AS supplier_siret, s.name AS supplier_name, r.siret AS recipient_siret, r.name AS recipient_name, "
    "v.code AS service_code, v.name AS service_name, b.name AS bank_name, "
    "x.siret AS validator_siret, x.name AS validator_name, "
    "w.code AS supplier_service_code, w.name AS supplier_service_name"
)
DETAILS = (
    "LEFT JOIN bank_details b ON b.id = i.bank_id LEFT JOIN structures x ON x.id = i.validator_id "
    "LEFT JOIN services w ON w.id = i.supplier_service_id "
)
SORTS = {
    "TypeDemandePaiement": "i.type",
    "CodeFournisseur": "s.siret",
    "DesignationFournisseur": "s.name",
    "CodeDestinataire": "r.siret",
    "DesignationDestinataire": "r.name",
    "CodeServiceExecutant": "v.code",
    "TypeFacture": "i.type",
    "NumeroFacture": "i.number",
    "DateFacture": "i.issue_date",
    "DateDepot": "i.deposited_at",
    "DateHeureEtatCourant": "i.status_at",
    "MontantHT": "i.excl",
    "MontantTTC": "i.incl",
    "MontantAPayer": "i.due",
    "Devise": "i.currency",
    "Statut": "i.status",
    "NumeroMarche": "i.contract",
    "NumeroBonCommande": "i.engagement",
    "NumeroFluxDepot": "i.flux",
    "ModeDepot": "i.mode",
}
DEFAULT_SORT = "DateDepot"


@dataclass
class Conditions:
    """SQL conditions with their values; what is None is not asked for."""

    parts: list[str] = field(default_factory=list)
    # A number names few rows: the sort must not tempt SQLite into walking the index of deposits.
    narrow: bool = False
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition unless one of its values is None."""
        if None not in values:
            self.parts.append(condition)
            self.values.extend(values)

    def among(self, column: str, values: Iterable[Any]) -> None:
        """Add "one of these"; none given means no condition."""
        some = [value for value in values if value is not None]
        if some:
            self.parts.append(f"{column} IN ({placeholders(some)})")
            self.values.extend(some)

    def between(self, column: str, low: Any, high: Any) -> None:
        """Add a range, each end optional and included."""
        self.add(f"{column} >= ?", low)
        self.add(f"{column} <= ?", high)

    def either(self, others: list[Conditions]) -> None:
        """Add "at least one of these"."""
        if others:
            self.parts.append("(" + " OR ".join(f"({other.sql()})" for other in others) + ")")
            self.values.extend(value for other in others for value in other.values)

    def sql(self) -> str:
        """All conditions."""
        return " AND ".join(self.parts) or "1"


class Search:
    """Finds the invoices of some suppliers."""

    def __init__(self, store: Store, clock: Clock, settings: SettingsBox) -> None:
        self._store, self._clock, self._settings = store, clock, settings

    def visible(self, suppliers: tuple[int, ...]) -> Conditions:
        """Start a search: own suppliers only, and new invoices only once the search knows them."""
        conditions = Conditions()
        conditions.among("i.supplier_id", suppliers or (0,))
        delay = self._settings.current.search_delay_seconds
        conditions.add("i.deposited_at <= ?", self._clock.now() - delay if delay else None)
        return conditions

    def find(self, conditions: Conditions, page: Page) -> tuple[list[Row], int]:
        """One page of rows, and how many there are under the cap."""
        where, values = conditions.sql(), conditions.values
        cap = -1 if page.cap is None else page.cap
        total = self._store.value(f"SELECT count(*) FROM (SELECT 1 {SOURCE} WHERE {where} LIMIT ?)", *values, cap)
        direction = "DESC" if page.descending is None or page.descending else "ASC"
        walk = "+" if conditions.narrow else ""
        order = f"ORDER BY {walk}{SORTS[page.column or DEFAULT_SORT]} {direction}, i.id {direction}"
        chosen = f"SELECT i.id {SOURCE} WHERE {where} {order} LIMIT ? OFFSET ?"
        sql = f"SELECT {COLUMNS} {SOURCE} {DETAILS} WHERE i.id IN ({chosen}) {order}"
        return self._store.rows(sql, *values, page.room, page.offset), total

    def one(self, invoice_id: int) -> Row:
        """One invoice with the names of its parties."""
        row = self._store.row(f"SELECT {COLUMNS} {SOURCE} {DETAILS} WHERE i.id = ?", invoice_id)
        if row is None:
            raise LookupError(invoice_id)
        return row
