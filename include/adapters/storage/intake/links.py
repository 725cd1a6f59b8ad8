"""Links between documents: keys, partners with an equal key, and what goes along with an invoice (port `Links`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.inserting import insert_new, insert_returning
from include.adapters.storage.core.invoice_rows import (
    DOCUMENT_COLUMNS,
    ROW_VERSION_COLUMNS,
    apply_locked,
    linked_documents,
    portal_document,
    row_version,
)
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import AnyRow, document_links, documents, invoices, link_keys, revisions
from include.application.ports.links import LinkCounts, LinkWork, PossibleLink
from include.domain.document import PortalDocument
from include.domain.lifecycle import State
from include.domain.links import LinkKey, Side
from include.domain.transitions.change import MATCH_AGAIN
from include.domain.transitions.intake import RECALLED, linked_later, links_backfilled

_CHUNK = 500
"""Most parameters of one statement: SQLite bounds their number."""

_GONE_AFTER = 2
"""Passes in a row without a document before it counts as gone."""

_SHELVED = frozenset({State.HELD, State.DISCARDED})

_Ends = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What goes along with one invoice: by the portal's own links, then by rules.

    `rules` maps portal ids to the rules that link them; `missing` are links of the portal to what is not there.
    """

    documents: tuple[PortalDocument, ...] = ()
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def linked_to(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, Linked]:
    """What goes along with each of these invoices, by the id of its document; rows with `document_id` and `links`."""
    by_portal = linked_documents(connection, {portal_id for row in rows for portal_id in row.links})
    by_rule: dict[int, list[tuple[PortalDocument, str]]] = {}
    for ids in _chunks([row.document_id for row in rows]):
        query = (
            sa.select(document_links.c.invoice_document_id, document_links.c.rule, *DOCUMENT_COLUMNS)
            .join(documents, documents.c.id == document_links.c.attachment_document_id)
            .where(document_links.c.invoice_document_id.in_(ids), _there(documents))
            .order_by(documents.c.id, document_links.c.rule)
        )
        for row in connection.execute(query):
            by_rule.setdefault(row.invoice_document_id, []).append((portal_document(row), row.rule))
    return {row.document_id: _linked(row.links, by_portal, by_rule.get(row.document_id, ())) for row in rows}


def _linked(
    links: Sequence[str], by_portal: Mapping[str, PortalDocument], by_rule: Sequence[tuple[PortalDocument, str]]
) -> Linked:
    found = {portal_id: by_portal[portal_id] for portal_id in links if portal_id in by_portal}
    rules: dict[str, tuple[str, ...]] = {}
    for document, rule in by_rule:
        found.setdefault(document.portal_id, document)
        rules[document.portal_id] = (*rules.get(document.portal_id, ()), rule)
    missing = tuple(portal_id for portal_id in links if portal_id not in by_portal)
    return Linked(documents=tuple(found.values()), rules=rules, missing=missing)


def recall_linked(connection: Connection, attachment_ids: Collection[int], *, now: dt.datetime) -> int:
    """Has the unsent invoices that rules link to these documents matched and assessed again."""
    invoice_ids: set[int] = set()
    for ids in _chunks(sorted(attachment_ids)):
        query = sa.select(document_links.c.invoice_document_id).where(document_links.c.attachment_document_id.in_(ids))
        invoice_ids.update(connection.scalars(query))
    return _recall(connection, invoice_ids, now)


