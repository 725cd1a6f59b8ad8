"""The invoices of a run: the page behind Airflow's tabs, and its JSON twin; who asks."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.run_tables import task_runs
from include.adapters.storage.core.tables import attempts
from tests.web.conftest import Site, json_of

RUN = "manual__2026-11-20T08:00:00+00:00"
ASKED = {"dag_id": "chorus_auto_submission", "run_id": RUN}


@pytest.fixture
def site(site: Site) -> Site:
    """The returned invoice was sent by one task of a run."""
    with site.services.store.database.write() as connection:
        run = {**ASKED, "task_id": "submit_invoices", "map_index": 0, "try_number": 1}
        run_id = connection.execute(task_runs.insert().values(run)).inserted_primary_key[0]
        connection.execute(sa.update(attempts).values(task_run_id=run_id))
    return site


@pytest.mark.parametrize(
    ("user", "more", "rows"),
    [
        ("anna", {}, [4]),
        ("anna", {"task_id": "submit_invoices", "map_index": "0"}, [4]),
        ("anna", {"task_id": "submit_invoices", "map_index": "{MAP_INDEX}"}, [4]),
        ("anna", {"task_id": "submit_invoices", "map_index": "1"}, []),
        ("anna", {"run_id": "another"}, []),
        ("anna", {"run_id": ""}, []),
        ("bob", {}, []),
    ],
)
def test_page_and_json_show_what_the_person_sees(site: Site, user: str, more: dict[str, str], rows: list[int]) -> None:
    page = site.client(user).get("/runs", params={**ASKED, **more})
    assert (page.status_code, re.findall(r'data-invoice="(\d+)"', page.text)) == (200, [str(row) for row in rows])
    listed = json_of(site.client(user).get("/api/v1/runs", params={**ASKED, **more}))
    assert [row["id"] for row in listed["items"]] == rows


def test_programs_learn_who_asks(site: Site) -> None:
    assert json_of(site.client("bob").get("/api/v1/me")) == {
        "name": "bob",
        "language": "fr",
        "administer": False,
        "providers": ["Durand"],
        "labels": ["Nord"],
    }
