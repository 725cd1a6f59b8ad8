"""Holds documents against the administrator's criteria and plans the batches to be read."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from chorus_airflow.outcomes import postpone_failures
from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class MatchCriteriaOperator(StageOperator):
    """Returns the batches of what waits to be read, also of what an earlier run left: number and count of each."""

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """The yes or no of each document is stored with its reasons."""
        sizes = services.settings.reading_batches
        pipeline = services.pipeline()
        postpone_failures(context, pipeline.match(request.document_ids).failures)
        return [dataclasses.asdict(one) for one in pipeline.read.batches(sizes, request.document_ids)]
