"""What became of invoices: the part of the gateway that only reads (port ChorusTracking)."""

from __future__ import annotations

import abc
import dataclasses
import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from include.adapters.chorus import tracking_wire as wire
from include.adapters.chorus.answers import InvoiceRow, read, read_text, rows
from include.adapters.chorus.tracking_answers import ActionRow, AttachmentRow, DetailAnswer, EventRow, StatusRow
from include.adapters.chorus.transport import Transport
from include.adapters.http.exchange import Answer
from include.application.ports.chorus import RemotePage, RemoteQuery
from include.domain.errors import RemoteUnavailableError
from include.domain.submission import RemoteInvoice
from include.domain.tracking import HistoryEntry, RemoteDetail, RemoteHistory

logger = logging.getLogger(__name__)

SEARCH = "factures/v1/rechercher/fournisseur"
HISTORY = "factures/v1/consulter/historique"
CONSULT = "factures/v1/consulter/fournisseur"

SMALLEST_KNOWN_CAP = 200
"""The platform cuts a search silently at 200 rows unless told otherwise: a result below that was not cut."""

SAME_PAGES = 3
"""Times that the same page may come one after the other before the platform is taken not to turn pages at all."""

HISTORY_PAGES = 50
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class RestTracking(abc.ABC):
    """Implements ChorusTracking. Safe for threads."""

    _transport: Transport

    @abc.abstractmethod
    def _own_id(self) -> int:
        """The supplier's id on the platform."""

    def search_since(self, status_since: dt.datetime | None, *, page_size: int) -> Iterator[RemotePage]:
        """Reads on until a page is empty, by deposit date; what was perhaps cut is read on from the last deposit day.

        Rows enter while this reads and push others to later pages, so a row may come twice and none is left out.
        """
        supplier_id = self._own_id()
        from_day: dt.date | None = None
        known: set[int] = set()  # those of `from_day`
        while True:
            shown, last_day, of_last_day, fresh = 0, from_day, set(known), False
            for found in self._pages(supplier_id, status_since, from_day, page_size):
                for row in found.rows:
                    shown += 1
                    day = row.deposited_on
                    fresh = fresh or day != from_day or row.chorus_id not in known
                    if day is not None and (last_day is None or day > last_day):
                        last_day, of_last_day = day, set()
                    if day == last_day:
                        of_last_day.add(row.chorus_id)
                yield found
            if shown < SMALLEST_KNOWN_CAP or not fresh or last_day is None:
                return
            from_day, known = last_day, of_last_day

    def _pages(
        self,
        supplier_id: int,
        since: dt.datetime | None,
        from_day: dt.date | None,
        page_size: int,
    ) -> Iterator[RemotePage]:
        before: list[int] = []
        same = 0
        for page in count(1):
            asked = wire.changed_since(supplier_id, since, from_day, page, page_size)
            payload, answer = self._transport.ask(SEARCH, asked)
            found = _page_of(payload, answer)
            ids = [row.chorus_id for row in found.rows]
            if not ids:
                if page == 1 and from_day is None:
                    yield found  # nothing at all is an answer too, with its date
                return
            same = same + 1 if ids == before else 0
            if same and (_told(payload, "pages") or page) < page:
                return  # some platforms show their last page for every page after it
            if same >= SAME_PAGES:
                raise RemoteUnavailableError("same_page_again", count=len(ids))
            before = ids
            yield found

    def browse(self, query: RemoteQuery, *, page: int, page_size: int) -> RemotePage:
        """One page, the newest deposits first."""
        return _page_of(*self._transport.ask(SEARCH, wire.browse(self._own_id(), query, page, page_size)))

    def history(self, chorus_id: int) -> RemoteHistory:
        """All pages of the three lists; the platform's order is not relied on."""
        entries: dict[tuple[str, str], HistoryEntry] = {}
        status: str | None = None
        statuses, actions, events = 1, None, None
        for _ in range(HISTORY_PAGES):
            asked = wire.history(chorus_id, statuses=statuses, actions=actions, events=events)
            payload = self._transport.safe(HISTORY, asked)
            if payload.get("idFacture") != chorus_id:
                raise RemoteUnavailableError("history_other_invoice", chorus_id=chorus_id)
            status = status or read_text(payload.get("statutCourantCode"))
            entries |= {(entry.kind, entry.entry_id): entry for entry in _entries(payload)}
            last = (statuses, actions, events)
            statuses = _next_page(payload, "historiquesDesStatuts", "pagesHistoStatut", statuses) or statuses
            actions = _next_page(payload, "historiquesDesActionsUtilisateurs", "pagesHistoAction", actions)
            events = _next_page(payload, "historiquesDesEvenementsComplementaires", "pagesEvenement", events)
            if (statuses, actions, events) in (last, (last[0], None, None)):
                break
        ordered = sorted(entries.values(), key=_by_time)
        return RemoteHistory(chorus_id=chorus_id, status=status, entries=tuple(ordered))

    def consult(self, chorus_id: int) -> RemoteDetail:
        """One invoice in full, by its id, which is known at once."""
        payload = self._transport.safe(CONSULT, wire.consult(chorus_id))
        answer = read(DetailAnswer, payload.get("facture"), CONSULT)
        if answer.identifiantFactureCPP != chorus_id:
            raise RemoteUnavailableError("answer_other_invoice", chorus_id=chorus_id)
        return answer.detail(rows(AttachmentRow, answer.listeDesPiecesJointes or {}, "pieceJointe", CONSULT))


