"""Documents that a person named in the trigger form, and sending them again (`retry`)."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

from include.domain.errors import InputError, MoveForbiddenError
from include.domain.lifecycle import State
from include.domain.rights import OWNER

if TYPE_CHECKING:
    from chorus_airflow.station import Asked
    from include.bootstrap import Services

_WAITING = frozenset({State.READY, State.UNKNOWN})


def check_named(services: Services, asked: Asked) -> None:
    """InputError when the form names documents that do not exist, or asks for a retry of nothing in particular."""
    if asked.retry and not asked.document_ids:
        raise InputError(
            "A retry was asked for, but no document was named.",
            why="Nothing was opened again; what is ready anyway is sent as in every run.",
            todo="Trigger the DAG again with the document ids (`chorus documents list --state refused`).",
        )
    known = {row["id"] for row in _documents(services, asked)}
    missing = [str(document_id) for document_id in asked.document_ids if document_id not in known]
    if missing:
        raise InputError(f"There is no document {', '.join(missing)}.", todo="`chorus documents list` shows the ids.")


def providers_of(services: Services, asked: Asked) -> list[str]:
    """Keys of the providers whose named invoices are ready or unknown."""
    return sorted({row["provider_key"] for row in _documents(services, asked) if row["state"] in _WAITING})


def reopen(services: Services, asked: Asked, *, refused_before: dt.datetime, actor: str) -> None:
    """Opens the refused ones among the named, to be judged and sent again.

    Only what was refused before the run was asked for: clearing the task later opens nothing a second time.
    """
    store = services.store
    for document in _documents(services, asked):
        if document["state"] != State.REFUSED:
            continue
        shown = store.listings.document(OWNER, document["id"])
        refusals = [move["at"] for move in shown["moves"] if move["to"] == State.REFUSED] if shown else []
        if refusals and refusals[-1] < refused_before:
            with contextlib.suppress(MoveForbiddenError):  # somebody else was first
                store.judgements.reopen(document["invoice_id"], actor=actor, now=services.clock.now())


def to_send_again(services: Services, asked: Asked, provider_key: str) -> list[int]:
    """Invoice ids of a retry: where a person decides on the first sending, only those that were sent before."""
    ids = [row["invoice_id"] for row in _documents(services, asked)]
    _, configuration = services.store.configuration.current()
    provider = configuration.provider_by_key(provider_key)
    if not ids or (provider is not None and provider.automatic_submission):
        return ids
    return [row["id"] for row in services.store.listings.invoices(OWNER, ids=ids)]  # lists what was ever attempted


def _documents(services: Services, asked: Asked) -> list[dict[str, Any]]:
    # the listing takes no ids for all
    return services.store.listings.documents(OWNER, ids=asked.document_ids) if asked.document_ids else []
