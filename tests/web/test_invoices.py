"""The tracking: its page, one invoice, its pack of evidence, and the JSON twin."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from include.domain.lifecycle import State
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of


@pytest.fixture
def site(site: Site) -> Site:
    """One more invoice on the platform, with Bob's label."""
    with site.services.store.database.write() as connection:
        seed(
            connection,
            5,
            state=State.SUBMITTED,
            status="DEPOSEE",
            total_incl_tax="250.00",
            invoice_number="FA-005",
            labels=("Nord",),
            recipient_name="Mairie d'Évry",
        )
    return site


def _rows(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-invoice="(\d+)"', text)]


@pytest.mark.parametrize(
    ("user", "query", "rows"),
    [
        ("anna", "?sort=number", [5, 4]),
        ("anna", "?status=SUSPENDUE", [4]),
        ("anna", "?status=SUSPENDUE&status=DEPOSEE&sort=-total", [5, 4]),
        ("anna", "?total_min=100,00", [5]),
        ("anna", "?total_max=7", [4]),
        ("anna", "?q=mairie%20d'evry", [5]),
        ("anna", "?deposited_to=01/01/2020", []),
        ("bob", "", [5]),
        ("bob", "?q=nothing", []),
    ],
)
def test_page_and_json_show_the_same_rows(site: Site, user: str, query: str, rows: list[int]) -> None:
    answer = site.client(user).get(f"/invoices{query}")
    assert (answer.status_code, _rows(answer.text)) == (200, rows)
    listed = json_of(site.client(user).get(f"/api/v1/invoices{query}"))
    assert [row["id"] for row in listed["items"]] == rows


@pytest.mark.parametrize("query", ["?status=PAYEE", "?total_min=much", "?status_from=soon", "?sort=due", "?provider=x"])
def test_a_wrong_query_is_refused_in_words(site: Site, query: str) -> None:
    assert site.client("anna").get(f"/invoices{query}").status_code == 422
    assert json_of(site.client("anna").get(f"/api/v1/invoices{query}"))["error"]["code"] == "input"


def test_administering_alone_gives_no_invoices(site: Site) -> None:
    for path in ("/invoices", "/invoices/5", "/invoices/5/evidence.zip", "/api/v1/invoices", "/api/v1/invoices/5"):
        assert site.client("boss").get(path).status_code == 403, path


def test_one_invoice_with_its_life(site: Site) -> None:
    answer = site.client("anna").get("/invoices/5")
    assert answer.status_code == 200
    assert "FA-005" in answer.text
    assert "Mairie d&#39;Évry" in answer.text
    same = json_of(site.client("anna").get("/api/v1/invoices/cpro:1005"))
    assert (same["id"], same["chorus_id"], same["status"]) == (5, 1005, "DEPOSEE")


@pytest.mark.parametrize("path", ["/invoices/4", "/invoices/999", "/invoices/cpro:1004", "/invoices/4/evidence.zip"])
def test_what_is_not_theirs_is_as_if_it_were_not_there(site: Site, path: str) -> None:
    answers = [site.client("bob").get(path), site.client("bob").get("/invoices/nothing")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert json_of(site.client("bob").get(f"/api/v1{path}")) == json_of(site.client("bob").get("/api/v1/invoices/x"))


def test_the_pack_of_evidence_is_a_download(site: Site) -> None:
    for path in ("/invoices/5/evidence.zip", "/api/v1/invoices/5/evidence.zip"):
        answer = site.client("anna").get(path)
        assert answer.headers["content-disposition"] == 'attachment; filename="preuve-5.zip"'
        assert "invoice.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_comments_with_markup_are_shown_as_text(site: Site) -> None:
    with site.services.store.database.write() as connection:
        seed(
            connection, 6, state=State.TO_PROCESS, status="SUSPENDUE", invoice_number="<b>6</b>", recipient_name="<i>x"
        )
    for path in ("/invoices", "/invoices/6"):
        text = site.client("anna").get(path).text
        assert "<b>6</b>" not in text
        assert "&lt;b&gt;6&lt;/b&gt;" in text
        assert "<i>x" not in text