def _page_of(payload: Mapping[str, Any], answer: Answer) -> RemotePage:
    found: tuple[RemoteInvoice, ...] = tuple(
        row.invoice() for row in rows(InvoiceRow, payload, "listeFactures", SEARCH)
    )
    return RemotePage(rows=found, total=_told(payload, "total"), server_date=answer.date)


def _told(payload: Mapping[str, Any], key: str) -> int | None:
    """A number of `parametresRetour`."""
    told = (payload.get("parametresRetour") or {}).get(key)
    return told if isinstance(told, int) else None


def _entries(payload: Mapping[str, Any]) -> Iterator[HistoryEntry]:
    statuses, actions, events = (
        payload.get(part) or {}
        for part in (
            "historiquesDesStatuts",
            "historiquesDesActionsUtilisateurs",
            "historiquesDesEvenementsComplementaires",
        )
    )
    yield from _named(row.entry() for row in rows(StatusRow, statuses, "histoStatut", HISTORY))
    yield from _named(row.entry() for row in rows(ActionRow, actions, "histoAction", HISTORY))
    yield from _named(row.entry() for row in rows(EventRow, events, "evenement", HISTORY))


def _next_page(payload: Mapping[str, Any], part: str, key: str, page: int | None) -> int | None:
    """The page of a list to ask for next; a list that was asked without page keys begins anew at its first page."""
    told = (payload.get(part) or {}).get(key)
    after = (page or 0) + 1
    if not isinstance(told, int) or (page is None and told < 2):
        return None
    return after if after <= told else None


def _named(found: Iterator[HistoryEntry]) -> Iterator[HistoryEntry]:
    """Entries without an id of the platform get one from what they say, the same at every look."""
    twins: Counter[str] = Counter()
    for entry in found:
        if entry.entry_id:
            yield entry
            continue
        name = f"{entry.code}@{entry.at.isoformat() if entry.at else '?'}"
        twins[name] += 1
        yield dataclasses.replace(entry, entry_id=f"{name}#{twins[name]}")


def _by_time(entry: HistoryEntry) -> tuple[dt.datetime, int, str]:
    """Minutes only are given, so that the platform's growing ids decide between neighbours."""
    number = int(entry.entry_id) if entry.entry_id.isdigit() else 0
    return entry.at or _EPOCH, number, entry.entry_id
