"""What a run of Airflow did, as people see it; the viewer's rights are in every question about invoices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from include.application.ports.document_views import AttemptRow, MoveRow
from include.application.ports.paging import Page, PageRequest
from include.application.ports.runs import FlowRun
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.rights import Viewer

SORTS = ("id", "number", "recipient", "total")


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """One run, or one task of it, or one instance of a mapped task; None: any."""

    dag_id: str
    run_id: str
    task_id: str | None = None
    map_index: int | None = None


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """An invoice that the run touched: where it stands now, and the moves and attempts that the run made.

    `document_id` and `name` are None for what was not sent by the connector.
    """

    id: int
    document_id: int | None
    name: str | None
    provider_key: str | None
    invoice_number: str | None
    recipient_siret: str | None
    recipient_name: str | None
    total_incl_tax: Decimal | None
    state: State
    status: str | None
    chorus_id: int | None
    reasons: tuple[Reason, ...]
    moves: tuple[MoveRow, ...]
    attempts: tuple[AttemptRow, ...]


class RunViews(Protocol):
    """What runs did."""

    def page(self, viewer: Viewer, wanted: RunFilter, request: PageRequest) -> Page[RunRow]:
        """Invoices that a run touched; sorts are SORTS. Empty for a run that is not known."""

    def last_runs(self) -> Sequence[FlowRun]:
        """The last run of each flow that ever ended, by name; it holds nothing of any invoice."""
