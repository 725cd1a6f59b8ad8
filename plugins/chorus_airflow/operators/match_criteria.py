"""Holds documents against the administrator's criteria and plans the batches to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class MatchCriteriaOperator(StationOperator):
    """Returns batches of document ids that wait to be read, also those that an earlier run left."""

    def __init__(self, *, batch_size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch_size = batch_size

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """The yes or no of each document is stored with its reasons."""
        river = services.river()
        river.match(asked.document_ids)
        return river.reading_batches(self.batch_size, asked.document_ids)
