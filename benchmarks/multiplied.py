"""A store grown to so many invoices by SQL: everything of some invoices that were really sent, again and again.

Each copy is an invoice of its own: other ids, numbers, digests and days (three years back), spread over twenty
providers. One in a hundred waits for a person, one in a hundred is ready, one in ten of the others is still on its way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

PROVIDERS = 20
_STEP = 1_000
"""Between the ids of an invoice and those of its next copy; more than there are models."""

_DAYS = 1_095
_COPIED = (
    "documents",
    "invoices",
    "readings",
    "attempts",
    "moves",
    "searches",
    "reserved_keys",
    "uploads",
    "remote_invoices",
    "tracked_statuses",
    "events",
    "listed_invoices",
    "invoice_labels",
)
_MODELS = "models"
"""The schema that holds the models, so that they count with nothing."""

# those that point to others first: they go before what they point to, and come after it
_CONSTRAINTS = """
    SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE contype IN ('f', 'u', 'p')
      AND (conrelid::regclass::text = ANY(:names) OR confrelid::regclass::text = ANY(:names))
    ORDER BY contype = 'p', contype = 'u', oid
"""
_INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index
    WHERE indrelid::regclass::text = ANY(:names)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('u', 'p'))
"""

_WITH_ID = frozenset({"documents", "invoices"})
_DIGESTS = frozenset({"content_sha256", "sha256", "metadata_sha256"})
_IDS = frozenset({"invoice_id", "document_id"})


def take_models(connection: sa.Connection) -> None:
    """Keeps every row of the models apart: a copy then reads those few, however large its table has become."""
    import sqlalchemy as sa

    from include.adapters.storage.core.list_tables import listed
    from include.adapters.storage.core.tables import metadata

    assert listed.name in metadata.tables
    connection.execute(sa.text(f"CREATE SCHEMA {_MODELS}"))
    for name in _COPIED:
        rows = f"SELECT * FROM {name} t WHERE {_models(metadata.tables[name])}"
        connection.execute(sa.text(f"CREATE TABLE {_MODELS}.{name} AS {rows}"))


@contextlib.contextmanager
def without_indexes(connection: sa.Connection) -> Iterator[None]:
    """Takes every index and constraint of the copied tables away and makes them again at the end, one after the other.

    Keeping thirty indexes up to date with each row is what a million invoices take hours for.
    """
    import sqlalchemy as sa

    names = {"names": list(_COPIED)}
    constraints = connection.execute(sa.text(_CONSTRAINTS), names).all()
    indexes = connection.execute(sa.text(_INDEXES), names).all()
    for row in constraints:
        connection.execute(sa.text(f"ALTER TABLE {row.owner} DROP CONSTRAINT {row.name}"))
    for row in indexes:
        connection.execute(sa.text(f"DROP INDEX {row.name}"))
    yield
    for row in indexes:
        connection.execute(sa.text(row.definition))
    for row in reversed(constraints):
        connection.execute(sa.text(f"ALTER TABLE {row.owner} ADD CONSTRAINT {row.name} {row.definition}"))


def multiply(connection: sa.Connection, *, first: int, last: int) -> None:
    """Copies number `first` to `last` of every model."""
    import sqlalchemy as sa

    from include.adapters.storage.core.tables import metadata

    for name in _COPIED:
        made = dict(_columns(metadata.tables[name]))
        columns = ", ".join(f'"{column}"' for column in made)
        values = ", ".join(made.values())
        source = f"{_MODELS}.{name} t, generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) k"
        statement = f"INSERT INTO {name} ({columns}) SELECT {values} FROM {source}"
        connection.execute(sa.text(statement), {"first": first, "last": last})


def _models(table: sa.Table) -> str:
    """Which rows of a table belong to the models."""
    if table.name in _WITH_ID:
        return f"t.id < {_STEP}"
    if "invoice_id" in table.c:
        return f"t.invoice_id < {_STEP}"
    column = "sha256" if table.name == "uploads" else "content_sha256"
    return f"t.{column} IN (SELECT content_sha256 FROM documents WHERE id < {_STEP})"


def _columns(table: sa.Table) -> Iterator[tuple[str, str]]:
    own = _OWN.get(table.name, {})
    for column in table.c:
        name = column.name
        if name in own:
            yield name, own[name]
        elif name == "id":
            if table.name in _WITH_ID:
                yield name, f"t.id + k * {_STEP}"
        elif name in _IDS:
            yield name, f"t.{name} + k * {_STEP}"
        elif name in _DIGESTS:
            yield name, _digest(f"t.{name}")
        elif name == "chorus_id":
            yield name, "t.chorus_id + k * 1000000"
        elif name == "provider_key":
            yield name, "'simulator:' || lpad((k % %d)::text, 14, '0')".replace("%d", str(PROVIDERS))
        elif type(column.type).__name__ == "UtcDateTime":
            yield name, f"t.{name} - {_AGO}"
        else:
            yield name, f't."{name}"'


def _digest(value: str) -> str:
    return f"md5({value} || k) || md5(k || {value})"


_AGO = f"make_interval(mins => ((k::bigint * 7919) % {_DAYS * 24 * 60})::int)"
_STATE = "CASE k % 100 WHEN 0 THEN 'to_complete' WHEN 1 THEN 'ready' ELSE t.state END"
_STATUS = "CASE WHEN k % 100 < 2 THEN NULL WHEN k % 10 = 2 THEN 'MISE_A_DISPOSITION' ELSE 'MISE_EN_PAIEMENT' END"
_OWN: Mapping[str, Mapping[str, str]] = {
    "documents": {"portal_id": "t.portal_id || '-' || k"},
    "invoices": {
        "state": _STATE,
        "status": _STATUS,
        "invoice_number": "t.invoice_number || '-' || k",
        "number_key": "t.number_key || '-' || k",
        "successor_id": "NULL",
        "judged_revision": "t.judged_revision",
    },
    "listed_invoices": {
        "state": _STATE,
        "status": _STATUS,
        "number": "t.number || '-' || k",
        "search_text": "replace(t.search_text, t.number, t.number || '-' || k)",
    },
    "remote_invoices": {"number": "t.number || '-' || k", "history_due": "NULL"},
    "reserved_keys": {"value": "t.value || '-' || k"},
    "events": {"once": "t.once || '-' || k", "distributed": "true"},
}
