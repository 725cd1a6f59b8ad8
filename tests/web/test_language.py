"""In which language a page is: the switch, the configuration, Airflow's choice, the browser's, French."""

from __future__ import annotations

import pytest

from tests.web.conftest import Site


@pytest.mark.parametrize(
    ("cookies", "accepted", "expected"),
    [
        ({}, "", "fr"),
        ({}, "de, en;q=0.5, fr;q=0.4", "en"),
        ({}, "en;q=0.1, fr-FR;q=0.9", "fr"),
        ({}, "en;q=x", "fr"),
        ({"chorus_airflow_lang": "en"}, "fr", "en"),
        ({"chorus_airflow_lang": "de"}, "en", "en"),
        ({"chorus_airflow_lang": "en", "chorus_lang": "fr"}, "en", "fr"),
    ],
)
def test_who_decides(site: Site, cookies: dict[str, str], accepted: str, expected: str) -> None:
    client = site.client("nobody", **{"accept-language": accepted})
    client.cookies.update(cookies)
    assert f'<html lang="{expected}">' in client.get("/documents").text


def test_the_switch_is_remembered_and_leads_back_to_the_page(site: Site) -> None:
    client = site.client("anna")
    answer = client.get("/language/en?page=/documents%3Ftab%3Dall")
    assert answer.headers["location"] == "/chorus/documents?tab=all"
    assert "chorus_lang=en; " in answer.headers["set-cookie"] + "; "
    assert "Path=/chorus" in answer.headers["set-cookie"]


@pytest.mark.parametrize("page", ["https://elsewhere.test/", "//elsewhere.test/", "/\\elsewhere.test", "x"])
def test_the_switch_leads_to_none_but_our_own_pages(site: Site, page: str) -> None:
    assert site.client("anna").get("/language/en", params={"page": page}).headers["location"] == "/chorus/"
