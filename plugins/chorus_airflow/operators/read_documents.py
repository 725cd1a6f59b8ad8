"""Reads one batch of documents: embedded Factur-X, text layer, OCR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class ReadDocumentsOperator(StationOperator):
    """`document_ids` is one batch; a document that cannot be read gets its reason and never fails the batch.

    After `reading_seconds` of its run it begins no more documents: they wait for the next run, so that a large backlog
    of scans never keeps what was read from being sent.
    """

    template_fields: Sequence[str] = ("document_ids",)

    def __init__(self, *, document_ids: list[int], reading_seconds: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document_ids = document_ids
        self.reading_seconds = reading_seconds

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Bytes read before are not read again."""
        river = services.river()
        began_at = context["dag_run"].start_date or services.clock.now()
        ends_at = began_at + dt.timedelta(seconds=self.reading_seconds)
        found = river.read(self.document_ids, until=ends_at)
        return {"read": found.read, "unreadable": found.unreadable, "left": found.left}
