"""Invoices in memory that no document of ours stands behind, and what is left of one that turns out ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from include.domain.reasons import Reason
from include.domain.submission import DRAFT_THERE, RemoteInvoice, number_key
from include.domain.tracking import Account
from include.domain.transitions.adoption import ADOPTABLE
from include.domain.transitions.submission import already_sent
from tests.fakes.store import MemoryInvoice, MemoryStore


def twins_of_number(store: MemoryStore, environment: str, supplier_siret: str, number: str) -> list[RemoteInvoice]:
    """What our copy of the platform's list has of this supplier and number, oldest first."""
    return [remote_invoice(store, twin) for twin in _of_number(store, environment, supplier_siret, number)]


def hinders_claim(store: MemoryStore, environment: str, supplier_siret: str, number: str) -> bool:
    """Whether something of this supplier and number was retrieved since we looked."""
    found = _of_number(store, environment, supplier_siret, number)
    return any(twin.get("status") != DRAFT_THERE for twin in found)


def remote_invoice(store: MemoryStore, twin: MemoryInvoice) -> RemoteInvoice:
    """What the platform said of a twin."""
    return dataclasses.replace(store.remote[twin.id].row, chorus_id=twin.values["chorus_id"])


def twin_of(store: MemoryStore, environment: str | None, chorus_id: int, *, but: int) -> MemoryInvoice | None:
    """The invoice without document that bears this number of the platform."""
    return next((row for row in bearers(store, environment, {chorus_id}, but=but) if row.document is None), None)


def borne_elsewhere(
    store: MemoryStore, environment: str | None, chorus_ids: Iterable[int], *, but: int
) -> dict[int, Reason]:
    """Those of these numbers of the platform that other documents of ours bear, with the reason that names them."""
    return {
        row.values["chorus_id"]: already_sent(row.id, number=row.get("invoice_number"), document=row.document.name)
        for row in bearers(store, environment, set(chorus_ids), but=but)
        if row.document is not None
    }


def bearers(
    store: MemoryStore, environment: str | None, chorus_ids: set[int], *, but: int | None = None
) -> list[MemoryInvoice]:
    """Invoices with one of these numbers of the platform."""
    mine = [row for row in store.rows() if row.get("environment") == environment and row.id != but]
    return [row for row in mine if row.get("chorus_id") in chorus_ids]


def candidates(store: MemoryStore, account: Account, row: RemoteInvoice) -> list[int]:
    """Our invoices of this row's supplier and number that may turn out to be it, the likeliest first."""
    siret, number = row.supplier_siret or account.siret, number_key(row.number)
    holder = store.keys.get((account.environment, "number", f"{siret}:{number}"))
    waiting = [
        (ADOPTABLE.index(one.state), one.id)
        for one in store.rows(*ADOPTABLE)
        if one.document is not None
        and one.get("environment") == account.environment
        and number
        and one.get("number_key") == number
        and (one.get("supplier_siret") == account.siret or one.get("provider_key") == account.provider_key)
        and (one.get("supplier_siret") or account.siret) == siret
    ]
    return list(dict.fromkeys([*([] if holder is None else [holder]), *(one for _, one in sorted(waiting))]))


def absorb(store: MemoryStore, twin: MemoryInvoice, *, into: int) -> None:
    """All that is known of the twin becomes that of our invoice, and the twin is gone."""
    gone, ours = twin.id, store.invoices[into]
    for attempt in store.attempts_of(gone):
        attempt.invoice_id = into
    store.keys = {key: into if holder == gone else holder for key, holder in store.keys.items()}
    store.outbox.moved(gone, into)
    remote, before = store.remote.pop(gone), store.remote.get(into)
    known = {(entry.kind, entry.entry_id) for entry in remote.entries}
    remote.entries += [
        entry for entry in (before.entries if before else ()) if (entry.kind, entry.entry_id) not in known
    ]
    store.remote[into] = remote
    ours.log = twin.log + ours.log
    del store.invoices[gone]
    for row in store.rows():
        if row.get("successor_id") == gone:
            row.values["successor_id"] = into
    follower = twin.get("successor_id")
    ours.values |= {"rerouted": twin.get("rerouted"), "successor_id": None if follower == into else follower}


def _of_number(store: MemoryStore, environment: str, supplier_siret: str, number: str) -> Iterator[MemoryInvoice]:
    wanted = (environment, supplier_siret, number_key(number))
    return (
        row
        for row in store.rows()
        if row.document is None
        and row.get("chorus_id") is not None
        and tuple(map(row.get, ("environment", "supplier_siret", "number_key"))) == wanted
    )
