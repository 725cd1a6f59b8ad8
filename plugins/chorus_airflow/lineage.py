"""What OpenLineage is told: which kind of data a stage read and wrote, and how much; no number, name or amount.

Called by Airflow's OpenLineage provider where that is configured, and by nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.event_v2 import InputDataset, OutputDataset
    from openlineage.client.facet_v2 import RunFacet

    from include.bootstrap import Services

OURS = "chorus"
"""Namespace of what our store holds, and of the assets that other DAGs follow: chorus://submitted."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """A dataset and how many of it were met."""

    namespace: str
    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """What one run of a stage read and wrote."""

    inputs: tuple[Data, ...] = field(default=())
    outputs: tuple[Data, ...] = field(default=())


def portal_data(services: Services, count: int) -> Data:
    """The folder of the portal, by the naming of OpenLineage; never with a login."""
    _, configuration = services.store.configuration.current()
    portal = configuration.portal
    if portal is None or portal.url is None:
        return Data(namespace="portal", name=(portal and portal.connection) or "none", count=count)
    parts = urlsplit(portal.url)
    namespace = f"{parts.scheme}://{parts.hostname}" if parts.hostname else parts.scheme
    return Data(namespace=namespace, name=parts.path or "/", count=count)


def operator_lineage(lineage: Lineage) -> OperatorLineage[InputDataset | OutputDataset, RunFacet]:
    """The same in the provider's own shape."""
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.event_v2 import InputDataset, OutputDataset
    from openlineage.client.facet_v2 import input_statistics_input_dataset, output_statistics_output_dataset

    met = input_statistics_input_dataset.InputStatisticsInputDatasetFacet
    made = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
    return OperatorLineage(
        inputs=[
            InputDataset(one.namespace, one.name, inputFacets={"inputStatistics": met(rowCount=one.count)})
            for one in lineage.inputs
        ],
        outputs=[
            OutputDataset(one.namespace, one.name, outputFacets={"outputStatistics": made(rowCount=one.count)})
            for one in lineage.outputs
        ],
    )
