"""Rows of Airflow's own database, for tests that arrange them."""

from __future__ import annotations


def forget(*dag_ids: str) -> None:
    """No such DAGs, as if no file had ever declared them; their runs go first, since they refer to a version."""
    import sqlalchemy as sa
    from airflow.models import DagModel, DagRun
    from airflow.models.dag_version import DagVersion
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        for model in (TaskInstance, DagRun, SerializedDagModel, DagVersion, DagModel):
            session.execute(sa.delete(model).where(model.dag_id.in_(dag_ids)))
