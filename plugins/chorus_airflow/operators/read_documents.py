"""Reads one batch of documents: embedded Factur-X, text layer, OCR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import raise_failures
from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class ReadDocumentsOperator(StageOperator):
    """`batch` is its number and their count; a document that cannot be read gets its reason and never fails the batch.

    After `reading_seconds` of its run it begins no more documents: they wait for the next run, so that a large backlog
    of scans never keeps what was read from being sent.
    """

    template_fields: Sequence[str] = ("batch",)

    def __init__(self, *, batch: dict[str, int], reading_seconds: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch = batch
        self.reading_seconds = reading_seconds

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Bytes read before are not read again."""
        from include.application.reading.read_documents import Batch

        began_at = context["dag_run"].start_date or services.clock.now()
        ends_at = began_at + dt.timedelta(seconds=self.reading_seconds)
        counts = services.pipeline().read(request.document_ids, batch=Batch(**self.batch), until=ends_at)
        raise_failures(counts.failures)
        return {"read": counts.read, "unreadable": counts.unreadable, "left": counts.left}
