"""Which invoices of ours a row of the platform's list may be: those that hold its number, or would send it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.tables import invoices, reserved_keys
from include.domain.lifecycle import State
from include.domain.submission import RemoteInvoice, number_key
from include.domain.tracking import Account
from include.domain.transitions.adoption import ADOPTABLE

_CHUNK = 500
_LIKELIEST = {state: place for place, state in enumerate(ADOPTABLE)}

Candidates = list[tuple[RemoteInvoice, list[int]]]
"""Rows with the ids of our invoices, the likeliest first; rows without any are left out."""


def candidates(connection: Connection, account: Account, rows: Sequence[RemoteInvoice]) -> Candidates:
    """For each of these rows our invoices of its supplier and number that may turn out to be it."""
    keys = {number_key(row.number) for row in rows if row.number}
    holders = _holders(connection, account, {_name(account, row): row for row in rows})
    waiting = _waiting(connection, account, keys)
    found: Candidates = []
    for row in rows:
        name = _name(account, row)
        ids = list(dict.fromkeys([*holders.get(name, ()), *waiting.get(name, ())]))
        if ids:
            found.append((row, ids))
    return found


def _name(account: Account, row: RemoteInvoice) -> str:
    """As keys name it: supplier and folded number."""
    return f"{row.supplier_siret or account.siret}:{number_key(row.number)}"


def _holders(connection: Connection, account: Account, names: Iterable[str]) -> dict[str, list[int]]:
    """Because an attempt of theirs may have been taken."""
    found: dict[str, list[int]] = {}
    for chunk in _chunks(sorted(names)):
        query = sa.select(reserved_keys.c.value, reserved_keys.c.invoice_id).where(
            reserved_keys.c.environment == account.environment,
            reserved_keys.c.kind == "number",
            reserved_keys.c.value.in_(chunk),
        )
        for value, invoice_id in connection.execute(query):
            found.setdefault(value, []).append(invoice_id)
    return found


def _waiting(connection: Connection, account: Account, keys: Iterable[str]) -> dict[str, list[int]]:
    """Because they are not sent as far as we know, and have this number."""
    found: list[tuple[int, int, str]] = []
    for chunk in _chunks(sorted(keys)):
        query = sa.select(invoices.c.id, invoices.c.state, invoices.c.number_key, invoices.c.supplier_siret).where(
            invoices.c.number_key.in_(chunk),
            invoices.c.document_id.is_not(None),
            invoices.c.environment == account.environment,
            invoices.c.state.in_(ADOPTABLE),
            sa.or_(invoices.c.supplier_siret == account.siret, invoices.c.provider_key == account.provider_key),
        )
        for row in connection.execute(query):
            name = f"{row.supplier_siret or account.siret}:{row.number_key}"
            found.append((_LIKELIEST[State(row.state)], row.id, name))
    by_name: dict[str, list[int]] = {}
    for _, invoice_id, name in sorted(found):
        by_name.setdefault(name, []).append(invoice_id)
    return by_name


def _chunks(items: Sequence[str]) -> list[Sequence[str]]:
    """SQLite bounds the number of parameters."""
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
