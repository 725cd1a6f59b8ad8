"""Reads one batch of documents: embedded Factur-X, text layer, OCR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.application.river import River


class ReadDocumentsOperator(StationOperator):
    """`document_ids` is one batch; a document that cannot be read gets its reason and never fails the batch."""

    template_fields: Sequence[str] = ("document_ids",)

    def __init__(self, *, document_ids: list[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document_ids = document_ids

    def work(self, river: River, asked: Asked, context: Context) -> Any:
        """Bytes read before are not read again."""
        counts = river.read(self.document_ids)
        return {"read": counts.read, "unreadable": counts.unreadable}
