"""Sending asked for by name: documents that are ready, and invoices whose sending failed or is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.river import River
from include.application.storage_ports import Listings
from include.domain.errors import ConnectorError, InputError, NotThereError
from include.domain.lifecycle import State
from include.domain.rights import OWNER


@dataclass(kw_only=True)
class ResendReport:
    """What became of each item, counted in all and by provider.

    `complete` says that every one of them is submitted now (or would be).
    """

    outcomes: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    providers: dict[str, dict[str, int]] = field(default_factory=dict)
    troubles: list[ConnectorError] = field(default_factory=list)
    complete: bool = True


def submit_documents(
    river: River, listings: Listings, document_ids: Sequence[int], *, dry_run: bool = False
) -> ResendReport:
    """Sends what is ready of these documents, whatever automatic submission says. InputError for an id that is none."""
    _known(listings, document_ids)
    stopped_before = river.stopped()
    report = ResendReport(troubles=list(river.map(document_ids, dry_run=dry_run).troubles))
    rows = listings.documents(OWNER, ids=document_ids)
    ready = [row for row in rows if row["state"] == State.READY]
    if not dry_run:
        send_rows(river, report, ready)
    wanted = State.READY if dry_run else State.SUBMITTED
    for row in listings.documents(OWNER, ids=document_ids):
        would_be_sent = dry_run and row["state"] == State.READY
        report.outcomes.append({"id": row["id"], "outcome": "would be sent" if would_be_sent else row["state"]})
        report.complete &= row["state"] == wanted
        if row["state"] == State.READ:  # it could not be judged: its provider may not even be known
            report.troubles += [stopped_before.pop(key) for key in list(stopped_before) if key not in report.providers]
    return report


def retry_invoices(river: River, listings: Listings, references: Sequence[str], *, actor: str) -> ResendReport:
    """Unknown ones are searched, never sent first; refused ones are opened and judged again; ready ones are sent."""
    ids = listings.invoice_ids(references)
    if len(ids) < len(set(references)):
        raise NotThereError(
            "Not every one of these invoices exists: " + ", ".join(references) + ".",
            todo="`chorus invoices list` shows the ids.",
        )
    report = ResendReport()
    before = listings.invoices(OWNER, ids=ids)
    refused = [row for row in before if row["state"] == State.REFUSED]
    for row in refused:
        river.judgements.reopen(row["id"], actor=actor, now=river.clock.now())
    if refused:
        river.map([row["document_id"] for row in refused])
    rows = listings.invoices(OWNER, ids=ids)
    send_rows(river, report, [{**row, "invoice_id": row["id"]} for row in rows if row["state"] in _RETRIED])
    after = {row["id"]: row["state"] for row in listings.invoices(OWNER, ids=ids)}
    for invoice_id in ids:
        # what was never sent is no invoice of this list: `chorus documents submit` sends it
        state = after.get(invoice_id, NEVER_SENT)
        report.outcomes.append({"id": invoice_id, "outcome": state})
        report.complete &= state in _SETTLED
    return report


NEVER_SENT = "never sent"

_RETRIED = (State.READY, State.UNKNOWN)
_SETTLED = (State.SUBMITTED, State.TO_PROCESS, State.CLOSED)


def _known(listings: Listings, document_ids: Sequence[int]) -> None:
    found = {row["id"] for row in listings.documents(OWNER, ids=document_ids)}
    missing = [str(document_id) for document_id in document_ids if document_id not in found]
    if missing:
        raise NotThereError(
            f"There is no document {', '.join(missing)}.", todo="`chorus documents list` shows the ids."
        )


def send_rows(river: River, report: ResendReport, rows: Sequence[dict[str, Any]]) -> None:
    """Searches and sends these invoices, whatever automatic submission says; counts and troubles go to the report."""
    by_provider: dict[str, list[int]] = {}
    for row in rows:
        by_provider.setdefault(row["provider_key"], []).append(row["invoice_id"])
    for key, invoice_ids in by_provider.items():
        try:
            result = river.submit(key, invoice_ids=invoice_ids, may_send=True)
        except InputError as error:  # its provider is not in the configuration any more
            report.troubles.append(error)
            continue
        report.providers[key] = result.counts()
        for name, count in report.providers[key].items():
            report.counts[name] = report.counts.get(name, 0) + count
        report.troubles.extend(trouble for trouble in (result.trouble, result.stopped) if trouble)
