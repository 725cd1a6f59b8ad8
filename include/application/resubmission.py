"""Sending again what a person chose, and only as it was shown to that person (`chorus_resubmission`).

What is shown is frozen: id, version and values of each invoice. Between the preview and the yes hours may pass; what
changed meanwhile is reported and not sent.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from include.application.resend import ResendReport, send_rows
from include.application.river import River
from include.domain.configuration import Configuration
from include.domain.errors import InputError, MoveForbiddenError
from include.domain.lifecycle import State

STATES = (State.READY, State.REFUSED, State.UNKNOWN)
"""What can be sent again: ready ones are sent, refused ones judged again first, unknown ones searched first."""

CHANGED = "changed since the preview"
_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """An invoice as it was shown; no personal data, because Airflow keeps it."""

    invoice_id: int
    document_id: int
    version: int
    attempts: int
    state: str
    provider_key: str
    number: str | None
    recipient_siret: str | None
    total_incl_tax: str | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Frozen:
        """From what `dataclasses.asdict` made."""
        return cls(**data)

    def unchanged(self, now: Frozen) -> bool:
        """Whether nothing happened to it since but sendings that never left: each is a claim and a way back.

        So a task that was turned away at the platform's gate sends in its next try what was approved.
        """
        sendings = now.attempts - self.attempts
        return dataclasses.replace(now, attempts=self.attempts, version=now.version - 2 * sendings) == self

    def same_values(self, other: Frozen) -> bool:
        """Whether it would send the same number to the same body over the same amount."""
        values = (self.number, self.recipient_siret, self.total_incl_tax, self.provider_key)
        return values == (other.number, other.recipient_siret, other.total_incl_tax, other.provider_key)


class Candidates(Protocol):
    """What there is to send again."""

    def candidates(
        self,
        *,
        states: Sequence[str] = STATES,
        provider_key: str | None = None,
        from_date: dt.date | None = None,
        to_date: dt.date | None = None,
        document_ids: Sequence[int] = (),
        invoice_ids: Sequence[int] | None = None,
    ) -> list[Frozen]:
        """Invoices in these states, by day of arrival in the portal (Paris), ordered by id."""


def preview(chosen: Sequence[Frozen], configuration: Configuration) -> str:
    """What would be sent, as Markdown: counts, numbers and totals by provider and state."""
    if not chosen:
        return "Nothing fits: nothing would be sent."
    groups: dict[tuple[str, str], list[Frozen]] = {}
    for one in chosen:
        groups.setdefault((one.provider_key, one.state), []).append(one)
    lines = ["| provider | state | invoices | total incl. tax |", "|---|---|---|---|"]
    for (key, state), ones in sorted(groups.items()):
        provider = configuration.provider_by_key(key)
        total = sum((Decimal(one.total_incl_tax) for one in ones if one.total_incl_tax), Decimal())
        lines.append(f"| {_cell(provider.name if provider else key)} | {state} | {len(ones)} | {total:.2f} |")
    lines += ["", "| document | number | recipient | total incl. tax | state |", "|---|---|---|---|---|"]
    for one in chosen[:_SHOWN]:
        cells = (one.document_id, one.number, one.recipient_siret, one.total_incl_tax, one.state)
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    if len(chosen) > _SHOWN:
        lines.append(f"\n... and {len(chosen) - _SHOWN} more.")
    lines.append(
        "\nReady ones are sent; refused ones are judged again and sent; unknown ones are searched, never sent first."
    )
    return "\n".join(lines)


def resubmit(river: River, store: Candidates, frozen: Sequence[Frozen], *, actor: str) -> ResendReport:
    """Sends those that are still as they were shown, whatever automatic submission says. Safe to repeat."""
    report = ResendReport()
    unchanged = _still(store, frozen, Frozen.unchanged)
    refused = [one for one in unchanged if one.state == State.REFUSED]
    for one in refused:
        with contextlib.suppress(MoveForbiddenError):  # somebody else was first
            river.judgements.reopen(one.invoice_id, actor=actor, now=river.clock.now())
    if refused:
        report.troubles.extend(river.map([one.document_id for one in refused]).troubles)
    opened = [dataclasses.replace(one, state=State.READY) for one in refused]
    again = _still(store, opened, lambda shown, now: now.state == State.READY and shown.same_values(now))
    to_send = [one for one in unchanged if one.state != State.REFUSED] + again
    send_rows(river, report, [{"provider_key": one.provider_key, "invoice_id": one.invoice_id} for one in to_send])
    sent = {one.invoice_id for one in to_send}
    after = store.candidates(invoice_ids=[one.invoice_id for one in frozen], states=tuple(State))
    states = {one.invoice_id: one.state for one in after}
    for one in frozen:
        outcome = states.get(one.invoice_id, "gone") if one.invoice_id in sent else CHANGED
        report.outcomes.append({"id": one.document_id, "outcome": outcome})
        report.complete &= outcome == State.SUBMITTED
    report.counts.update(Counter({CHANGED: len(frozen) - len(sent)}))
    return report


def check_states(states: Sequence[str]) -> None:
    """InputError for a state from which nothing can be sent again."""
    wrong = [state for state in states if state not in STATES]
    if wrong:
        raise InputError(f"Nothing in the state {wrong[0]} can be sent again.", todo="Allowed: " + ", ".join(STATES))


def _still(store: Candidates, shown: Sequence[Frozen], same: Callable[[Frozen, Frozen], bool]) -> list[Frozen]:
    now = {one.invoice_id: one for one in store.candidates(invoice_ids=[one.invoice_id for one in shown])}
    return [one for one in shown if one.invoice_id in now and same(one, now[one.invoice_id])]


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
