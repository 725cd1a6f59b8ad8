"""Runs that a person begins, in Airflow's own database (port `DagRuns`)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from airflow.models import DagModel, DagRun
from airflow.utils.session import create_session

from chorus_airflow.dag_runs import RETRIEVAL, SUBMISSION, AirflowDagRuns
from tests.contracts.test_dag_runs import DagRunsSuite, Flows
from tests.orchestration.airflow_rows import forget

ROOT = Path(__file__).resolve().parents[2]
DAGS = (*RETRIEVAL.values(), SUBMISSION)
BUNDLE = "dags-folder"


class Airflow:
    """The DAGs as a DAG processor stored them."""

    def __init__(self) -> None:
        self.runs = AirflowDagRuns()

    def pause(self) -> None:
        self._set(is_paused=True)

    def take_away(self) -> None:
        forget(*DAGS)

    def begun(self) -> dict[str, str]:
        with create_session() as session:
            rows = session.execute(sa.select(DagRun.run_id, DagRun.triggering_user_name)).all()
        return {row.run_id: row.triggering_user_name for row in rows if row.run_id.startswith("asked__")}

    def _set(self, **values: object) -> None:
        with create_session() as session:
            session.execute(sa.update(DagModel).where(DagModel.dag_id.in_(DAGS)).values(**values))


@pytest.mark.usefixtures("airflow_database")
class TestAirflowDagRuns(DagRunsSuite):
    @pytest.fixture
    def flows(self) -> Iterator[Flows]:
        from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
        from airflow.models.dagbundle import DagBundleModel

        with create_session() as session:
            session.merge(DagBundleModel(name=BUNDLE))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Airflow and its libraries have to say to each other
            for dag_id in DAGS:
                sync_bag_to_db(DagBag(str(ROOT / "dags" / f"{dag_id}.py"), bundle_name=BUNDLE), BUNDLE, None)
        made = Airflow()
        made._set(is_paused=False, is_stale=False)
        yield made
        with create_session() as session:
            session.execute(sa.delete(DagRun).where(DagRun.run_id.startswith("asked__")))