class SqlLinks:
    """`Links` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, rules: str, revision: int, *, limit: int) -> list[LinkWork]:
        """See `Links`."""
        other = sa.or_(documents.c.linked_under.is_(None), documents.c.linked_under != rules)
        query = (
            sa.select(*DOCUMENT_COLUMNS, documents.c.missing_passes, documents.c.metadata_sha256)
            .where(documents.c.latest, other)
            .order_by(documents.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            if not _newest(connection, revision):
                return []
            return [
                LinkWork(
                    document_id=row.document_id,
                    document=portal_document(row),
                    here=row.missing_passes < _GONE_AFTER,
                    seen_as=row.metadata_sha256,
                )
                for row in connection.execute(query)
            ]

    def store_keys(self, works: Sequence[LinkWork], keys: Mapping[int, Sequence[LinkKey]]) -> None:
        """See `Links`."""
        with self._database.write() as connection:
            ids = _unchanged(connection, works)
            connection.execute(link_keys.delete().where(link_keys.c.document_id.in_(ids)))
            rows = [
                {"document_id": document_id, "side": key.side, "key": key.key, "rule": key.rule}
                for document_id in ids
                for key in keys[document_id]
            ]
            insert_new(connection, link_keys, *rows)

    def record(
        self,
        works: Sequence[LinkWork],
        wanted: Callable[[PossibleLink], bool],
        *,
        rules: str,
        revision: int,
        now: dt.datetime,
    ) -> LinkCounts:
        """See `Links`."""
        with self._database.write() as connection:
            if not _newest(connection, revision):
                return LinkCounts()
            ids = _unchanged(connection, works)
            # what stands is read before what is possible: a link that another worker makes in between is not taken away
            standing = _standing(connection, ids)
            possible = {_ends(link): link for link in _possible(connection, ids) if wanted(link)}
            made = [link for ends, link in possible.items() if ends not in standing]
            removed = [ends for ends in standing if ends not in possible]
            _insert(connection, [_ends(link) for link in made], backfilled=False)
            for ends in removed:
                connection.execute(document_links.delete().where(*_is(ends)))
            changed = {link.invoice_document_id for link in made} | {ends[0] for ends in removed}
            ours = set(ids)
            changed |= {link.invoice_document_id for link in possible.values() if link.attachment_document_id in ours}
            recalled = _recall(connection, changed, now)
            flagged = _flag(connection, {link.invoice_document_id for link in made}, now)
            connection.execute(documents.update().where(documents.c.id.in_(ids)).values(linked_under=rules))
        return LinkCounts(made=len(made), removed=len(removed), recalled=recalled, flagged=flagged)

    def unlinked(
        self, rules: Collection[str], *, sent: bool, after: PossibleLink | None = None, limit: int
    ) -> list[PossibleLink]:
        """See `Links`."""
        unsent = invoices.c.state.in_(RECALLED | _SHELVED)
        where: list[sa.ColumnElement[bool]] = [document_links.c.rule.is_(None), _one.c.rule.in_(rules)]
        where.append(sa.not_(unsent) if sent else unsent)
        if after is not None:
            where.append(sa.tuple_(_one.c.document_id, _other.c.document_id, _one.c.rule) > sa.tuple_(*_ends(after)))
            where.append(_one.c.document_id >= after.invoice_document_id)  # the index knows this one
        with self._database.read() as connection:
            return list(_pairs(connection, *where, limit=limit))

    def backfill(self, links: Sequence[PossibleLink], *, actor: str, now: dt.datetime) -> int:
        """See `Links`."""
        by_invoice: dict[int, list[PossibleLink]] = {}
        for link in links:
            by_invoice.setdefault(link.invoice_document_id, []).append(link)
        made = 0
        with self._database.write() as connection:
            for document_id, mine in by_invoice.items():
                row = connection.execute(_locked_rows([document_id])).one()
                names = [link.attachment_portal_id for link in mine]
                change = links_backfilled(row_version(row), names, actor=actor)
                if change is None:
                    continue
                apply_locked(connection, change, now=now)
                made += _insert(connection, [_ends(link) for link in mine], backfilled=True)
        return made

    def forget(self, revision: int, *, now: dt.datetime) -> None:
        """See `Links`."""
        with self._database.read() as connection:
            if (
                connection.execute(sa.select(documents.c.id).where(documents.c.linked_under.is_not(None))).first()
                is None
            ):
                return
        with self._database.write() as connection:
            if not _newest(connection, revision):
                return
            _recall(connection, set(connection.scalars(sa.select(document_links.c.invoice_document_id))), now)
            connection.execute(document_links.delete())
            connection.execute(link_keys.delete())
            connection.execute(
                documents.update().where(documents.c.linked_under.is_not(None)).values(linked_under=None)
            )


def _newest(connection: Connection, revision: int) -> bool:
    return bool((connection.scalar(sa.select(sa.func.max(revisions.c.revision))) or 0) <= revision)


def _unchanged(connection: Connection, works: Sequence[LinkWork]) -> list[int]:
    """Those that are still as they were looked at, locked where the database locks rows."""
    seen = {work.document_id: (work.seen_as, work.here) for work in works}
    query = (
        sa.select(documents.c.id, documents.c.metadata_sha256, documents.c.missing_passes)
        .where(documents.c.id.in_(seen), documents.c.latest)
        .order_by(documents.c.id)
        .with_for_update()
    )
    return [
        row.id
        for row in connection.execute(query)
        if seen[row.id] == (row.metadata_sha256, row.missing_passes < _GONE_AFTER)
    ]


def _standing(connection: Connection, ids: Sequence[int]) -> set[_Ends]:
    query = sa.select(document_links).where(
        sa.or_(document_links.c.invoice_document_id.in_(ids), document_links.c.attachment_document_id.in_(ids))
    )
    return {(row.invoice_document_id, row.attachment_document_id, row.rule) for row in connection.execute(query)}


_one, _other = link_keys.alias("one"), link_keys.alias("other")
_invoice, _attachment = documents.alias("invoice"), documents.alias("attachment")


def _possible(connection: Connection, ids: Sequence[int]) -> Iterator[PossibleLink]:
    """Pairs with an equal key of which one of these is an end; two queries, each of which goes by an index."""
    yield from _pairs(connection, _one.c.document_id.in_(ids))
    yield from _pairs(connection, _other.c.document_id.in_(ids))


def _pairs(connection: Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> Iterator[PossibleLink]:
    stands = sa.and_(
        document_links.c.invoice_document_id == _one.c.document_id,
        document_links.c.attachment_document_id == _other.c.document_id,
        document_links.c.rule == _one.c.rule,
    )
    query = (
        sa.select(
            _one.c.document_id.label("invoice_document_id"),
            _other.c.document_id.label("attachment_document_id"),
            _one.c.rule,
            _invoice.c.portal_id.label("invoice_portal_id"),
            _attachment.c.portal_id.label("attachment_portal_id"),
            _invoice.c.arrived_at.label("invoice_arrived_at"),
            _attachment.c.arrived_at.label("attachment_arrived_at"),
            sa.func.coalesce(document_links.c.backfilled, sa.false()).label("backfilled"),
            invoices.c.state,
        )
        .distinct()
        .join(_other, sa.and_(_other.c.key == _one.c.key, _other.c.side == Side.ATTACHMENT))
        .join(_invoice, _invoice.c.id == _one.c.document_id)
        .join(_attachment, _attachment.c.id == _other.c.document_id)
        .join(invoices, invoices.c.document_id == _one.c.document_id)
        .outerjoin(document_links, stands)
        .where(_one.c.side == Side.INVOICE, _one.c.document_id != _other.c.document_id)
        .where(_there(_invoice), _there(_attachment), *where)
        .order_by(_one.c.document_id, _other.c.document_id, _one.c.rule)
        .limit(limit)
    )
    for row in connection.execute(query):
        values: dict[str, Any] = dict(row._mapping)
        sent = values.pop("state") not in RECALLED | _SHELVED
        yield PossibleLink(**{**values, "backfilled": bool(row.backfilled)}, sent=sent)


def _there(table: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.latest, table.c.missing_passes < _GONE_AFTER)


def _ends(link: PossibleLink) -> _Ends:
    return link.invoice_document_id, link.attachment_document_id, link.rule


def _is(ends: _Ends) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        document_links.c.invoice_document_id == ends[0],
        document_links.c.attachment_document_id == ends[1],
        document_links.c.rule == ends[2],
    )


def _insert(connection: Connection, links: Sequence[_Ends], *, backfilled: bool) -> int:
    """Those that another worker did not make just now; how many."""
    rows = [
        {"invoice_document_id": one, "attachment_document_id": other, "rule": rule, "backfilled": backfilled}
        for one, other, rule in links
    ]
    return len(insert_returning(connection, document_links, rows, "rule"))


def _locked_rows(document_ids: Sequence[int]) -> sa.Select[Any]:
    mine = invoices.c.document_id.in_(document_ids)
    return sa.select(*ROW_VERSION_COLUMNS, invoices.c.flag).where(mine).order_by(invoices.c.id).with_for_update()


def _recall(connection: Connection, document_ids: Collection[int], now: dt.datetime) -> int:
    """Criteria too: a match copies the bytes of what goes along, and nothing is assessed before it.

    The version moves on in any case: a match under way has not seen what goes along now.
    """
    again = {**MATCH_AGAIN, "version": invoices.c.version + 1, "changed_at": now}
    recalled = 0
    for ids in _chunks(sorted(document_ids)):
        mine = invoices.c.document_id.in_(ids), invoices.c.state.in_(RECALLED)
        done = connection.scalars(invoices.update().where(*mine).values(**again).returning(invoices.c.id)).all()
        list_again(connection, done)
        recalled += len(done)
    return recalled


def _flag(connection: Connection, document_ids: Collection[int], now: dt.datetime) -> int:
    """What appears after submission is never added silently; a flag that is there already stays."""
    flagged = 0
    for ids in _chunks(sorted(document_ids)):
        sent = invoices.c.state.not_in(RECALLED | _SHELVED), invoices.c.flag.is_(None)
        for row in connection.execute(_locked_rows(ids).where(*sent)).all():
            apply_locked(connection, linked_later(row_version(row)), now=now)
            flagged += 1
    return flagged


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
