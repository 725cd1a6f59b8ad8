"""Structures, their services, bank details and engagements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.simulator.answers import Page
from include.simulator.backend.clock import Clock
from include.simulator.backend.store import Row, Store

PUBLIC = "PUBLIQUE"
PRIVATE = "PRIVEE"

STRUCTURE_SORTS = {
    "IdentifiantStructure": "siret",
    "DesignationStructure": "name",
    "TypeIdentifiantStructure": "siret",
    "Statut": "active",
}
SERVICE_SORTS = {
    "CodeService": "code",
    "LibelleService": "name",
    "DateDbtService": "begins_at",
    "DateFinService": "ends_at",
    "EstActif": "active",
}


def placeholders(values: Sequence[object]) -> str:
    """Give `?, ?, ?` for an IN list."""
    return ", ".join("?" * len(values))


class Directory:
    """The public directory, and what belongs to suppliers."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def structure(self, structure_id: int | None) -> Row | None:
        """A structure by its id."""
        return self._store.row("SELECT * FROM structures WHERE id = ?", structure_id)

    def by_siret(self, siret: str | None) -> Row | None:
        """A structure by its SIRET."""
        return self._store.row("SELECT * FROM structures WHERE siret = ?", siret)

    def search(self, filters: list[tuple[str, list[Any]]], page: Page) -> tuple[list[Row], int]:
        """Structures that pass every (SQL condition, values), one page of them."""
        where = " AND ".join(["1", *(condition for condition, _ in filters)])
        values = [value for _, some in filters for value in some]
        total = self._store.value(f"SELECT count(*) FROM structures WHERE {where}", *values)
        order = self._order(STRUCTURE_SORTS, page, "siret")
        sql = f"SELECT * FROM structures WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        return self._store.rows(sql, *values, page.size, page.offset), total

    @staticmethod
    def _order(sorts: dict[str, str], page: Page, default: str) -> str:
        column = sorts.get(page.column or "", default)
        return f"{column} {'DESC' if page.descending else 'ASC'}, id"

    def services(self, structure_id: int, page: Page) -> tuple[list[Row], int]:
        """One page of a structure's services."""
        total = self._store.value("SELECT count(*) FROM services WHERE structure_id = ?", structure_id)
        order = self._order(SERVICE_SORTS, page, "code")
        sql = f"SELECT * FROM services WHERE structure_id = ? ORDER BY {order} LIMIT ? OFFSET ?"
        return self._store.rows(sql, structure_id, page.size, page.offset), total

    def service(self, structure_id: int, *, code: str | None = None, service_id: int | None = None) -> Row | None:
        """A service of a structure, by code or by id."""
        if service_id is not None:
            return self._store.row("SELECT * FROM services WHERE structure_id = ? AND id = ?", structure_id, service_id)
        return self._store.row("SELECT * FROM services WHERE structure_id = ? AND code = ?", structure_id, code)

    def is_open(self, service: Row) -> bool:
        """Whether a service may receive today."""
        now = self._clock.now()
        begun = service["begins_at"] <= now
        return bool(service["active"] and begun and (service["ends_at"] is None or service["ends_at"] > now))

    def bank_details(self, structure_id: int) -> list[Row]:
        """Active bank details of a supplier."""
        return self._store.rows(
            "SELECT * FROM bank_details WHERE structure_id = ? AND active = 1 ORDER BY id", structure_id
        )

    def knows_engagement(self, number: str) -> bool:
        """Whether an engagement exists."""
        return self._store.row("SELECT 1 FROM engagements WHERE number = ?", number) is not None

    def put_structure(self, siret: str, kind: str, **columns: Any) -> int:
        """Add a structure, or change the given columns of the one with this SIRET."""
        known = self.by_siret(siret)
        if known is None:
            columns.setdefault("name", f"STRUCTURE {siret}")
            return self._store.insert(
                "structures", id=self._store.reserve("structure", 26300124), siret=siret, kind=kind, **columns
            )
        self._update("structures", known["id"], columns)
        return int(known["id"])

    def put_service(self, structure_id: int, code: str, **columns: Any) -> int:
        """Add a service, or change the given columns of the one with this code; closing it ends it now."""
        known, now = self.service(structure_id, code=code), self._clock.now()
        if "active" in columns:
            columns["ends_at"] = None if columns["active"] else now
        if known is None:
            columns.setdefault("name", code)
            return self._store.insert(
                "services",
                id=self._store.reserve("service", 27946010),
                structure_id=structure_id,
                code=code,
                begins_at=min(now, 1483228800.0),
                changed_at=now,
                **columns,
            )
        self._update("services", known["id"], {**columns, "changed_at": now})
        return int(known["id"])

    def put_bank_details(self, structure_id: int, names: list[str]) -> None:
        """Make these the bank details of a supplier; others become invalid."""
        self._store.run("UPDATE bank_details SET active = 0 WHERE structure_id = ?", structure_id)
        for name in names:
            known = self._store.value(
                "SELECT id FROM bank_details WHERE structure_id = ? AND name = ?", structure_id, name
            )
            if known is None:
                self._store.insert(
                    "bank_details", id=self._store.reserve("bank", 448120), structure_id=structure_id, name=name
                )
            else:
                self._store.run("UPDATE bank_details SET active = 1 WHERE id = ?", known)

    def put_engagement(self, number: str) -> None:
        """Make an engagement known."""
        self._store.run("INSERT OR IGNORE INTO engagements (number) VALUES (?)", number)

    def _update(self, table: str, row_id: int, columns: dict[str, Any]) -> None:
        if columns:
            sets = ", ".join(f"{name} = ?" for name in columns)
            self._store.run(f"UPDATE {table} SET {sets} WHERE id = ?", *columns.values(), row_id)
