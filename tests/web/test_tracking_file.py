"""The tracking as a file: exactly the rows of the filter, in the order of the list, with what a spreadsheet needs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from include.adapters.spreadsheets.csv_file import csv_pieces
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices
from include.application.ports.spreadsheets import Column
from include.application.views.export_invoices import COLUMNS
from include.domain.lifecycle import State
from tests.catalogues import table
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of


@pytest.fixture
def site(site: Site, clock: FakeClock) -> Site:
    """Three more: one with a formula for a number, one with Bob's label, one that is late."""
    site.services.__dict__["clock"] = clock
    with site.services.store.database.write() as connection:
        seed(connection, 5, state=State.SUBMITTED, status="DEPOSEE", total_incl_tax="250.00", invoice_number="=1+1")
        seed(connection, 6, state=State.SUBMITTED, status="DEPOSEE", total_incl_tax="90.00", labels=("Nord",))
        seed(
            connection,
            7,
            state=State.SUBMITTED,
            status="MISE_A_DISPOSITION",
            total_incl_tax="1000.00",
            invoice_number="LATE-7",
            recipient_siret="12345678200051",
        )
        late = connection.scalar(sa.select(invoices.c.id).where(invoices.c.invoice_number == "LATE-7"))
        made_available = START - dt.timedelta(days=40)
        connection.execute(invoices.update().where(invoices.c.id == late).values(status_at=made_available))
        list_again(connection, [late])
    return site


def _file(site: Site, query: str = "", user: str = "anna", **headers: str) -> list[dict[str, str]]:
    answer = site.client(user).get(f"/invoices.csv{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    assert answer.content.decode("utf-8-sig").splitlines()[0].count(";") == len(COLUMNS) - 1
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


HEADINGS = {name: table("export")[name][0] for name in COLUMNS}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?sort=total",
        "?sort=-number",
        "?sort=pay_by",
        "?status=DEPOSEE&status=SUSPENDUE&sort=-total",
        "?total_min=100,00&total_max=500",
        "?q=late-7",
        "?overdue=1",
        "?provider=Durand&deposited_from=2026-11-01",
    ],
)
def test_the_file_holds_the_rows_of_the_list_in_its_order(site: Site, query: str) -> None:
    listed = json_of(site.client("anna").get(f"/api/v1/invoices{query}"))["items"]
    rows = _file(site, query)
    assert [row[HEADINGS["chorus_id"]] for row in rows] == [str(row["chorus_id"] or "") for row in listed]


def test_each_person_gets_what_is_theirs(site: Site) -> None:
    assert [row[HEADINGS["chorus_id"]] for row in _file(site, user="bob")] == ["1006"]
    assert site.client("boss").get("/invoices.csv").status_code == 403


def test_a_text_that_a_spreadsheet_would_run_is_guarded(site: Site) -> None:
    [row] = _file(site, "?q=%3D1%2B1")
    assert row[HEADINGS["invoice_number"]] == '="=1+1"'


def test_late_interest_stands_in_it_and_a_missing_rate_leaves_it_empty(site: Site) -> None:
    [row] = _file(site, "?overdue=1")
    assert row[HEADINGS["pay_by"]] == "2026-11-10"
    assert row[HEADINGS["days_late"]] == "10"
    assert (row[HEADINGS["late_interest"]], row[HEADINGS["late_lump_sum"]]) == ("", "40,00")
    store = site.services.store
    revision, configuration = store.configuration.current()
    rates = {"rates": [{"since": "2026-07-01", "percent": 2.15}]}
    changed = type(configuration).model_validate({**configuration.model_dump(), "late_payment": rates})
    store.configuration.save(changed, expected_revision=revision, actor="test", source="test", at=START, changes=())
    [row] = _file(site, "?overdue=1")
    # 1000 x 10.15 % x 10 / 365
    assert row[HEADINGS["late_interest"]] == "2,78"
    shown = json_of(site.client("anna").get("/api/v1/invoices/cpro:1007"))["payment"]
    assert (shown["late"]["interest"], shown["late"]["total"], shown["estimate"]) == ("2.78", "42.78", True)
    page = site.client("anna").get("/invoices/7").text
    assert "2,78" in page and "10,15" in page


def test_headings_and_name_are_for_the_reader(site: Site) -> None:
    answer = site.client("anna").get("/invoices.csv", headers={"accept-language": "en"})
    assert table("export")["late_interest"][1] in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="suivi-2026-11-20.csv"'


@pytest.mark.parametrize("query", ["?sort=moons", "?sort=deadline", "?status=PAYEE", "?total_min=much"])
def test_a_wrong_query_is_refused_before_anything_is_sent(site: Site, query: str) -> None:
    assert site.client("anna").get(f"/invoices.csv{query}").status_code == 422


def test_the_file_is_made_while_it_is_read() -> None:
    asked = []

    def batches() -> Iterator[list[dict[str, str]]]:
        for number in range(3):
            asked.append(number)
            yield [{"name": f"{number};\u2028\ud800"}]

    pieces = csv_pieces([Column(name="name", heading="Name")], batches())
    assert next(pieces) == b'\xef\xbb\xbf"Name"\r\n'
    assert asked == []
    assert next(pieces).startswith(b'"0;')
    assert asked == [0]
